"""What is in stored data, and what a program would have seen of it."""

from .inspection_tables import inspection_table
from .kline_inspection import Gap, Inspection, Outlier, Stretch, inspect_series, inspect_stored
from .moment import look
from .moment_tables import look_tables

# inspection tables
__all__ = ["inspection_table"]
# kline inspection
__all__ += ["Gap", "Inspection", "Outlier", "Stretch", "inspect_series", "inspect_stored"]
# moment
__all__ += ["look"]
# moment tables
__all__ += ["look_tables"]
