"""What a curve of equity amounts to by itself, wherever it comes from: the figures of a run that need nothing else."""

from __future__ import annotations

import numpy as np

from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS
from .reasons import is_short
from .statistics import (
    DAYS_PER_YEAR,
    Drawdowns,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    sharpe_error,
    sharpe_ratio,
    sortino_ratio,
)


def curve_figures(times_ms: TimeColumn, equity: FloatColumn) -> dict[str, float | None]:
    """Return figures of a curve, by the names that a result has for them and as it has them: money in USD, the rest in
    percent or as ratios, None where they do not exist.

    `times_ms` (epoch ms) increase and hold each 00:00 UTC between the first and the last; `equity` is that at each.
    """
    falls, first, last = Drawdowns(), float(equity[0]), float(equity[-1])
    falls.add(np.arange(len(equity)), equity)
    start, end = int(times_ms[0]), int(times_ms[-1])
    returns = daily_returns(_daily_marks(times_ms, equity))
    is_ruined = bool((equity <= 0.0).any())
    growth = None if is_short(start, end) else growth_a_year(first, 0.0 if is_ruined else last, end - start)
    volatility = annual_volatility(returns)
    return {
        "initial_balance": first,
        "final_equity": last,
        "total_pnl": last - first,
        "total_pnl_percent": 100.0 * (last - first) / first,
        "annual_return_percent": None if growth is None else 100.0 * growth,
        "annual_volatility_percent": None if volatility is None else 100.0 * volatility,
        "max_drawdown": falls.usd,
        "max_drawdown_percent": falls.percent,
        "sharpe_ratio": sharpe_ratio(returns),
        "sharpe_error": sharpe_error(returns),
        "sortino_ratio": sortino_ratio(returns),
        "calmar_ratio": calmar_ratio(growth, falls.percent),
    }


def growth_a_year(first: float, last: float, length_ms: int) -> float | None:
    """Return what equity grew by in a time, compounded to a year, a fraction, however short the time is: -1 after ruin,
    None for no time and for growth beyond what a float can hold.
    """
    return annual_return(first, last, length_ms / (DAYS_PER_YEAR * DAY_MS))


def _daily_marks(times_ms: TimeColumn, equity: FloatColumn) -> FloatColumn:
    """Return the equity at the first instant, at each 00:00 UTC and at the last, up to the first without any."""
    is_mark = times_ms % DAY_MS == 0
    is_mark[[0, -1]] = True
    ruined = np.flatnonzero(equity <= 0.0)
    if len(ruined):
        is_mark[ruined[0]], is_mark[ruined[0] + 1 :] = True, False
    marks: FloatColumn = equity[is_mark]
    return marks
