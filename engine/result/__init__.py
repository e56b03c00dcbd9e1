"""From a finished run to its result: the curve, the figures and what each of them means, the trigger log."""

from .equity_curve import EquityCurve, sample_extremes
from .figures import Column, Figure, Group, Place, Unit, figures_table
from .result import FIGURES, BacktestResult
from .run_facts import RunFacts
from .summary import NO_DECISION, summarize
from .trigger_record import TriggerRecord

# the result, and what a run leaves for it
__all__ = ["NO_DECISION", "BacktestResult", "RunFacts", "TriggerRecord", "summarize"]
# what its figures mean
__all__ += ["FIGURES", "Column", "Figure", "Group", "Place", "Unit", "figures_table"]
# the curve
__all__ += ["EquityCurve", "sample_extremes"]
