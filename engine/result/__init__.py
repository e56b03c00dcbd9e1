"""From a finished run to its result: the curve, the figures and what each of them means, the trigger log."""

from .equity_curve import EquityCurve, sample_extremes
from .figures import Column, Figure, Group, Place, Unit, figures_table
from .result import FIGURES, BacktestResult
from .run_facts import RunFacts
from .summary import NO_DECISION, summarize
from .trigger_record import TriggerRecord

__all__ = [
    # equity curve
    "EquityCurve",
    "sample_extremes",
    # figures
    "FIGURES",
    "Column",
    "Figure",
    "Group",
    "Place",
    "Unit",
    "figures_table",
    # result
    "BacktestResult",
    # summary
    "NO_DECISION",
    "RunFacts",
    "summarize",
    # trigger record
    "TriggerRecord",
]
