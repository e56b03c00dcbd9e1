"""Whether there is a trend: directional movement, Aroon, and the ranges that both are measured in."""

from __future__ import annotations

import numpy as np

from ...market.series import FloatColumn
from .averages import SMALLEST_RANGE, exponential, seeded_wilder, wilder
from .windows import ago, change, rows_since_highest, rows_since_lowest

Directions = tuple[FloatColumn, FloatColumn]


def true_range(high: FloatColumn, low: FloatColumn, close: FloatColumn) -> FloatColumn:
    """Return the largest of h - l, abs(h - c[1]), abs(l - c[1]); h - l in the first row."""
    own, before = high - low, ago(close, 1)
    if bool((own == 0.0).any()):
        own = own + SMALLEST_RANGE
    reach = np.maximum(own, np.maximum(np.abs(high - before), np.abs(low - before)))
    reach[:1] = own[:1]
    return reach


def average_range(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return Wilder's average of the true range, from the mean of the first `period` on."""
    return seeded_wilder(true_range(high, low, close), period)


def range_percent(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return the exponential average of the true range, in percent of the close."""
    return 100.0 * exponential(true_range(high, low, close), period) / close


def _directions(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> Directions:
    up, down = change(high), -change(low)
    rises = np.where((up > 0.0) & (up > down), up, 0.0)
    falls = np.where((down > 0.0) & (down > up), down, 0.0)
    rises[:1] = falls[:1] = np.nan
    reach = seeded_wilder(true_range(high, low, close), period, skipped=1)
    return 100.0 * wilder(rises, period) / reach, 100.0 * wilder(falls, period) / reach


def plus_direction(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return 100 rma(+DM) / A: +DM = h - h[1] where that is above 0 and above l[1] - l, else 0, from row 1; A = ATR
    from the mean of rows 1 to `period` - 1 on.
    """
    return _directions(high, low, close, period)[0]


def minus_direction(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return 100 rma(-DM) / A, the other way round."""
    return _directions(high, low, close, period)[1]


def trend_strength(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return rma of 100 abs(P - M) / (P + M) (Wilder 1978)."""
    plus, minus = _directions(high, low, close, period)
    return wilder(100.0 * np.abs(plus - minus) / (plus + minus), period)


def aroon_up(high: FloatColumn, low: FloatColumn, period: int) -> FloatColumn:
    """Return 100 (1 - rows since the highest high among `period` + 1 / period), the newest of equal ones."""
    return 100.0 * (1.0 - rows_since_highest(high, period + 1, newest=True) / period)


def aroon_down(high: FloatColumn, low: FloatColumn, period: int) -> FloatColumn:
    """Return the same of the lowest low."""
    return 100.0 * (1.0 - rows_since_lowest(low, period + 1, newest=True) / period)
