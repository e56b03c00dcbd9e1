"""The search in columns: of times, fast for ever later ones, and of values, in blocks that grow with the distance."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import reduce

import numpy as np

from .klines import FloatColumn, TimeColumn

#: A comparison of so many takes little longer than one of a few, and most hits are nearer.
FIRST_BLOCK = 512
#: Long columns are worked on in blocks of so many rows, which need no memory that the system has to find first: that
#: takes several times as long as the work on them.
BLOCK_ROWS = 8_192
#: A third of a day of minutes: a year's bounds are worked out in less than a millisecond.
_BOUND_BLOCK = 512


class TimeIndex:
    """Answers "how many of these times are at or before t" in well under a microsecond.

    Times without a hole are counted by a division. In others it starts at the place of the previous answer and goes as
    many of the smallest steps as lie between: exact at once where there is no hole on the way, and as far as the answer
    can be away where there is one. Any place will do to start from: readers of other instants, also in other threads,
    do not disturb one another.
    """

    __slots__ = ("_first", "_is_regular", "_place", "_size", "_step", "_times")

    def __init__(self, times: TimeColumn) -> None:
        self._times = times.data
        self._size = len(times)
        self._first = self._times[0] if self._size else 0
        self._step = smallest_step(times)
        self._is_regular = self._size < 2 or int(times[-1] - times[0]) == (self._size - 1) * self._step
        self._place = 0

    def count_upto(self, time_ms: int) -> int:
        """Return how many times are <= `time_ms`; the last of them is at that number minus one."""
        if not self._is_regular:
            return self._searched(time_ms)
        count = (time_ms - self._first) // self._step + 1
        if 0 <= count <= self._size:  # a comparison takes a fifth of what min and max do
            return count
        return 0 if count < 0 else self._size

    def _searched(self, time_ms: int) -> int:
        times, place = self._times, self._place
        ahead = time_ms - times[place]
        count = place + 1 + ahead // self._step
        if ahead < 0:
            if count < 0:
                count = 0
            if times[count] <= time_ms:
                count = bisect_right(times, time_ms, count, place)
        else:
            if count > self._size:
                count = self._size
            if times[count - 1] > time_ms:
                count = bisect_right(times, time_ms, place, count)
        self._place = count - 1 if count else 0
        return count

    def is_whole(self, step_ms: int) -> bool:
        """Whether each time is `step_ms` after the one before it."""
        return self._is_regular and self._step == step_ms

    def time(self, place: int) -> int:
        """Return the time at a place."""
        time: int = self._times[place]
        return time

    def counts_upto(self, times_ms: TimeColumn) -> TimeColumn:
        """Return the same count for each of many times."""
        if self._is_regular:
            counts = times_ms - (self._first - self._step)
            counts //= self._step
            return np.asarray(counts.clip(0, self._size, out=counts))
        return np.asarray(np.searchsorted(np.asarray(self._times), times_ms, side="right"))

    def count_before(self, time_ms: int) -> int:
        """Return how many times are < `time_ms`: the place of the first one at or after it."""
        return self.count_upto(time_ms - 1)


def smallest_step(times: TimeColumn) -> int:
    """Return the smallest step from a time to the next one; 1 where there are not two."""
    before, after = times[:-1], times[1:]
    parts = [slice(begin, begin + BLOCK_ROWS) for begin in range(0, len(after), BLOCK_ROWS)]
    return min((int((after[part] - before[part]).min()) for part in parts), default=1)


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
    size = FIRST_BLOCK
    while start < stop:  # as `blocks` goes, which a near hit notices
        begin, end, found = start, start + size if start + size < stop else stop, -1
        if upper is not None:  # the bytes are searched in half the time of `argmax`, and tell where there is no hit
            found = (high[begin:end] >= upper).tobytes().find(1)
        if lower is not None:
            nearer = low[begin : end if found < 0 else begin + found + 1] <= lower
            at = nearer.tobytes().find(1)
            found = found if at < 0 else at
        if found >= 0:
            return begin + found
        start, size = end, size * 4
    return -1


class FurthestAhead:
    """The lowest, or the highest, value of columns of one length from a place to their end; `extreme` (`np.minimum`,
    `np.maximum`) says which.

    It is known for whole blocks, in one look-up: values of up to a block before the place count too.
    """

    __slots__ = ("_known",)

    def __init__(self, extreme: np.ufunc, *columns: FloatColumn) -> None:
        found = reduce(extreme, [_of_blocks(extreme, column) for column in columns])
        self._known: list[float] = extreme.accumulate(found[::-1])[::-1].tolist()

    def at(self, place: int) -> float | None:
        """Return the value; None beyond the end."""
        block = place // _BOUND_BLOCK
        return self._known[block] if block < len(self._known) else None


def _of_blocks(extreme: np.ufunc, column: FloatColumn) -> FloatColumn:
    whole = len(column) - len(column) % _BOUND_BLOCK
    found = [extreme.reduce(column[:whole].reshape(-1, _BOUND_BLOCK), axis=1)]  # a fifth of the time of `reduceat`
    if whole < len(column):
        found.append(extreme.reduce(column[whole:], keepdims=True))
    return np.concatenate(found)


def extremes_between(extreme: np.ufunc, column: FloatColumn, first: TimeColumn, stop: TimeColumn) -> FloatColumn:
    """Return what `extreme` (of two values one, like `np.fmin`) makes of `column` in each [first, stop), nan where that
    is empty.
    """
    found = np.full(len(first), np.nan)
    some = np.flatnonzero(first < stop)
    if len(some):
        begin, last = first[some], stop[some] - 1  # the last by itself: `reduceat` takes no end behind the last value
        found[some] = extreme(extreme.reduceat(column, np.column_stack((begin, last)).ravel())[::2], column[last])
    return found


def first_beyond(column: FloatColumn, level: float, above: bool, strictly: bool, start: int, stop: int) -> int:
    """Return the first place in [start, stop) whose value is above (or below) `level`, equality counting unless
    `strictly`, or -1.
    """
    compare = (np.greater if strictly else np.greater_equal) if above else (np.less if strictly else np.less_equal)
    for begin, end in blocks(start, stop):
        found = int(compare(column[begin:end], level).tobytes().find(1))
        if found >= 0:
            return begin + found
    return -1
