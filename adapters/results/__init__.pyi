"""What others import from the room; `__init__.py` imports it when it is first used."""

# shown
from .equity_picture import draw_equity as draw_equity
from .figure_texts import period_text as period_text
from .figure_texts import unit_text as unit_text
from .funnel import trigger_funnel as trigger_funnel

# given back as the object that was stored
from .restoring import restored_result as restored_result

# written to files
from .result_files import write_equity_csv as write_equity_csv
from .result_files import write_records_csv as write_records_csv
from .result_files import write_result_json as write_result_json
from .result_files import write_trades_csv as write_trades_csv

# stored
from .result_store import FIGURE_COLUMNS as FIGURE_COLUMNS
from .result_store import PATIENCE_S as PATIENCE_S
from .result_store import ResultStore as ResultStore
from .result_store import RunStatus as RunStatus
from .result_store import StoredRun as StoredRun

# shown in tables
from .result_table import print_breakdown as print_breakdown
from .result_table import print_figures as print_figures
from .result_table import print_result as print_result
from .result_table import result_console as result_console

# read back
from .stored_results import LISTED as LISTED
from .stored_results import Comparison as Comparison
from .stored_results import StoredResult as StoredResult
from .stored_results import UnknownResult as UnknownResult
from .stored_results import compare_results as compare_results
from .stored_results import list_results as list_results
from .stored_results import read_result as read_result
from .stored_results import require_results as require_results

# which triggers of them
from .trigger_filter import ALL_TRIGGERS as ALL_TRIGGERS
from .trigger_filter import TriggerFilter as TriggerFilter
from .trigger_filter import is_eventful as is_eventful
