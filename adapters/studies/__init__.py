"""Studies: what varies, what trials are judged by, and what they came to side by side."""

from .metric import Metric, figure_value, parse_metric, require_number, why_undefined
from .study import Study, StudyTrial
from .study_parameters import MOST_VALUES, Parameter, combinations, parse_parameter

# what varies
__all__ = ["MOST_VALUES", "Parameter", "combinations", "parse_parameter"]
# what it came to
__all__ += ["Metric", "Study", "StudyTrial", "figure_value", "parse_metric", "require_number", "why_undefined"]
