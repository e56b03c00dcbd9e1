"""The flow metrics of signals as of now, kept up row by row in a market that is made while it is watched."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import reduce
from math import nan
from operator import call, itemgetter

import numpy as np

from ...errors import ConfigurationError, DataError
from ..series import FloatColumn
from .buckets import WINDOW_BUCKETS
from .catalogue import SIGNAL_METRICS
from .metric import LAST, Kept, Metric

#: What a row of each table holds.
ROW_COLUMNS = {
    "trades": ("buy_notional", "sell_notional"),
    "ranged": ("high", "low"),
    "book": ("bid_depth", "ask_depth"),
    "open_interest": ("value",),
    "funding_rate": ("value",),
    "mark_price": ("value",),
}

Row = tuple[float, ...]
RowMerge = Callable[[Row, Row], Row]


class FlowRowByRow:
    """What `FlowAtTimes` answers, for the present instant `now_ms` alone and for some metrics and intervals.

    `add` takes rows of the tables in `ROW_COLUMNS`, each table in order of time. Kept are, for each of the intervals,
    the rows of the newest bucket. Raises `ConfigurationError` for a metric of other columns.
    """

    def __init__(self, needed: Sequence[tuple[str, int]]) -> None:
        self.now_ms = -1
        self._buckets: dict[tuple[str, tuple[Kept, ...], int], _NewestBucket] = {}
        self._asked = {key: (SIGNAL_METRICS[key[0]], self._bucket(SIGNAL_METRICS[key[0]], key[1])) for key in needed}
        self._by_table: dict[str, list[_NewestBucket]] = {}
        for (table, *_), bucket in self._buckets.items():
            self._by_table.setdefault(table, []).append(bucket)
        self._newest: dict[str, int] = {}
        marked = [interval for metric, interval in needed if SIGNAL_METRICS[metric].times_mark]
        self._marks = _LatestMarks(max(marked, default=0))

    def _bucket(self, metric: Metric, interval_ms: int) -> _NewestBucket:
        columns = ROW_COLUMNS.get(metric.table, ())
        foreign = [kept.column for kept in metric.kept if kept.column not in columns]
        if foreign:
            raise ConfigurationError([f"metric {metric.signal} needs {foreign[0]}, which is not given row by row"])
        key = metric.table, metric.kept, interval_ms
        if key not in self._buckets:
            self._buckets[key] = _NewestBucket(interval_ms, metric.kept, columns)
        return self._buckets[key]

    def add(self, table: str, time_ms: int, *row: float) -> None:
        """Take a row; `DataError` unless it is newer than all rows of its table and than the last check."""
        latest = max(self._newest.get(table, -1), self.now_ms)
        if time_ms <= latest:
            raise DataError(f"{table}: the row at {time_ms} comes after one at {latest}")
        self._newest[table] = time_ms
        for bucket in self._by_table.get(table, ()):
            bucket.add(time_ms, row)
        if table == "mark_price":
            self._marks.add(time_ms, row[0])

    @property
    def newest_ms(self) -> int:
        """The time of the newest row of any table, -1 before the first."""
        return max(self._newest.values(), default=-1)

    def values(self, metric: str, interval_ms: int) -> FloatColumn:
        """Return a signal metric now, as a column of one value; NaN where undefined."""
        return np.array([self._figure(*self._asked[metric, interval_ms])])

    def kept(self, metric: str, interval_ms: int) -> tuple[FloatColumn, ...]:
        """Return what is kept of the newest bucket for a signal metric, as columns of one value."""
        asked, bucket = self._asked[metric, interval_ms]
        return tuple(np.array([value]) for value in bucket.kept(self.now_ms) or [nan] * len(asked.kept))

    def _figure(self, metric: Metric, bucket: _NewestBucket) -> float:
        arguments = bucket.kept(self.now_ms)
        if arguments is None:
            return nan
        if metric.against_previous:
            before = bucket.kept(self.now_ms, before=True)
            if before is None:
                return metric.first
            arguments = before + arguments
        if metric.times_mark:
            arguments += (self._marks.at(bucket.end_ms, metric.signal_stand_in),)
        figure: float = metric.for_rows(*arguments)
        return figure


class _NewestBucket:
    """The newest non-empty bucket of one interval, row by row, and the one before it."""

    __slots__ = ("_before", "_interval_ms", "_merge", "_number", "_rows", "_take")

    def __init__(self, interval_ms: int, kept: Sequence[Kept], columns: Sequence[str]) -> None:
        self._interval_ms = interval_ms
        places = [columns.index(each.column) for each in kept]
        self._take = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
        self._merge = _row_merge(kept)
        self._number = -1
        self._rows = self._before = _BucketRows(self._merge)

    @property
    def end_ms(self) -> int:
        """The last millisecond of the bucket."""
        return (self._number + 1) * self._interval_ms - 1

    def add(self, time_ms: int, row: Row) -> None:
        number = time_ms // self._interval_ms
        if number != self._number:
            self._number, self._before, self._rows = number, self._rows, _BucketRows(self._merge)
        self._rows.add(time_ms, self._take(row))

    def kept(self, now_ms: int, before: bool = False) -> Row | None:
        """Return what is kept of the rows of the bucket (or the one before it) in the window that ends now, if any."""
        rows = self._before if before else self._rows
        return rows.merged(now_ms - WINDOW_BUCKETS * self._interval_ms)


def _row_merge(kept: Sequence[Kept]) -> RowMerge | None:
    """Return what makes of two rows the one that stands for both; None where that is the later one."""
    pairs = [each.merge.pair for each in kept]
    if all(each.merge is LAST for each in kept):
        return None
    return lambda one, other: tuple(map(call, pairs, one, other))


class _BucketRows:
    """The rows of one bucket that a window may still hold: the last one alone where it stands for all."""

    __slots__ = ("_merge", "_merged", "_rows")

    def __init__(self, merge: RowMerge | None) -> None:
        self._merge = merge
        self._rows: deque[tuple[int, Row]] = deque(maxlen=1 if merge is None else None)
        self._merged: Row = ()

    def add(self, time_ms: int, row: Row) -> None:
        self._merged = row if self._merge is None or not self._rows else self._merge(self._merged, row)
        self._rows.append((time_ms, row))

    def merged(self, begin_ms: int) -> Row | None:
        """Return what stands for the rows from an instant on, a later one each time; None when there are none."""
        if self._rows and self._rows[0][0] < begin_ms:
            while self._rows and self._rows[0][0] < begin_ms:
                self._rows.popleft()  # it cannot come back
            if self._rows and self._merge is not None:
                self._merged = reduce(self._merge, (row for _, row in self._rows))
        return self._merged if self._rows else None


class _LatestMarks:
    """Mark prices as far back as the end of a bucket that is still in a window."""

    def __init__(self, interval_ms: int) -> None:
        self._reach_ms = (WINDOW_BUCKETS + 1) * interval_ms
        self._marks: deque[tuple[int, float]] = deque()

    def add(self, time_ms: int, price: float) -> None:
        """Take a price, and forget those that can no longer be the latest one at the end of a bucket."""
        self._marks.append((time_ms, price))
        while len(self._marks) > 1 and self._marks[1][0] <= time_ms - self._reach_ms:
            self._marks.popleft()

    def at(self, time_ms: int, stand_in: float) -> float:
        """Return the latest price at an instant, or the stand-in without one."""
        return next((price for time, price in reversed(self._marks) if time <= time_ms), stand_in)
