"""What an equity curve and the returns read off it amount to.

Pure functions of numpy columns. Ratios are None, never 0 or infinity, where they do not exist.
"""

from __future__ import annotations

from math import expm1, inf, log, sqrt

import numpy as np

from ..market.series import FloatColumn
from .minute_grid import IntColumn

#: Crypto markets trade every day: this many daily returns make a year.
DAYS_PER_YEAR = 365.0

#: A return is a quotient less 1, good to a few 1e-16: a deviation below this is rounding, not risk.
ROUNDING = 1e-12

#: So many returns are needed for a skew, a kurtosis and what is made from them.
FEWEST_FOR_SHAPE = 4

#: So many returns are needed for a line through them that is not exact by itself.
FEWEST_FOR_LINE = 3

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


def omega_ratio(returns: FloatColumn) -> float | None:
    """Return the sum of the positive `returns` over that of the negative ones (Keating and Shadwick 2002, threshold 0).

    None with fewer than two returns, or without a negative one.
    """
    lost = -float(returns[returns < 0.0].sum())
    if len(returns) < 2 or lost <= ROUNDING:
        return None
    return float(returns[returns > 0.0].sum()) / lost


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


def shape(returns: FloatColumn) -> tuple[float, float] | None:
    """Return skewness m3 / m2^1.5 and excess kurtosis m4 / m2^2 - 3 of `returns`, with central moments m over n (not
    corrected for small samples; 0 and 0 for a normal distribution).

    None with fewer than four returns, or when all of them are equal.
    """
    if len(returns) < FEWEST_FOR_SHAPE:
        return None
    centred = returns - returns.mean()
    variance = float(np.mean(centred**2))
    if sqrt(variance) <= ROUNDING * max(1.0, float(np.abs(returns).max())):
        return None
    return float(np.mean(centred**3)) / variance**1.5, float(np.mean(centred**4)) / variance**2 - 3.0


def sharpe_error(returns: FloatColumn, periods_per_year: float = DAYS_PER_YEAR) -> float | None:
    """Return the standard error of the annualised Sharpe ratio: sqrt((1 - g SR + (k + 2) / 4 SR^2) / (n - 1)), with the
    ratio SR of one period, skewness g and excess kurtosis k, times sqrt(periods a year).

    The formula of Mertens (2002) and Opdyke (2007), with n - 1 as in Bailey and Lopez de Prado (2012); it asks for
    independent returns, not for normal ones: with g = k = 0 it is that of Lo (2002). None where a Sharpe ratio or a
    kurtosis does not exist.
    """
    ratio, moments = sharpe_ratio(returns, 1.0), shape(returns)
    if ratio is None or moments is None:
        return None
    skew, kurtosis = moments
    variance = (1.0 - skew * ratio + (kurtosis + 2.0) / 4.0 * ratio**2) / (len(returns) - 1)
    return sqrt(max(variance, 0.0) * periods_per_year)


def against(returns: FloatColumn, market: FloatColumn) -> tuple[float, float] | None:
    """Return alpha, a fraction a period, and beta of `returns` against those of a market in the same periods: the least
    squares line return = alpha + beta x market, risk-free rate 0 (Jensen 1968).

    None with fewer than three returns, or when the market did not move.
    """
    if len(returns) < FEWEST_FOR_LINE:
        return None
    moved = market - market.mean()
    if float(np.abs(moved).max()) <= ROUNDING * max(1.0, float(np.abs(market).max())):
        return None
    beta = float(moved @ returns) / float(moved @ moved)
    return float(returns.mean()) - beta * float(market.mean()), beta


class Drawdowns:
    """The falls of a curve below its running peak (Magdon-Ismail and Atiya 2004), which is taken in part after part.

    `usd` and `percent` (of the peak) are the largest fall: two separate maxima, both positive. Nothing is lost in
    percent of a peak that is not positive. `trough` is the row of the largest in percent (of the largest in USD where
    no peak is positive), and `recovered` the row at which the peak before it is reached again: None without a fall, or
    until then. `fell_from` is the last row at the peak before it. `below` is the first row of the stretch below a peak
    that goes on, None at a peak. `depths` are those of all stretches, in percent, but of the one that goes on, whose
    depth so far is `depth`. `highest` is the peak of all.
    """

    def __init__(self) -> None:
        self.usd = self.percent = 0.0
        self.trough = self.fell_from = 0
        self.recovered: int | None = None
        self.depths: list[FloatColumn] = []
        self.depth = 0.0
        self.below: int | None = None
        self._peak = -inf

    def add(self, rows: IntColumn, equity: FloatColumn) -> tuple[IntColumn, IntColumn]:
        """Take in the next rows, under any increasing numbers, and return of each stretch below a peak that ends in
        them its first row, and the row at which the peak is reached again.
        """
        peak = self._peaks(equity)
        usd = peak - equity
        is_below = np.concatenate(([self.below is not None], usd > 0.0))
        places = np.flatnonzero(is_below[1:] != is_below[:-1])
        self._note_depths(places, usd, peak)
        turns = rows[places]
        if self.below is not None:
            turns = np.concatenate(([self.below], turns))
        begun, again = turns[::2], turns[1::2]
        self.below = int(begun[-1]) if len(begun) > len(again) else None
        trough = self.trough
        self._deepen(rows, usd, peak)
        if self.trough != trough:
            self.fell_from = int(begun[begun.searchsorted(self.trough, "right") - 1]) - 1
        later = again[again > self.trough]
        if self.usd > 0.0 and self.recovered is None and len(later):
            self.recovered = int(later[0])
        return begun[: len(again)], again

    def _note_depths(self, turns: IntColumn, usd: FloatColumn, peak: FloatColumn) -> None:
        """Note how deep each stretch is that ends at one of the turns, and the one that goes on."""
        if not len(turns):  # mostly
            if self.below is not None and peak[0] > 0.0:
                self.depth = max(self.depth, 100.0 * float(usd.max(initial=0.0)) / float(peak[0]))
            return
        starts = turns if len(turns) and turns[0] == 0 else np.concatenate(([0], turns)).astype(np.int64)
        peaks = np.broadcast_to(peak, len(usd))[starts]
        falls = 100.0 * np.maximum.reduceat(usd, starts)
        depths = np.divide(falls, peaks, out=np.zeros(len(starts)), where=peaks > 0.0)
        below = usd[starts] > 0.0
        carried = [] if self.below is None else [self.depth]
        found = depths[below]
        if carried and below[0]:
            found[0], carried = max(found[0], self.depth), []
        goes_on = bool(below[-1])
        self.depth = float(found[-1]) if goes_on else 0.0
        self.depths.append(np.concatenate((carried, found[:-1] if goes_on else found)))

    @property
    def highest(self) -> float:
        """The highest value of all."""
        return self._peak

    def _peaks(self, equity: FloatColumn) -> FloatColumn:
        """Return the peak so far at each row: one value where no row rises above it, in a fraction of the time."""
        highest = float(equity.max(initial=-inf))
        if highest <= self._peak:
            return np.array([self._peak])
        peaks = np.maximum(np.maximum.accumulate(equity), self._peak)
        self._peak = highest
        return peaks

    def _deepen(self, rows: IntColumn, usd: FloatColumn, peak: FloatColumn) -> None:
        """Note where a fall is deeper than all before."""
        fall = float(usd.max(initial=0.0))
        if fall > self.usd and self.percent == 0.0:
            self.trough, self.recovered = int(rows[usd.argmax()]), None
        self.usd = max(self.usd, fall)
        if fall == 0.0 or (peak[0] > 0.0 and 100.0 * fall / float(peak[0]) <= self.percent):
            return  # in percent of the lowest peak it would not be
        percent = np.divide(100.0 * usd, peak, out=np.zeros(len(usd)), where=peak > 0.0)
        worst = float(percent.max())
        if worst > self.percent:
            self.percent, self.trough, self.recovered = worst, int(rows[percent.argmax()]), None
