"""Searching columns in growing blocks: the cost grows with the distance, and a near hit costs a few microseconds."""

from __future__ import annotations

import numpy as np

from .klines import FloatColumn

FIRST_BLOCK = 128


def first_outside(
    high: FloatColumn, low: FloatColumn, upper: float | None, lower: float | None, start: int, stop: int
) -> int:
    """Return the first place in [start, stop) with high >= upper or low <= lower, or -1.

    Searches growing blocks: the cost grows with the distance, and a near hit costs a few microseconds.
    """
    size = FIRST_BLOCK
    while start < stop:
        end = min(start + size, stop)
        found = end
        if upper is not None:
            hits = high[start:end] >= upper
            at = int(hits.argmax())
            if hits[at]:
                found = start + at
        if lower is not None:
            hits = low[start : min(found + 1, end)] <= lower
            at = int(hits.argmax())
            if hits[at]:
                found = start + at
        if found < end:
            return found
        start, size = end, size * 4
    return -1


def first_beyond(column: FloatColumn, level: float, above: bool, strictly: bool, start: int, stop: int) -> int:
    """Return the first place in [start, stop) whose value is above (or below) `level`, equality counting unless
    `strictly`, or -1.
    """
    compare = (np.greater if strictly else np.greater_equal) if above else (np.less if strictly else np.less_equal)
    size = FIRST_BLOCK
    while start < stop:
        part = column[start : min(start + size, stop)]
        hits = compare(part, level)
        at = int(hits.argmax())
        if hits[at]:
            return start + at
        start, size = start + size, size * 4
    return -1
