"""From a finished run to its result: the curve, the figures and what each of them means, the trigger log."""

from .closed_trades import PARTS, parts_by, trade_statistics
from .equity_curve import CurvePart, EquityCurve, Falls, sample_extremes
from .figures import Column, Figure, Group, Place, Unit, is_less_better
from .minute_grid import MinuteGrid
from .plain_curve import YearReturns, curve_figures, growth_a_year, month_returns
from .pnl_range import RANGE_FIGURES, PnlRange
from .program_series import OwnSeries, own_series
from .reasons import FEWEST_DAYS_OF_A_YEAR, REASONS, is_short, remarks
from .result import FIGURES, IDENTITY, BacktestResult
from .result_text import program_name
from .statistics import daily_returns
from .summary import summarize

# the result
__all__ = ["IDENTITY", "BacktestResult", "program_name", "summarize"]
# what rules for ambiguous klines make of it
__all__ += ["RANGE_FIGURES", "PnlRange"]
# the program's own series
__all__ += ["OwnSeries", "own_series"]
# what its figures mean
__all__ += ["FEWEST_DAYS_OF_A_YEAR", "FIGURES", "REASONS", "is_less_better", "is_short", "remarks"]
__all__ += ["Column", "Figure", "Group", "Place", "Unit"]
# its trades part by part
__all__ += ["PARTS", "parts_by", "trade_statistics"]
# the curve
__all__ += ["CurvePart", "EquityCurve", "Falls", "MinuteGrid", "sample_extremes"]
__all__ += ["curve_figures", "daily_returns", "growth_a_year", "YearReturns", "month_returns"]
