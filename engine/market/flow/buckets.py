"""Buckets: rows by calendar interval, and the window of them that a query at an instant sees."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ..series import FloatColumn, TimeColumn, TimeIndex
from .metric import Kept, Merge
from .rows import FlowRows

WINDOW_BUCKETS = 10
#: The rows [begin, stop) of a query and the buckets [oldest, newest] they lie in; both ends may be partial.
Window = tuple[int, int, int, int]


class Buckets:
    """The non-empty buckets of one interval: bucket b begins at a multiple of the interval and holds the rows
    [`first[b]`, `first[b + 1]`).
    """

    def __init__(self, rows: FlowRows, interval_ms: int) -> None:
        self.interval_ms = interval_ms
        self._table = rows
        self.times = times = rows.timestamp_ms
        self._times = times.data
        self.first, self.opened = self._bounds()
        self._first = self.first.data
        self._rows = TimeIndex(times)
        self._begins = TimeIndex(times)
        self._newest = TimeIndex(self.opened)
        self._oldest = TimeIndex(self.opened)
        self._whole: dict[Kept, tuple[FloatColumn, FloatColumn, Merge]] = {}
        self._so_far: dict[Kept, FloatColumn] = {}

    def _bounds(self) -> tuple[TimeColumn, TimeColumn]:
        """Return the first row of each bucket, and when it begins."""
        number = self.times // self.interval_ms
        first = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))[: len(number)]
        return first, number[first] * self.interval_ms

    def window(self, time_ms: int) -> Window | None:
        """Return what a query at `time_ms` sees: rows in [time - 10 intervals, time]; None when there are none."""
        stop = self._rows.count_upto(time_ms)
        begin = self._begins.count_before(time_ms - WINDOW_BUCKETS * self.interval_ms)
        if begin >= stop:
            return None
        newest = self._newest.count_upto(self._times[stop - 1]) - 1
        oldest = self._oldest.count_upto(self._times[begin]) - 1
        return begin, stop, oldest, newest

    def rows_upto(self, times_ms: TimeColumn) -> TimeColumn:
        """Return for each time how many rows are at or before it."""
        return self._rows.counts_upto(times_ms)

    @cached_property
    def bucket_of_row(self) -> TimeColumn:
        """The bucket that each row lies in."""
        return np.repeat(np.arange(len(self.first), dtype=np.int64), np.diff(self.first, append=len(self.times)))

    def column(self, kept: Kept) -> FloatColumn:
        """Return the column of rows that a figure is made of."""
        column: FloatColumn = getattr(self._table, kept.column)
        return column

    def so_far(self, kept: Kept) -> FloatColumn:
        """Return a figure of each row's bucket as far as it was known at that row; worked out once."""
        if kept not in self._so_far:
            self._so_far[kept] = kept.merge.so_far(self.column(kept), self.first)
        return self._so_far[kept]

    def values(self, window: Window, wanted: tuple[Kept, ...], most: int) -> list[list[float]]:
        """Return figures of the newest `most` buckets of a window, oldest first, each over its rows in the window."""
        begin, stop, oldest, newest = window
        first = self._first
        place = newest - most + 1
        if place < oldest:
            place = oldest
        start = max(first[newest], begin)
        cut_end = first[place + 1] if begin > first[place] and place < newest else 0
        found = []
        for kept in wanted:
            whole, column, merge = self._whole.get(kept) or self._made_whole(kept)
            values = whole[place:newest].tolist()
            if cut_end:
                values[0] = merge.between(column, begin, cut_end)
            values.append(merge.between(column, start, stop))
            found.append(values)
        return found

    def _made_whole(self, kept: Kept) -> tuple[FloatColumn, FloatColumn, Merge]:
        made = self._whole[kept] = self.whole(kept), self.column(kept), kept.merge
        return made

    def whole(self, kept: Kept) -> FloatColumn:
        """Return a figure of each bucket over all of its rows."""
        return kept.merge.whole(self.column(kept), self.first)

    def ends(self, window: Window, count: int) -> list[int]:
        """Return the last millisecond of each of the newest `count` buckets of a window."""
        newest = window[-1]
        last = self.interval_ms - 1
        return [opened + last for opened in self.opened[newest - count + 1 : newest + 1].tolist()]
