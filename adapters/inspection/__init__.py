"""What is in stored data, and what a program would have seen of it."""

from .inspection_tables import features_table, inspection_table
from .kline_inspection import Gap, Inspection, Outlier, Stretch, inspect_marks, inspect_series, inspect_stored
from .moment import look, look_tables

__all__ = ["Gap", "Inspection", "Outlier", "Stretch", "inspect_marks", "inspect_series", "inspect_stored"]
__all__ += ["features_table", "inspection_table", "look", "look_tables"]
