"""Files as tables, one step after the other: bytes, text, columns, fields, times, order; what a user says of them."""

from .bad_rows import without_bad_rows
from .column_layout import OTHER, PERIODS, SERIES, Layout
from .file_times import FileTimes
from .read_options import DECIMALS, KEEPS, ReadOptions
from .row_order import timed_rows
from .table_file import ImportedFile, TableFile, read_table
from .table_source import listed

# what is read, and how
__all__ = ["DECIMALS", "KEEPS", "OTHER", "PERIODS", "SERIES", "ImportedFile", "Layout"]
__all__ += ["ReadOptions", "TableFile", "listed", "read_table"]
# the rows in order of time, and without the bad ones
__all__ += ["FileTimes", "timed_rows", "without_bad_rows"]
