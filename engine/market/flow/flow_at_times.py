"""Flow metrics at many instants at once: what signals compare, for a whole range of check points.

The same figures as `flow_metric` gives one by one; NaN where it gives none, and where it gives strategies a 0 for
want of something to divide by or of a mark price: a signal must not fire on that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn, TimeColumn
from .buckets import WINDOW_BUCKETS, Buckets
from .history import FlowHistory

BoolColumn = npt.NDArray[np.bool_]
IntColumn = npt.NDArray[np.int64]


class _Newest(NamedTuple):
    """For each instant: the newest row, its bucket, whether there is one in the window, and whether the window
    begins inside of that bucket.
    """

    row: IntColumn
    bucket: IntColumn
    known: BoolColumn
    cut: BoolColumn


class FlowAtTimes:
    """The flow of one symbol at many instants (epoch ms, increasing); rows and buckets are found once for each."""

    def __init__(self, flow: FlowHistory, times_ms: TimeColumn) -> None:
        self._flow, self._times = flow, times_ms
        self._rows: dict[str, IntColumn] = {}
        self._known: dict[tuple[str, int], FloatColumn] = {}

    def values(self, metric: str, interval_ms: int) -> FloatColumn:
        """Return a signal metric (one of `SIGNAL_METRICS`) at each instant."""
        return self._once((metric, interval_ms), lambda: _METRICS[metric](self, interval_ms))

    def taker(self, interval_ms: int) -> tuple[FloatColumn, FloatColumn]:
        """Return the bought and the sold notional of the newest bucket at each instant."""
        return self._sums("buy_notional", interval_ms), self._sums("sell_notional", interval_ms)

    def _once(self, key: tuple[str, int], work_out: Callable[[], FloatColumn]) -> FloatColumn:
        if key not in self._known:
            self._known[key] = work_out()
        return self._known[key]

    def _newest(self, table: str, interval_ms: int) -> tuple[_Newest, Buckets] | None:
        buckets = self._flow.buckets(table, interval_ms)
        if buckets is None:
            return None
        if table not in self._rows:
            self._rows[table] = buckets.rows_upto(self._times)
        count = self._rows[table]
        row = np.maximum(count - 1, 0)
        times = buckets.times
        begins = self._times - WINDOW_BUCKETS * interval_ms
        known = (count > 0) & (times[row] >= begins)
        bucket = buckets.bucket_of(row)
        cut = known & (times[buckets.first[bucket]] < begins)
        return _Newest(row, bucket, known, cut), buckets

    def _nothing(self) -> FloatColumn:
        return np.full(len(self._times), np.nan)

    def _running(
        self, table: str, name: str, interval_ms: int, operation: np.ufunc, neutral: float
    ) -> tuple[FloatColumn, _Newest] | None:
        """Return a running figure of the newest bucket at each instant; where that is cut, over the rows left of it."""
        found = self._newest(table, interval_ms)
        if found is None:
            return None
        newest, buckets = found
        column = getattr(getattr(self._flow, table), name)
        values = buckets.running(name, column, operation, neutral)[newest.row]
        begins = self._times - WINDOW_BUCKETS * interval_ms
        for place in np.flatnonzero(newest.cut).tolist():
            start = int(np.searchsorted(buckets.times, begins[place]))
            values[place] = operation.reduce(column[start : newest.row[place] + 1])
        return values, newest

    def _sums(self, name: str, interval_ms: int) -> FloatColumn:
        return self._once((name, interval_ms), lambda: self._summed(name, interval_ms))

    def _summed(self, name: str, interval_ms: int) -> FloatColumn:
        found = self._running("trades", name, interval_ms, np.add, 0.0)
        if found is None:
            return self._nothing()
        values, newest = found
        return np.where(newest.known, values, np.nan)

    def _cvd(self, interval_ms: int) -> FloatColumn:
        buy, sell = self.taker(interval_ms)
        return buy - sell

    def _taker_ratio(self, interval_ms: int) -> FloatColumn:
        return _ratio(*self.taker(interval_ms))

    def _volatility(self, interval_ms: int) -> FloatColumn:
        highs = self._running("ranged", "high", interval_ms, np.maximum, -np.inf)
        lows = self._running("ranged", "low", interval_ms, np.minimum, np.inf)
        if highs is None or lows is None:
            return self._nothing()
        (high, newest), (low, _) = highs, lows
        return np.where(newest.known, _percent(low, high), np.nan)

    def _last_pair(
        self, table: str, column: FloatColumn, interval_ms: int
    ) -> tuple[FloatColumn, FloatColumn, BoolColumn, BoolColumn, Buckets, _Newest] | None:
        """Return the last value of the newest and of the previous bucket, and where each is in the window."""
        found = self._newest(table, interval_ms)
        if found is None:
            return None
        newest, buckets = found
        before = buckets.first[newest.bucket] - 1
        begins = self._times - WINDOW_BUCKETS * interval_ms
        has_before = newest.known & (before >= 0) & (buckets.times[np.maximum(before, 0)] >= begins)
        last, previous = column[newest.row], column[np.maximum(before, 0)]
        return last, previous, newest.known, has_before, buckets, newest

    def _price_change(self, interval_ms: int) -> FloatColumn:
        if self._flow.ranged is None:
            return self._nothing()
        pair = self._last_pair("ranged", self._flow.ranged.high, interval_ms)
        return self._nothing() if pair is None else np.where(pair[3], _percent(pair[1], pair[0]), np.nan)

    def _open_interest_delta(self, interval_ms: int) -> FloatColumn:
        if self._flow.open_interest is None:
            return self._nothing()
        pair = self._last_pair("open_interest", self._flow.open_interest.rows.value, interval_ms)
        return self._nothing() if pair is None else np.where(pair[3], _percent(pair[1], pair[0]), np.nan)

    def _open_interest(self, interval_ms: int) -> FloatColumn:
        if self._flow.open_interest is None or self._flow.mark_price is None:
            return self._nothing()
        pair = self._last_pair("open_interest", self._flow.open_interest.rows.value, interval_ms)
        if pair is None:
            return self._nothing()
        last, previous, _, has_before, buckets, newest = pair
        until = np.minimum(buckets.opened[newest.bucket] + interval_ms - 1, self._times)
        marks = self._flow.mark_price.rows
        count = np.searchsorted(marks.timestamp_ms, until, side="right")
        mark = np.where(count > 0, marks.value[np.maximum(count - 1, 0)], np.nan)
        # the contract rounds to cents as Python does
        return np.array([round(x, 2) for x in np.where(has_before, (last - previous) * mark, np.nan).tolist()])

    def _funding_change(self, interval_ms: int) -> FloatColumn:
        if self._flow.funding_rate is None:
            return self._nothing()
        pair = self._last_pair("funding_rate", self._flow.funding_rate.rows.value, interval_ms)
        if pair is None:
            return self._nothing()
        last, previous, known, has_before, _, _ = pair
        change = np.where(has_before, last * 1_000_000 - previous * 1_000_000, 0.0)
        return np.where(known, change, np.nan)

    def _book(self, interval_ms: int) -> tuple[FloatColumn, FloatColumn]:
        """Return bid and ask depth of the newest snapshot at each instant."""
        found = self._newest("book", interval_ms)
        if found is None or self._flow.book is None:
            return self._nothing(), self._nothing()
        newest, _ = found
        book = self._flow.book
        bid, ask = book.bid_depth[newest.row], book.ask_depth[newest.row]
        return np.where(newest.known, bid, np.nan), np.where(newest.known, ask, np.nan)

    def _depth_ratio(self, interval_ms: int) -> FloatColumn:
        return _ratio(*self._book(interval_ms))

    def _imbalance(self, interval_ms: int) -> FloatColumn:
        bid, ask = self._book(interval_ms)
        total = bid + ask
        share = np.divide(bid - ask, total, out=np.zeros(len(total)), where=total != 0.0)
        return np.where(np.isnan(total), np.nan, share)


def _ratio(above: FloatColumn, below: FloatColumn) -> FloatColumn:
    ratio = np.divide(above, below, out=np.ones(len(above)), where=below != 0.0)
    return np.where(np.isnan(above) | np.isnan(below), np.nan, ratio)


def _percent(old: FloatColumn, new: FloatColumn) -> FloatColumn:
    change: FloatColumn = np.divide(new - old, old, out=np.full(len(old), np.nan), where=old != 0.0)
    return change * 100.0


_METRICS: dict[str, Callable[[FlowAtTimes, int], FloatColumn]] = {
    "cvd": FlowAtTimes._cvd,
    "oi": FlowAtTimes._open_interest,
    "oi_delta": FlowAtTimes._open_interest_delta,
    "funding": FlowAtTimes._funding_change,
    "taker_ratio": FlowAtTimes._taker_ratio,
    "depth_ratio": FlowAtTimes._depth_ratio,
    "order_imbalance": FlowAtTimes._imbalance,
    "price_change": FlowAtTimes._price_change,
    "volatility": FlowAtTimes._volatility,
}

#: The metrics that a signal can compare; `funding` is its change.
SIGNAL_METRICS = tuple(_METRICS)
