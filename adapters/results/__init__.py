"""Results: stored, read back, compared, written to files, shown."""

from .equity_picture import draw_equity
from .result_files import write_equity_csv, write_result_json, write_trades_csv
from .result_store import ResultStore, StoredRun
from .result_table import print_result, result_console
from .stored_results import Comparison, StoredResult, compare_results, list_results, read_result

__all__ = [
    # equity picture
    "draw_equity",
    # result files
    "write_equity_csv",
    "write_result_json",
    "write_trades_csv",
    # result store
    "ResultStore",
    "StoredRun",
    # result table
    "print_result",
    "result_console",
    # stored results
    "Comparison",
    "StoredResult",
    "compare_results",
    "list_results",
    "read_result",
]
