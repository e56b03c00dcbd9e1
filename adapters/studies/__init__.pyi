"""What others import from the room; `__init__.py` imports it when it is first used."""

# whether what varies is there
from .known_names import quoted_names as quoted_names
from .known_names import require_known as require_known

# what trials are judged by
from .metric import Metric as Metric
from .metric import figure_value as figure_value
from .metric import parse_metric as parse_metric
from .metric import require_number as require_number
from .metric import why_undefined as why_undefined

# as pictures
from .pictured_study import described_study as described_study
from .pictured_study import pictured_table as pictured_table
from .pictured_study import pictured_value as pictured_value

# run again
from .rerunning import note_trial_result as note_trial_result
from .rerunning import rerunner as rerunner
from .rerunning import results_of_trials as results_of_trials
from .rerunning import trial_of_result as trial_of_result

# whether the best is more than luck
from .selected_best import counted_trials as counted_trials
from .selected_best import quick_selection as quick_selection
from .selected_best import returns_beside as returns_beside
from .selected_best import sharpe_ratios as sharpe_ratios
from .selected_best import study_selection as study_selection
from .selection_text import selection_lines as selection_lines
from .selection_text import selection_rows as selection_rows
from .selection_text import verdict_text as verdict_text

# stored, read back
from .stored_studies import TRIAL_COLUMNS as TRIAL_COLUMNS
from .stored_studies import UnknownStudy as UnknownStudy
from .stored_studies import count_studies as count_studies
from .stored_studies import delete_studies as delete_studies
from .stored_studies import failures as failures
from .stored_studies import list_studies as list_studies
from .stored_studies import list_trials as list_trials
from .stored_studies import read_head as read_head
from .stored_studies import read_study as read_study
from .stored_studies import read_trials as read_trials
from .stored_studies import rename_study as rename_study
from .stored_studies import trial_values as trial_values

# begun, running
from .studies_begun import begun_study as begun_study
from .studies_begun import running as running

# many runs side by side
from .study import Study as Study
from .study import StudyTrial as StudyTrial

# two of them
from .study_comparison import StudyComparison as StudyComparison
from .study_comparison import cell_text as cell_text
from .study_comparison import compared_studies as compared_studies

# in files
from .study_files import write_equity_frame as write_equity_frame
from .study_files import write_study_json as write_study_json
from .study_files import write_trials_csv as write_trials_csv

# what varies
from .study_parameters import MOST_VALUES as MOST_VALUES
from .study_parameters import Parameter as Parameter
from .study_parameters import combinations as combinations
from .study_parameters import listed_parameter as listed_parameter
from .study_parameters import parse_parameter as parse_parameter

# what it is about, stored
from .study_plan import compared_config as compared_config
from .study_plan import require_kind as require_kind
from .study_plan import stored_parameters as stored_parameters
from .study_remarks import remarks_on as remarks_on
from .study_store import StillRun as StillRun
from .study_store import StudyKeeper as StudyKeeper
from .study_store import StudyStore as StudyStore
from .study_store import kept as kept

# shown
from .study_table import best_table as best_table
from .study_text import TOLD as TOLD
from .study_text import done_text as done_text
from .study_text import figure_cell as figure_cell
from .study_text import tests_text as tests_text
from .study_text import trials_text as trials_text
from .study_text import value_text as value_text
from .study_text import values_text as values_text
from .study_text import why_no_best as why_no_best

# trials of what varies
from .study_trials import grid_trials as grid_trials
from .study_trials import trial_of as trial_of
from .study_trials import varied_grounds as varied_grounds
from .sweeping import planned_trials as planned_trials
from .sweeping import sweep_grid as sweep_grid
