"""What others import from the room; `__init__.py` imports it when it is first used."""

from .backtests import backtest as backtest
from .kept_results import StoredResults as StoredResults
from .kept_studies import StoredStudies as StoredStudies
from .kept_studies import studies as studies
from .monte_carlo_call import monte_carlo as monte_carlo
from .sweeps import sweep as sweep
from .workspace import Workspace as Workspace
from .workspace import load as load
from .workspace import open as open
from .workspace import results as results
