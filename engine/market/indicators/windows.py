"""Means and sums of whole columns inside sliding windows: the exponential mean that EMA, RSI, ATR and MACD share, and
sums without running totals, so that nothing drifts and nothing cancels.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn
from .library import ta_lib

#: A window's mean is derived from the running one unless that would cost more than three of its sixteen digits.
CANCELLATION_LIMIT = 1_000.0


def exponential_mean(seed: float, values: FloatColumn, period: int) -> FloatColumn:
    """Return y, one longer than `values`: y[0] = seed, y[t] = y[t-1] + alpha (values[t-1] - y[t-1]).

    alpha = 2 / (period + 1); Wilder's mean with alpha = 1/n is the one of period 2n - 1. TA-Lib's EMA does the work: it
    starts from the mean of its first `period` inputs, which are therefore as many copies of the seed.
    """
    run = np.empty(period + len(values))
    run[:period] = seed
    run[period:] = values
    mean: FloatColumn = ta_lib().EMA(run, timeperiod=period)[period - 1 :]
    return mean


def windowed_exponential_mean(
    values: FloatColumn, seeds: FloatColumn, lead: int, period: int, window: int
) -> FloatColumn:
    """Return, for every row, the exponential mean inside the window of `window` rows that ends there.

    In each window the mean starts `lead` rows behind the window's first, at the value of `seeds` there; 0 before. A
    window that reaches beyond the first row begins at it, so one as long as the column gives the column's own mean.

    Two exponential means of the same values differ by (1 - alpha)^steps times the difference they started with, so
    every window's mean follows from the column's. Where next to nothing is left of that one (prices that have
    collapsed, ranges that have become tiny) the window is evaluated by itself, and a window of zeros is exactly 0.
    """
    rows = len(values)
    mean = np.zeros(rows)
    if min(rows, window) <= lead:
        return mean
    mean[lead:] = exponential_mean(float(seeds[lead]), values[lead + 1 :], period)
    if rows <= window:
        return mean

    steps = window - 1 - lead
    begun = slice(lead + 1, rows - steps)  # the row at which the mean of window `row` starts, for row = window, ...
    running = mean[window:].copy()
    mean[window:] += (1.0 - 2.0 / (period + 1)) ** steps * (seeds[begun] - mean[begun])

    nonzero = np.cumsum(values != 0.0)
    silent = (seeds[begun] == 0.0) & (nonzero[window:] == nonzero[begun])
    mean[window:][silent] = 0.0
    cancelled = ~silent & (np.abs(running) > CANCELLATION_LIMIT * np.abs(mean[window:]))
    for row in (window + np.flatnonzero(cancelled)).tolist():
        start = row - steps
        mean[row] = exponential_mean(float(seeds[start]), values[start + 1 : row + 1], period)[-1]
    return mean


def sliding_sum(values: FloatColumn, count: int) -> FloatColumn:
    """Return, for every row, the sum of the `count` values that end there; 0 in the first count - 1 rows.

    Sums of 1, 2, 4, ... values are put together (log2(count) passes over the column). Each result is made of its own
    values only: a price a thousand times larger that has left the window leaves no rounding error behind, which a
    running total or a difference of prefix sums would.
    """
    result = np.zeros(len(values))
    full_rows = len(values) - count + 1
    if count == 0 or full_rows <= 0:
        return result
    total = result[count - 1 :]
    block, span, start = values, 1, 0
    while True:
        if count & span:
            total += block[start : start + full_rows]
            start += span
        if start == count:
            return result
        block = block[:-span] + block[span:]
        span *= 2


def sum_since(values: FloatColumn, first: npt.NDArray[np.intp], window: int) -> FloatColumn:
    """Return, for every row r, the sum of values[max(first[r], r - window + 1) : r + 1].

    `first` is the row at which the row's group (a day, say) begins. Every group is cut into blocks of `window` rows; a
    window inside a group is then the end of one block and the beginning of the next, two running sums that are
    added, never subtracted.
    """
    if not len(values):
        return np.zeros(0)
    offset = np.arange(len(values)) - first
    place = offset % window
    block = np.cumsum(place == 0) - 1
    grid = np.zeros((block[-1] + 1, place.max() + 1))
    grid[block, place] = values
    result: FloatColumn = np.cumsum(grid, axis=1)[block, place]
    two_blocks = np.flatnonzero((offset >= window) & (place < window - 1))
    if len(two_blocks):
        ends = np.cumsum(grid[:, ::-1], axis=1)[:, ::-1]
        result[two_blocks] += ends[block[two_blocks] - 1, place[two_blocks] + 1]
    return result
