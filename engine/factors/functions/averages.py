"""Moving averages."""

from __future__ import annotations

from math import isqrt

import numpy as np

from ...market.series import FloatColumn
from .windows import Windows, ago, change, mean, rolled, total, unknown

#: The fastest and the slowest constant of KAMA, of 2 and of 30 rows.
FASTEST, SLOWEST = 2.0 / 3.0, 2.0 / 31.0
#: The shortest period of TRIX.
SHORTEST_TRIPLE_RATE = 9
#: Added to a divisor of ranges where one of them is zero.
SMALLEST_RANGE = float(np.finfo(float).eps)


def _smoothed(values: FloatColumn, first: int, seed: float, alpha: float) -> FloatColumn:
    """Return y[first] = seed, y = y[1] + alpha (s - y[1]); a NaN repeats the value before, and where the seed is NaN
    the first value that is known is the first.
    """
    result = unknown(len(values))
    known, told = seed, []
    for value in values[first + 1 :].tolist():
        if value == value:
            known = known + alpha * (value - known) if known == known else value
        told.append(known)
    result[first : first + 1] = seed
    result[first + 1 :] = told
    return result


def exponential(values: FloatColumn, period: int) -> FloatColumn:
    """Return the mean of the known ones of the first `period` rows there, then alpha = 2 / (period + 1)."""
    if len(values) < period:
        return unknown(len(values))
    head = values[:period]
    known = head[~np.isnan(head)]
    seed = float(known.mean()) if len(known) else np.nan
    return _smoothed(values, period - 1, seed, 2.0 / (period + 1))


def wilder(values: FloatColumn, period: int) -> FloatColumn:
    """Return Wilder's average from the first known value on: alpha = 1 / period."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return unknown(len(values))
    return _smoothed(values, int(known[0]), float(values[known[0]]), 1.0 / period)


def seeded_wilder(values: FloatColumn, period: int, skipped: int = 0) -> FloatColumn:
    """Return Wilder's average that begins at row `period` - 1 with the mean of the rows up to there, but for the first
    `skipped`; at the first row after those where it would begin in them.
    """
    begin = max(period - 1, skipped)
    if len(values) <= begin:
        return unknown(len(values))
    return _smoothed(values, begin, float(values[skipped : begin + 1].mean()), 1.0 / period)


def weighted(values: FloatColumn, period: int) -> FloatColumn:
    """Return the average with weights 1 to `period`, the newest the heaviest."""
    weights = np.arange(1.0, period + 1.0)

    def of(windows: Windows) -> FloatColumn:
        means: FloatColumn = (windows * weights).sum(axis=-1) / weights.sum()
        return means

    return rolled(of, values, period)


def hull(values: FloatColumn, period: int) -> FloatColumn:
    """Return WMA over the root of the period of 2 WMA(half of it) - WMA (Hull 2005)."""
    half = max(period // 2, 1)
    return weighted(2.0 * weighted(values, half) - weighted(values, period), isqrt(period))


def double_exponential(values: FloatColumn, period: int) -> FloatColumn:
    """Return 2 e1 - e2 (Mulloy 1994)."""
    once = exponential(values, period)
    return 2.0 * once - exponential(once, period)


def thrice(values: FloatColumn, period: int) -> tuple[FloatColumn, FloatColumn, FloatColumn]:
    """Return the exponential average, that of it, and that of that."""
    once = exponential(values, period)
    twice = exponential(once, period)
    return once, twice, exponential(twice, period)


def triple_exponential(values: FloatColumn, period: int) -> FloatColumn:
    """Return 3 (e1 - e2) + e3 (Mulloy 1994)."""
    once, twice, third = thrice(values, period)
    return 3.0 * (once - twice) + third


def adaptive(values: FloatColumn, period: int) -> FloatColumn:
    """Return KAMA (Kaufman 1995): the mean at row `period` - 1, then y = y[1] + k (s - y[1]) with k = (e (2/3 - 2/31) +
    2/31)^2, e = abs(s - s[period]) / the sum of `period` abs(s - s[1]).
    """
    result = unknown(len(values))
    if len(values) < period:
        return result
    efficiency = over_range(np.abs(change(values, period)), total(np.abs(change(values)), period))
    speeds = (efficiency * (FASTEST - SLOWEST) + SLOWEST) ** 2
    known = float(values[:period].mean())
    told = [known]
    for value, speed in zip(values[period:].tolist(), speeds[period:].tolist(), strict=True):
        known += speed * (value - known)
        told.append(known)
    result[period - 1 :] = told
    return result


def over_range(part: FloatColumn, whole: FloatColumn) -> FloatColumn:
    """Return part / whole; where a whole is zero all get the smallest number added, so that it is 0 there."""
    return part / (whole + SMALLEST_RANGE if bool((whole == 0.0).any()) else whole)


def spread(values: FloatColumn, fast: int, slow: int) -> FloatColumn:
    """Return 100 (fast - slow) / slow of simple averages."""
    far = mean(values, slow)
    return 100.0 * (mean(values, fast) - far) / far


def triple_rate(values: FloatColumn, period: int) -> FloatColumn:
    """Return 100 (e3 / e3[1] - 1), of at least 9 rows."""
    third = thrice(values, max(period, SHORTEST_TRIPLE_RATE))[2]
    return 100.0 * (third / ago(third, 1) - 1.0)
