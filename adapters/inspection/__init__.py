"""What is in stored data, and what a program would have seen of it."""

from .data_series import DATA_KINDS, DataHole, DataHoles, DataSeries, holes_of, stored_data
from .inspection_tables import inspection_table, rows_table
from .kline_inspection import Gap, Inspection, Outlier, Stretch, inspect_marks, inspect_series, inspect_stored
from .moment import look, look_tables
from .row_inspection import RowHole, RowInspection, inspect_times, row_inspections
from .stored_range import config_of_range

# klines
__all__ = ["Gap", "Inspection", "Outlier", "Stretch", "inspect_marks", "inspect_series", "inspect_stored"]
# rows of other tables
__all__ += ["RowHole", "RowInspection", "inspect_times", "row_inspections"]
# what there is of all kinds
__all__ += ["DATA_KINDS", "DataHole", "DataHoles", "DataSeries", "holes_of", "stored_data"]
# shown, and what a program would have seen
__all__ += ["inspection_table", "look", "look_tables", "rows_table"]
# looking without a run
__all__ += ["config_of_range"]
