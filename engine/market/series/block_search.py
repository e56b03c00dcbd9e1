"""Searching columns in growing blocks: the cost grows with the distance, and a near hit costs a few microseconds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .klines import FloatColumn

FIRST_BLOCK = 128


def blocks(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Go through [start, stop) in blocks, each four times as long as the one before."""
    size = FIRST_BLOCK
    while start < stop:
        end = start + size if start + size < stop else stop  # a near hit notices the call of min
        yield start, end
        start, size = end, size * 4


def first_outside(
    high: FloatColumn, low: FloatColumn, upper: float | None, lower: float | None, start: int, stop: int
) -> int:
    """Return the first place in [start, stop) with high >= upper or low <= lower, or -1."""
    for begin, end in blocks(start, stop):
        found = end
        if upper is not None:
            hits = high[begin:end] >= upper
            at = int(hits.argmax())
            if hits[at]:
                found = begin + at
        if lower is not None:
            hits = low[begin : min(found + 1, end)] <= lower
            at = int(hits.argmax())
            if hits[at]:
                found = begin + at
        if found < end:
            return found
    return -1


def first_beyond(column: FloatColumn, level: float, above: bool, strictly: bool, start: int, stop: int) -> int:
    """Return the first place in [start, stop) whose value is above (or below) `level`, equality counting unless
    `strictly`, or -1.
    """
    compare = (np.greater if strictly else np.greater_equal) if above else (np.less if strictly else np.less_equal)
    for begin, end in blocks(start, stop):
        hits = compare(column[begin:end], level)
        at = int(hits.argmax())
        if hits[at]:
            return begin + at
    return -1
