"""Studies: what varies, what trials are judged by, and what they came to side by side."""

from .metric import Metric, parse_metric
from .study import Study, StudyTrial
from .study_parameters import Parameter, combinations, parse_parameter

# what varies
__all__ = ["Parameter", "combinations", "parse_parameter"]
# what it came to
__all__ += ["Metric", "Study", "StudyTrial", "parse_metric"]
