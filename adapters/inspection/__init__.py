"""What is in stored data, and what a program would have seen of it."""

from .inspection_tables import inspection_table
from .kline_inspection import Gap, Inspection, Outlier, inspect_series, inspect_stored
from .moment import look
from .moment_tables import look_tables

__all__ = [
    # inspection tables
    "inspection_table",
    # kline inspection
    "Gap",
    "Inspection",
    "Outlier",
    "inspect_series",
    "inspect_stored",
    # moment
    "look",
    # moment tables
    "look_tables",
]
