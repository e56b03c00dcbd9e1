"""What others import from the room; `__init__.py` imports it when it is first used."""

# one run
from .backtests import backtest as backtest

# many runs
from .card_call import card as card
from .certify_call import certify as certify

# two runs
from .diff_call import diff as diff

# what led to something in a result
from .explain_call import explain as explain

# what a database holds
from .kept_results import StoredResults as StoredResults
from .kept_studies import StoredStudies as StoredStudies
from .kept_studies import studies as studies
from .monte_carlo_call import monte_carlo as monte_carlo
from .search_call import search as search
from .stress_call import stress as stress
from .sweep_call import sweep as sweep
from .walk_call import walk_forward as walk_forward
from .what_if_call import each_decision as each_decision
from .what_if_call import what_if as what_if
from .workspace import Workspace as Workspace
from .workspace import load as load
from .workspace import open as open
from .workspace import results as results
