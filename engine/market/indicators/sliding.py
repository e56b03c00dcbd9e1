"""Sums over sliding windows without running totals, so that nothing drifts and nothing cancels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn


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
