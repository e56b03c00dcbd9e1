"""What an equity curve and a list of closed trades amount to.

Pure functions of numpy columns. Ratios are None, never 0 or infinity, where they do not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, log, sqrt
from typing import Any

import numpy as np

from ..market.series import FloatColumn

#: Crypto markets trade every day: this many daily returns make a year.
DAYS_PER_YEAR = 365.0

#: A return is a quotient less 1, good to a few 1e-16: a deviation below this is rounding, not risk.
ROUNDING = 1e-12

#: exp() of more than this is no longer a float.
LARGEST_EXPONENT = 700.0


def daily_returns(marks: FloatColumn) -> FloatColumn:
    """Return the returns (fractions) between marks of equity, day by day; part-days at start and end count as days.

    The return into the first mark of 0 or below is the last: after ruin there is nothing to earn a return on.
    """
    ruined = np.flatnonzero(marks <= 0.0)
    count = int(ruined[0]) if len(ruined) else max(len(marks) - 1, 0)
    returns: FloatColumn = marks[1 : count + 1] / marks[:count] - 1.0
    return returns


def sharpe_ratio(returns: FloatColumn, periods_per_year: float = DAYS_PER_YEAR) -> float | None:
    """Return the annualised mean over the sample standard deviation (ddof 1) of `returns`, risk-free rate 0.

    None with fewer than two returns, or when all of them are equal (Sharpe 1994).
    """
    if len(returns) < 2:
        return None
    return _annualised(float(returns.mean()), float(returns.std(ddof=1)), returns, periods_per_year)


def sortino_ratio(returns: FloatColumn, periods_per_year: float = DAYS_PER_YEAR) -> float | None:
    """Return the annualised mean over the downside deviation sqrt(mean(min(r, 0)^2)), taken over all returns.

    None with fewer than two returns, or without a negative one (Sortino and Price 1994, target 0).
    """
    if len(returns) < 2:
        return None
    downside = sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2)))
    return _annualised(float(returns.mean()), downside, returns, periods_per_year)


def _annualised(mean: float, deviation: float, returns: FloatColumn, periods_per_year: float) -> float | None:
    size = max(1.0, float(np.abs(returns).max()))
    return None if deviation <= ROUNDING * size else mean / deviation * sqrt(periods_per_year)


def annual_volatility(returns: FloatColumn, periods_per_year: float = DAYS_PER_YEAR) -> float | None:
    """Return the annualised sample standard deviation of `returns`, a fraction; None with fewer than two."""
    return float(returns.std(ddof=1)) * sqrt(periods_per_year) if len(returns) >= 2 else None


def annual_return(first: float, last: float, years: float) -> float | None:
    """Return the compound growth a year from equity `first` to `last`, a fraction (0.1 is 10 % a year); -1 after ruin.

    None without any time between them, from a start at 0 or below, and for growth beyond what a float can hold (a few
    minutes of profit, compounded over a year).
    """
    if years <= 0.0 or first <= 0.0:
        return None
    if last <= 0.0:
        return -1.0
    exponent = log(last / first) / years
    return expm1(exponent) if exponent < LARGEST_EXPONENT else None


def calmar_ratio(annual_return: float | None, max_drawdown_percent: float) -> float | None:
    """Return the annual return (a fraction) over the largest drawdown (in percent) (Young 1991).

    None without an annual return or without a drawdown.
    """
    fall = max_drawdown_percent / 100.0
    return None if annual_return is None or fall <= ROUNDING else annual_return / fall


def max_drawdown(equity: FloatColumn) -> tuple[float, float]:
    """Return the largest fall from a running peak of equity, in USD and in percent of the peak: two separate maxima,
    both positive. Nothing is lost in percent of a peak that is not positive.
    """
    peak = np.maximum.accumulate(equity)
    usd = peak - equity
    percent = np.divide(100.0 * usd, peak, out=np.zeros(len(equity)), where=peak > 0.0)
    return float(usd.max(initial=0.0)), float(percent.max(initial=0.0))


def trade_statistics(net_pnl: Sequence[float] | FloatColumn) -> dict[str, Any]:
    """Return what closed trades with these net results in USD amount to, under the names of the figures; 0 where there
    is no such trade. One of exactly 0 neither wins nor loses.

    `win_rate` is in percent of all trades; `avg_loss` and `largest_loss` are negative; `profit_factor` is gross profit
    over gross loss, None without a loss.
    """
    pnl = np.asarray(net_pnl, np.float64)
    wins, losses = pnl[pnl > 0.0], pnl[pnl < 0.0]
    gross_profit, gross_loss = float(wins.sum()), float(losses.sum())
    return {
        "total_trades": len(pnl),
        "winning_trades": len(wins),
        "losing_trades": len(losses),
        "win_rate": 100.0 * len(wins) / len(pnl) if len(pnl) else 0.0,
        "profit_factor": gross_profit / -gross_loss if len(losses) else None,
        "avg_win": gross_profit / len(wins) if len(wins) else 0.0,
        "avg_loss": gross_loss / len(losses) if len(losses) else 0.0,
        "largest_win": float(wins.max(initial=0.0)),
        "largest_loss": float(losses.min(initial=0.0)),
    }
