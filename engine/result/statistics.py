"""What an equity curve and a list of closed trades amount to.

Pure functions of numpy columns. Ratios are None, never 0 or infinity, where they do not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log, sqrt

import numpy as np

from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS

#: Crypto markets trade every day: this many daily returns make a year.
DAYS_PER_YEAR = 365.0

#: A return is a quotient less 1, good to a few 1e-16: a deviation below this is rounding, not risk.
ROUNDING = 1e-12

#: exp() of more than this is no longer a float.
LARGEST_EXPONENT = 700.0


def daily_returns(timestamps_ms: TimeColumn, equity: FloatColumn) -> FloatColumn:
    """Return the returns (fractions) between the first point, every 00:00 UTC inside the curve, and the last point.

    The part-days at start and end count as returns. A mark at midnight is the newest point not later than it, so
    the result does not depend on how densely the curve (strictly increasing `timestamps_ms`) is sampled in between.
    The return into the first mark of 0 or below is the last: after ruin there is nothing to earn a return on.
    """
    if len(equity) < 2:
        return np.empty(0)
    first, last = int(timestamps_ms[0]), int(timestamps_ms[-1])
    midnights = np.arange(first // DAY_MS + 1, (last - 1) // DAY_MS + 1) * DAY_MS
    rows = np.searchsorted(timestamps_ms, midnights, side="right") - 1
    marks = equity[np.concatenate(([0], rows, [len(equity) - 1]))]
    ruined = np.flatnonzero(marks <= 0.0)
    count = int(ruined[0]) if len(ruined) else len(marks) - 1
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


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The largest fall from a running peak of equity, in USD and in percent of the peak: two separate maxima.

    Both are positive. With each come the rows of the last point at its peak and of its trough; None without a fall.
    """

    usd: float = 0.0
    usd_peak: int | None = None
    usd_trough: int | None = None
    percent: float = 0.0
    percent_peak: int | None = None
    percent_trough: int | None = None


def max_drawdown(equity: FloatColumn) -> Drawdown:
    """Return the largest drawdowns of an equity curve; nothing is lost in percent of a peak that is not positive."""
    if not len(equity):
        return Drawdown()
    peak = np.maximum.accumulate(equity)
    usd = peak - equity
    percent = np.divide(100.0 * usd, peak, out=np.zeros(len(equity)), where=peak > 0.0)
    usd_peak, usd_trough = _peak_and_trough(equity, usd)
    percent_peak, percent_trough = _peak_and_trough(equity, percent)
    return Drawdown(float(usd.max()), usd_peak, usd_trough, float(percent.max()), percent_peak, percent_trough)


def _peak_and_trough(equity: FloatColumn, below: FloatColumn) -> tuple[int | None, int | None]:
    trough = int(below.argmax())
    if below[trough] <= 0.0:
        return None, None
    return trough - int(equity[trough::-1].argmax()), trough


@dataclass(frozen=True, slots=True)
class TradeStatistics:
    """What the closed trades earned, net, in USD, under the names of the figures; 0 where there is no such trade.

    `win_rate` is in percent of all trades; `gross_loss`, `avg_loss` and `largest_loss` are negative; `profit_factor`
    is gross profit over gross loss, None without a loss.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    win_rate: float
    profit_factor: float | None
    gross_profit: float
    gross_loss: float
    avg_win: float
    avg_loss: float
    largest_win: float
    largest_loss: float


def trade_statistics(net_pnl: Sequence[float] | FloatColumn) -> TradeStatistics:
    """Return the statistics of trades with these net results in USD; one of exactly 0 neither wins nor loses."""
    pnl = np.asarray(net_pnl, np.float64)
    wins, losses = pnl[pnl > 0.0], pnl[pnl < 0.0]
    gross_profit, gross_loss = float(wins.sum()), float(losses.sum())
    return TradeStatistics(
        total_trades=len(pnl),
        winning_trades=len(wins),
        losing_trades=len(losses),
        win_rate=100.0 * len(wins) / len(pnl) if len(pnl) else 0.0,
        profit_factor=gross_profit / -gross_loss if len(losses) else None,
        gross_profit=gross_profit,
        gross_loss=gross_loss,
        avg_win=gross_profit / len(wins) if len(wins) else 0.0,
        avg_loss=gross_loss / len(losses) if len(losses) else 0.0,
        largest_win=float(wins.max(initial=0.0)),
        largest_loss=float(losses.min(initial=0.0)),
    )
