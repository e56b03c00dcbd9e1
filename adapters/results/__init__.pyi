"""What others import from the room; `__init__.py` imports it when it is first used."""

# pictures, texts, funnel
from .comparison_text import code_diff as code_diff
from .comparison_text import config_diff as config_diff
from .comparison_text import settings_diff as settings_diff
from .comparison_text import text_diff as text_diff
from .equity_picture import draw_equity as draw_equity
from .figure_explained import explained as explained
from .figure_explained import figure_list as figure_list
from .figure_texts import came_to_text as came_to_text
from .figure_texts import figure_text as figure_text
from .figure_texts import minute_text as minute_text
from .figure_texts import period_text as period_text
from .figure_texts import unit_text as unit_text
from .funnel import trigger_funnel as trigger_funnel

# their journals
from .kept_journals import stored_journal as stored_journal

# whether they can be stored
from .needed_tables import add_tables as add_tables
from .needed_tables import index_results as index_results
from .needed_tables import require_storable as require_storable

# stored rows, changed
from .platform_rows import FIGURE_COLUMNS as FIGURE_COLUMNS
from .platform_rows import is_of_platform as is_of_platform
from .platform_rows import is_stored as is_stored
from .platform_rows import platform_programs as platform_programs

# given back as the object that was stored
from .restoring import StoredCurve as StoredCurve
from .restoring import StoredLog as StoredLog
from .restoring import restored_result as restored_result
from .result_changes import HIDDEN_MS as HIDDEN_MS
from .result_changes import LONGEST_LABEL as LONGEST_LABEL
from .result_changes import NoSuchResult as NoSuchResult
from .result_changes import NotDeletable as NotDeletable
from .result_changes import bring_back as bring_back
from .result_changes import checked_label as checked_label
from .result_changes import delete_results as delete_results
from .result_changes import hide_results as hide_results
from .result_changes import kept_results as kept_results
from .result_changes import remove_hidden as remove_hidden
from .result_changes import rename_result as rename_result
from .result_changes import write_label as write_label

# written to files
from .result_files import write_equity_csv as write_equity_csv
from .result_files import write_journal as write_journal
from .result_files import write_json_entry as write_json_entry
from .result_files import write_records_csv as write_records_csv
from .result_files import write_result_json as write_result_json
from .result_files import write_trades_csv as write_trades_csv
from .result_list import LISTED as LISTED
from .result_list import SORTS as SORTS

# listed
from .result_list import FigureTest as FigureTest
from .result_list import PnlSign as PnlSign
from .result_list import ResultFilter as ResultFilter
from .result_list import figure_condition as figure_condition
from .result_list import figure_test as figure_test
from .result_list import list_results as list_results

# stored
from .result_store import CANCELLED as CANCELLED
from .result_store import INTERRUPTED as INTERRUPTED
from .result_store import LOST as LOST
from .result_store import MOST_RECORDED as MOST_RECORDED
from .result_store import PATIENCE_S as PATIENCE_S
from .result_store import SERVER_GONE as SERVER_GONE
from .result_store import ResultStore as ResultStore
from .result_store import RunStatus as RunStatus
from .result_store import StoredRun as StoredRun

# shown in tables
from .result_table import print_breakdown as print_breakdown
from .result_table import print_figures as print_figures
from .result_table import print_result as print_result
from .result_table import result_console as result_console

# who runs it
from .run_owner import Runner as Runner

# read back: as files, as figures, by trigger
from .stored_files import export_equity as export_equity
from .stored_files import export_json as export_json
from .stored_files import export_records as export_records
from .stored_files import export_trades as export_trades
from .stored_files import stored_trades as stored_trades
from .stored_results import Comparison as Comparison
from .stored_results import StoredResult as StoredResult
from .stored_results import UnknownResult as UnknownResult
from .stored_results import compare_results as compare_results
from .stored_results import newest_result as newest_result
from .stored_results import read_result as read_result
from .stored_results import require_results as require_results
from .stored_triggers import read_trigger as read_trigger
from .stored_triggers import read_triggers as read_triggers
from .stored_triggers import trigger_answer as trigger_answer
from .stored_triggers import trigger_details as trigger_details

# which triggers of them, and when
from .trigger_filter import TriggerFilter as TriggerFilter
from .trigger_filter import is_eventful as is_eventful
from .trigger_log_rows import ALL_TRIGGERS as ALL_TRIGGERS
from .trigger_log_rows import epoch_ms as epoch_ms

# as rows
from .trigger_log_rows import row_of as row_of
from .trigger_log_rows import utc_time as utc_time
from .trigger_text import trigger_lines as trigger_lines
