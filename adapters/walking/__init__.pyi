"""What others import from the room; `__init__.py` imports it when it is first used."""

# how the windows lie
from .joined_equity import Account as Account
from .joined_equity import JoinedEquity as JoinedEquity

# what is stored of it
from .stored_walk import joined_days as joined_days
from .stored_walk import stored_windows as stored_windows
from .stored_walk import walk_figures as walk_figures

# what came of it
from .walk_files import write_walk_json as write_walk_json
from .walk_files import write_windows_csv as write_windows_csv
from .walk_result import WalkForward as WalkForward

# how it is run
from .walk_runs import OnTrial as OnTrial
from .walk_runs import new_study as new_study
from .walk_runs import run_walk as run_walk
from .walk_table import print_walk as print_walk
from .walk_text import reasons_text as reasons_text
from .walk_text import stability_lines as stability_lines
from .walk_text import summary as summary
from .walk_text import window_rows as window_rows
from .walk_trials import Walk as Walk
from .walk_trials import planned_walk as planned_walk
from .walked_window import Stability as Stability
from .walked_window import WalkedWindow as WalkedWindow
from .window_plan import WalkScheme as WalkScheme
from .window_plan import Window as Window
from .window_plan import WindowPlan as WindowPlan
from .window_plan import plan_windows as plan_windows
