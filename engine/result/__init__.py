"""From a finished run to its result: the curve, the figures, the trigger log."""

from .equity_curve import EquityCurve, sample_extremes
from .result import BacktestResult
from .summary import RunFacts, summarize
from .trigger_record import TriggerRecord

__all__ = [
    # equity curve
    "EquityCurve",
    "sample_extremes",
    # result
    "BacktestResult",
    # summary
    "RunFacts",
    "summarize",
    # trigger record
    "TriggerRecord",
]
