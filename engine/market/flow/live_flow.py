"""The flow metrics of one symbol as of now, kept up row by row in a market that is made while it is watched."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import reduce
from math import isnan

import numpy as np

from ...errors import DataError
from ..series import FloatColumn
from .buckets import WINDOW_BUCKETS

NAN = float("nan")

Row = tuple[float, ...]


class NewestBucket:
    """The newest non-empty bucket of one interval, row by row, and the last row of the one before it.

    `merge` makes of two rows the one that stands for both: sums, or extremes.
    """

    __slots__ = ("_merge", "_merged", "_previous", "_rows", "interval_ms")

    def __init__(self, interval_ms: int, merge: Callable[[Row, Row], Row]) -> None:
        self.interval_ms, self._merge = interval_ms, merge
        self._rows: deque[tuple[int, Row]] = deque()
        self._merged: Row = ()
        self._previous: tuple[int, Row] | None = None

    def add(self, time_ms: int, row: Row) -> None:
        """Take a row that is newer than all before it."""
        if self._rows and time_ms // self.interval_ms != self._rows[-1][0] // self.interval_ms:
            self._previous = self._rows[-1]
            self._rows.clear()
        self._merged = self._merge(self._merged, row) if self._rows else row
        self._rows.append((time_ms, row))

    def last(self, now_ms: int) -> tuple[int, Row] | None:
        """Return time and values of the newest row in the window that ends now, or None."""
        begin_ms = now_ms - WINDOW_BUCKETS * self.interval_ms
        return self._rows[-1] if self._rows and self._rows[-1][0] >= begin_ms else None

    def before(self, now_ms: int) -> Row | None:
        """Return the values of the last row of the previous bucket, or None when that is not in the window."""
        begin_ms = now_ms - WINDOW_BUCKETS * self.interval_ms
        return self._previous[1] if self._previous is not None and self._previous[0] >= begin_ms else None

    def merged(self, now_ms: int) -> Row | None:
        """Return what stands for the bucket's rows in the window that ends now, or None when there are none."""
        begin_ms = now_ms - WINDOW_BUCKETS * self.interval_ms
        if self._rows and self._rows[0][0] < begin_ms:
            while self._rows and self._rows[0][0] < begin_ms:
                self._rows.popleft()  # it cannot come back
            if self._rows:
                self._merged = reduce(self._merge, (row for _, row in self._rows))
        return self._merged if self._rows else None


def _sums(one: Row, other: Row) -> Row:
    return one[0] + other[0], one[1] + other[1]


def _extremes(one: Row, other: Row) -> Row:
    return max(one[0], other[0]), min(one[1], other[1])


def _newer(one: Row, other: Row) -> Row:
    return other


_MERGES = {"trades": _sums, "ranged": _extremes}


class PresentFlow:
    """What `FlowAtTimes` answers, for the present instant `now_ms` alone.

    `add` takes rows of the tables trades (buy and sell notional), ranged (high, low), book (bid and ask depth), and
    open_interest, funding_rate and mark_price (the value), each table in order of time. Kept are, for each of the
    intervals, the rows of the newest bucket.
    """

    def __init__(self, needed: Sequence[tuple[str, int]]) -> None:
        self.now_ms = -1
        self._buckets = {key: NewestBucket(key[1], _MERGES.get(key[0], _newer)) for key in sorted({*needed})}
        self._by_table: dict[str, list[NewestBucket]] = {}
        for (table, _), bucket in self._buckets.items():
            self._by_table.setdefault(table, []).append(bucket)
        self._newest: dict[str, int] = {}
        longest = max((interval for table, interval in self._buckets if table == "open_interest"), default=0)
        self._marks = _LatestMarks(longest)

    def add(self, table: str, time_ms: int, *row: float) -> None:
        """Take a row; `DataError` unless it is newer than all rows of its table and than the last check."""
        newest = self._newest.get(table)
        if (newest is not None and time_ms <= newest) or time_ms <= self.now_ms:
            raise DataError(
                f"{table}: the row at {time_ms} comes after one at {max(self._newest.get(table, -1), self.now_ms)}"
            )
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
        table = METRIC_TABLES[metric]
        return np.array([_METRICS[metric](self, self._buckets[table, interval_ms])])

    def taker(self, interval_ms: int) -> tuple[FloatColumn, FloatColumn]:
        """Return the bought and the sold notional of the newest bucket."""
        buy, sell = self._taker(self._buckets["trades", interval_ms])
        return np.array([buy]), np.array([sell])

    def _taker(self, bucket: NewestBucket) -> Row:
        return bucket.merged(self.now_ms) or (NAN, NAN)

    def _cvd(self, bucket: NewestBucket) -> float:
        buy, sell = self._taker(bucket)
        return buy - sell

    def _taker_ratio(self, bucket: NewestBucket) -> float:
        buy, sell = self._taker(bucket)
        return buy / sell if sell else 1.0

    def _pair(self, bucket: NewestBucket) -> tuple[float, float]:
        """Return the last first value of the previous and of the newest bucket, NaN where not in the window."""
        last, before = bucket.last(self.now_ms), bucket.before(self.now_ms)
        return NAN if before is None else before[0], NAN if last is None else last[1][0]

    def _change_percent(self, bucket: NewestBucket) -> float:
        old, new = self._pair(bucket)
        return (new - old) / old * 100.0 if old else NAN

    def _open_interest(self, bucket: NewestBucket) -> float:
        old, new = self._pair(bucket)
        last = bucket.last(self.now_ms)
        if last is None:
            return NAN
        end_ms = last[0] // bucket.interval_ms * bucket.interval_ms + bucket.interval_ms - 1
        return round((new - old) * self._marks.at(end_ms), 2)

    def _funding_change(self, bucket: NewestBucket) -> float:
        old, new = self._pair(bucket)
        if isnan(old) and not isnan(new):
            return 0.0
        return new * 1_000_000 - old * 1_000_000

    def _depth(self, bucket: NewestBucket) -> tuple[float, float]:
        last = bucket.last(self.now_ms)
        return (NAN, NAN) if last is None else (last[1][0], last[1][1])

    def _depth_ratio(self, bucket: NewestBucket) -> float:
        bid, ask = self._depth(bucket)
        return bid / ask if ask else 1.0

    def _imbalance(self, bucket: NewestBucket) -> float:
        bid, ask = self._depth(bucket)
        return (bid - ask) / (bid + ask) if bid + ask else 0.0

    def _volatility(self, bucket: NewestBucket) -> float:
        high, low = bucket.merged(self.now_ms) or (NAN, NAN)
        return (high - low) / low * 100.0 if low else NAN


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

    def at(self, time_ms: int) -> float:
        """Return the latest price at an instant, NaN without one."""
        return next((price for time, price in reversed(self._marks) if time <= time_ms), NAN)


#: Signal metric -> the table it is made of.
METRIC_TABLES = {
    "cvd": "trades",
    "oi": "open_interest",
    "oi_delta": "open_interest",
    "funding": "funding_rate",
    "taker_ratio": "trades",
    "depth_ratio": "book",
    "order_imbalance": "book",
    "price_change": "ranged",
    "volatility": "ranged",
}

_METRICS: dict[str, Callable[[PresentFlow, NewestBucket], float]] = {
    "cvd": PresentFlow._cvd,
    "oi": PresentFlow._open_interest,
    "oi_delta": PresentFlow._change_percent,
    "funding": PresentFlow._funding_change,
    "taker_ratio": PresentFlow._taker_ratio,
    "depth_ratio": PresentFlow._depth_ratio,
    "order_imbalance": PresentFlow._imbalance,
    "price_change": PresentFlow._change_percent,
    "volatility": PresentFlow._volatility,
}
