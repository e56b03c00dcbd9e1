"""Studies: what varies, what trials are judged by, and what they came to side by side."""

from .known_names import quoted_names, require_known
from .metric import Metric, figure_value, parse_metric, require_number, why_undefined
from .study import Study, StudyTrial
from .study_parameters import MOST_VALUES, Parameter, combinations, parse_parameter
from .study_trials import grid_trials, trial_of, varied_grounds

# what varies
__all__ = ["MOST_VALUES", "Parameter", "combinations", "parse_parameter", "quoted_names", "require_known"]
# trials of it
__all__ += ["grid_trials", "trial_of", "varied_grounds"]
# what it came to
__all__ += ["Metric", "Study", "StudyTrial", "figure_value", "parse_metric", "require_number", "why_undefined"]
