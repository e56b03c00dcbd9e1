"""Results: stored, read back, compared, written to files, shown."""

from .equity_picture import draw_equity
from .figure_texts import period_text, unit_text
from .funnel import trigger_funnel
from .result_files import write_equity_csv, write_result_json, write_trades_csv
from .result_store import FIGURE_COLUMNS, PATIENCE_S, ResultStore, RunStatus, StoredRun
from .result_table import print_breakdown, print_figures, print_result, result_console
from .stored_results import (
    LISTED,
    Comparison,
    StoredResult,
    compare_results,
    list_results,
    read_result,
    require_results,
)
from .trigger_filter import ALL_TRIGGERS, TriggerFilter, is_eventful

# stored, and read back
__all__ = ["FIGURE_COLUMNS", "LISTED", "PATIENCE_S", "Comparison", "ResultStore", "RunStatus", "StoredResult"]
__all__ += ["StoredRun", "compare_results", "list_results", "read_result", "require_results", "trigger_funnel"]
# which triggers of them
__all__ += ["ALL_TRIGGERS", "TriggerFilter", "is_eventful"]
# shown, and written to files
__all__ += ["draw_equity", "period_text", "print_breakdown", "print_figures", "print_result"]
__all__ += ["result_console", "unit_text"]
__all__ += ["write_equity_csv", "write_result_json", "write_trades_csv"]
