"""Buckets: rows by calendar interval, and the window of them that a query at an instant sees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..series import FloatColumn, TimeColumn, TimeIndex
from .running_figures import running

WINDOW_BUCKETS = 10


class Window(NamedTuple):
    """Rows [begin, stop) of a query and the buckets [oldest, newest] they lie in; both ends may be partial."""

    begin: int
    stop: int
    oldest: int
    newest: int


class Buckets:
    """The non-empty buckets of one interval: bucket b begins at a multiple of the interval and holds the rows
    [`first[b]`, `first[b + 1]`) of the column `times`.
    """

    def __init__(self, timestamp_ms: TimeColumn, interval_ms: int) -> None:
        self.interval_ms = interval_ms
        self.times = timestamp_ms
        number = timestamp_ms // interval_ms
        self.first = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))[: len(timestamp_ms)]
        self.opened = number[self.first] * interval_ms
        self._first = np.append(self.first, len(timestamp_ms)).data
        self._rows = TimeIndex(timestamp_ms)
        self._begins = TimeIndex(timestamp_ms)
        self._newest = TimeIndex(self.opened)
        self._oldest = TimeIndex(self.opened)
        self._sums: dict[str, FloatColumn] = {}
        self._bucket_of_row: TimeColumn | None = None

    def window(self, time_ms: int) -> Window | None:
        """Return what a query at `time_ms` sees: rows in [time - 10 intervals, time]; None when there are none."""
        stop = self._rows.count_upto(time_ms)
        begin = self._begins.count_before(time_ms - WINDOW_BUCKETS * self.interval_ms)
        if begin >= stop:
            return None
        newest = self._newest.count_upto(self._rows.time(stop - 1)) - 1
        oldest = self._oldest.count_upto(self._rows.time(begin)) - 1
        return Window(begin, stop, oldest, newest)

    def rows_upto(self, times_ms: TimeColumn) -> TimeColumn:
        """Return for each time how many rows are at or before it."""
        return self._rows.counts_upto(times_ms)

    def bucket_of(self, rows: TimeColumn) -> TimeColumn:
        """Return the bucket that each of some rows lies in."""
        if self._bucket_of_row is None:
            lengths = np.diff(np.append(self.first, len(self.times)))
            self._bucket_of_row = np.repeat(np.arange(len(self.first), dtype=np.int64), lengths)
        return np.asarray(self._bucket_of_row[rows])

    def whole_sums(self, name: str, column: FloatColumn) -> FloatColumn:
        """Return the sum of a column over each whole bucket; worked out once for each `name`."""
        sums = self._sums.get(name)
        if sums is None:
            sums = self._sums[name] = np.add.reduceat(column, self.first)
        return sums

    def whole_extremes(self, name: str, column: FloatColumn, operation: np.ufunc) -> FloatColumn:
        """Return np.maximum or np.minimum of a column over each whole bucket; worked out once for each `name`."""
        extremes = self._sums.get(name)
        if extremes is None:
            extremes = self._sums[name] = operation.reduceat(column, self.first)
        return extremes

    def running(self, name: str, column: FloatColumn, operation: np.ufunc, neutral: float) -> FloatColumn:
        """Return a figure of each row's bucket as far as it was known at that row; worked out once for each `name`."""
        key = f"running {name}"
        if key not in self._sums:
            self._sums[key] = running(column, self.first, operation, neutral)
        return self._sums[key]

    def newest_values(
        self, window: Window, whole: FloatColumn, column: FloatColumn, operation: np.ufunc
    ) -> list[float]:
        """Return a figure of the newest five buckets of a window, oldest first: `whole` where all of a bucket is in
        the window, `operation` over the rows that are where it is not.
        """
        return self._values(window, max(window.newest - 4, window.oldest), whole, column, operation)

    def all_values(self, window: Window, whole: FloatColumn, column: FloatColumn, operation: np.ufunc) -> list[float]:
        """Return the same figure of every bucket of a window."""
        return self._values(window, window.oldest, whole, column, operation)

    def _values(
        self, window: Window, begin: int, whole: FloatColumn, column: FloatColumn, operation: np.ufunc
    ) -> list[float]:
        newest = window.newest
        values: list[float] = whole[begin:newest].tolist()
        cut = begin == window.oldest and window.begin > self._first[begin]
        if cut and values:
            values[0] = float(operation.reduce(column[window.begin : self._first[begin + 1]]))
        start = max(self._first[newest], window.begin)
        values.append(float(operation.reduce(column[start : window.stop])))
        return values

    def last_rows(self, window: Window, most: int) -> list[int]:
        """Return the last row inside the window of each of its newest `most` buckets, oldest first."""
        begin = max(window.newest - most + 1, window.oldest)
        rows = [row - 1 for row in self._first[begin + 1 : window.newest + 1]]
        rows.append(window.stop - 1)
        return rows
