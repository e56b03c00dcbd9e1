"""How fast and how far prices have gone: oscillators."""

from __future__ import annotations

import numpy as np

from ...market.series import FloatColumn
from .averages import exponential, over_range, wilder
from .windows import Windows, ago, centred, change, highest, lowest, mean, rolled, unknown

#: How many rows the lines of the stochastic are smoothed over.
SMOOTHED = 3
#: The constant of the commodity channel index.
LAMBERT = 0.015


def relative_strength(values: FloatColumn, period: int) -> FloatColumn:
    """Return 100 G / (G + L), G and L Wilder's averages of gains and losses; NaN where neither is."""
    step = change(values)
    gains = wilder(np.maximum(step, 0.0), period)
    return 100.0 * gains / (gains + wilder(np.maximum(-step, 0.0), period))


def rate(values: FloatColumn, period: int) -> FloatColumn:
    """Return 100 (s - s[period]) / s[period]."""
    before = ago(values, period)
    return 100.0 * (values - before) / before


def convergence(values: FloatColumn, fast: int, slow: int, signal: int) -> FloatColumn:
    """Return the difference of two exponential averages."""
    return exponential(values, fast) - exponential(values, slow)


def convergence_signal(values: FloatColumn, fast: int, slow: int, signal: int) -> FloatColumn:
    """Return the exponential average of the difference, over its known part."""
    line, result = convergence(values, fast, slow, signal), unknown(len(values))
    first = max(fast, slow) - 1
    result[first:] = exponential(line[first:], signal)
    return result


def convergence_rest(values: FloatColumn, fast: int, slow: int, signal: int) -> FloatColumn:
    """Return the difference less its signal line."""
    return convergence(values, fast, slow, signal) - convergence_signal(values, fast, slow, signal)


def stochastic(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return the mean of three of 100 (c - min l) / (max h - min l)."""
    least = lowest(low, period)
    return mean(100.0 * over_range(close - least, highest(high, period) - least), SMOOTHED)


def slow_stochastic(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return the mean of three of the stochastic."""
    return mean(stochastic(high, low, close, period), SMOOTHED)


def commodity_channel(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return (t - mean t) / (0.015 x the mean absolute deviation from it), t = (h + l + c) / 3 (Lambert 1980)."""
    typical = (high + low + close) / 3.0

    def of(windows: Windows) -> FloatColumn:
        away = centred(windows)
        index: FloatColumn = away[:, -1] / (LAMBERT * np.abs(away).mean(axis=-1))
        return index

    return rolled(of, typical, period)


def williams(high: FloatColumn, low: FloatColumn, close: FloatColumn, period: int) -> FloatColumn:
    """Return 100 ((c - min l) / (max h - min l) - 1)."""
    least = lowest(low, period)
    return 100.0 * ((close - least) / (highest(high, period) - least) - 1.0)
