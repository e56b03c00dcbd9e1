"""Results: stored, read back, compared, written to files, shown."""

from .equity_picture import draw_equity
from .figure_texts import period_text, unit_text
from .funnel import trigger_funnel
from .result_files import write_equity_csv, write_result_json, write_trades_csv
from .result_store import FIGURE_COLUMNS, ResultStore, StoredRun
from .result_table import print_breakdown, print_figures, print_result, result_console
from .run_status import RunStatus
from .stored_results import LISTED, Comparison, StoredResult, compare_results, list_results, read_result
from .trigger_filter import TriggerFilter

# equity picture
__all__ = ["draw_equity"]
# figure text
__all__ += ["period_text", "unit_text"]
# funnel
__all__ += ["trigger_funnel"]
# result files
__all__ += ["write_equity_csv", "write_result_json", "write_trades_csv"]
# result store
__all__ += ["FIGURE_COLUMNS", "ResultStore", "StoredRun"]
# result table
__all__ += ["print_breakdown", "print_figures", "print_result", "result_console"]
# run status
__all__ += ["RunStatus"]
# stored results
__all__ += ["LISTED", "Comparison", "StoredResult", "compare_results", "list_results", "read_result"]
# trigger filter
__all__ += ["TriggerFilter"]
