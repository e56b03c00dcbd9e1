"""The flow of one symbol: rows, latest values, and buckets that are worked out once for each interval."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ..series import FloatColumn, TimeColumn, TimeIndex
from .buckets import Buckets
from .metric import Answer
from .rows import BookRows, FlowRows, TimedValues, TradeRows

#: The series of which the newest value counts, in the order in which a `FlowHistory` takes them.
LATEST_VALUES = ("mark_price", "open_interest", "funding_rate", "oracle_price", "day_notional_volume")


class LatestValue:
    """The newest of some timed values at an instant."""

    __slots__ = ("_index", "_values", "rows")

    def __init__(self, rows: TimedValues) -> None:
        self.rows = rows
        self._index = TimeIndex(rows.timestamp_ms)
        self._values = rows.value.data

    def at(self, time_ms: int) -> float | None:
        """Return the newest value whose time is <= `time_ms`, or None."""
        count = self._index.count_upto(time_ms)
        value: float | None = self._values[count - 1] if count else None
        return value

    def fresh(self, time_ms: int, stale_ms: int) -> float | None:
        """Return the newest value unless it is older than `stale_ms`, or None."""
        count = self._index.count_upto(time_ms)
        if not count or time_ms - self._index.time(count - 1) > stale_ms:
            return None
        value: float = self._values[count - 1]
        return value

    def fresh_at(self, times_ms: TimeColumn, stale_ms: int) -> FloatColumn:
        """Return the newest value at each time, nan where it is older than `stale_ms` or there is none."""
        times = self.rows.timestamp_ms
        newest = times.searchsorted(times_ms, side="right") - 1
        known = np.maximum(newest, 0)
        return np.where((newest >= 0) & (times_ms - times[known] <= stale_ms), self.rows.value[known], np.nan)

    def newest(self, time_ms: int, count: int) -> tuple[list[int], list[float]]:
        """Return times and values of the `count` newest whose time is <= `time_ms`, oldest first: fewer where there
        are no more.
        """
        known = self._index.count_upto(time_ms)
        part = slice(known - count if known > count else 0, known)
        return self.rows.timestamp_ms[part].tolist(), self.rows.value[part].tolist()

    def between(self, begin_ms: int, end_ms: int) -> tuple[float, float, float, float] | None:
        """Return first, highest, lowest and last value with begin <= time <= end, or None."""
        begin, end = self._index.count_before(begin_ms), self._index.count_upto(end_ms)
        if begin >= end:
            return None
        part = self.rows.value[begin:end]
        highest, lowest = float(np.maximum.reduce(part)), float(np.minimum.reduce(part))
        return self._values[begin], highest, lowest, self._values[end - 1]


class FlowHistory:
    """Everything beside klines that is recorded of one symbol; any table may be missing.

    `ranged` are the trade rows that have high and low, `priced` those of them that have a vwap too. The latest-value
    series (`LATEST_VALUES`) hold only rows in which the value is present: each may stand in rows of its own.
    `day_notional_volume` is what was traded in 24 hours, USD, as the venue says. `back_filled_ms` are the times of
    those trade rows that are whole minutes.
    """

    def __init__(
        self,
        trades: TradeRows | None = None,
        book: BookRows | None = None,
        mark_price: TimedValues | None = None,
        open_interest: TimedValues | None = None,
        funding_rate: TimedValues | None = None,
        oracle_price: TimedValues | None = None,
        day_notional_volume: TimedValues | None = None,
        *,
        back_filled_ms: TimeColumn | None = None,
    ) -> None:
        self.trades = trades if trades is not None and len(trades) else None
        self.ranged = None if self.trades is None else self.trades.having("high", "low")
        self.priced = None if self.ranged is None else self.ranged.having("vwap")
        self.book = book if book is not None and len(book) else None
        self.mark_price = _latest(mark_price)
        self.open_interest = _latest(open_interest)
        self.funding_rate = _latest(funding_rate)
        self.oracle_price = _latest(oracle_price)
        self.day_notional_volume = _latest(day_notional_volume)
        self.back_filled_ms = np.empty(0, np.int64) if back_filled_ms is None else back_filled_ms
        self._buckets: dict[tuple[str, int], Buckets] = {}
        self._trade_index = None if self.trades is None else TimeIndex(self.trades.timestamp_ms)

    def __reduce__(self) -> tuple[Any, ...]:
        # what was recorded, without what has been worked out from it
        latest: list[LatestValue | None] = [getattr(self, name) for name in LATEST_VALUES]
        rows = (None if each is None else each.rows for each in latest)
        return partial(FlowHistory, back_filled_ms=self.back_filled_ms), (self.trades, self.book, *rows)

    def replaced(self, **tables: Any) -> FlowHistory:
        """Return the same flow with other tables: rows by the names that the constructor has."""
        latest: dict[str, LatestValue | None] = {name: getattr(self, name) for name in LATEST_VALUES}
        rows = {name: None if each is None else each.rows for name, each in latest.items()}
        same = {"trades": self.trades, "book": self.book, **rows, "back_filled_ms": self.back_filled_ms}
        return FlowHistory(**{**same, **tables})

    def until(self, end_ms: int, late_ms: int) -> FlowHistory:
        """Return what is known at `end_ms`; funding rates that are stamped up to `late_ms` later count still."""
        trades = None if self.trades is None else self.trades.until(end_ms)
        book = None if self.book is None else self.book.until(end_ms)
        latest: dict[str, TimedValues] = {}
        for name in LATEST_VALUES:
            series: LatestValue | None = getattr(self, name)
            if series is not None:
                latest[name] = series.rows.until(end_ms + late_ms if name == "funding_rate" else end_ms)
        return FlowHistory(trades, book, **latest, back_filled_ms=self.back_filled_ms[self.back_filled_ms <= end_ms])

    def buckets(self, table: str, interval_ms: int) -> Buckets | None:
        """Return the buckets of a table ("trades", "ranged", "book", "open_interest", "funding_rate")."""
        key = table, interval_ms
        found = self._buckets.get(key)
        if found is None:
            rows = self._table(table)
            if rows is None or not len(rows):
                return None
            found = self._buckets[key] = self._make_buckets(table, rows, interval_ms)
        return found

    def _make_buckets(self, table: str, rows: FlowRows, interval_ms: int) -> Buckets:
        return Buckets(rows, interval_ms)

    def unregistered(self, metric: str, interval_ms: int, time_ms: int) -> Answer | None:
        """Return a metric that is not registered in this process at an instant: None, there is no such metric."""
        return None

    def times(self, table: str) -> TimeColumn | None:
        """Return the times of a table's rows, or None when there is none."""
        rows = self._table(table)
        return None if rows is None else rows.timestamp_ms

    def _table(self, name: str) -> FlowRows | None:
        found: LatestValue | FlowRows | None = getattr(self, name)
        return found.rows if isinstance(found, LatestValue) else found

    def volume_between(self, after_ms: int, until_ms: int) -> float:
        """Return the taker volume in coins of the rows with after < timestamp <= until."""
        if self.trades is None or self._trade_index is None:
            return 0.0
        first, last = self._trade_index.count_upto(after_ms), self._trade_index.count_upto(until_ms)
        if last <= first:
            return 0.0
        part = slice(first, last)
        return float(np.add.reduce(self.trades.buy_volume[part]) + np.add.reduce(self.trades.sell_volume[part]))

    def vwap_between(self, after_ms: int, until_ms: int) -> float | None:
        """Return the volume-weighted price of the rows with after < timestamp <= until, or None without volume."""
        if self.priced is None:
            return None
        times = self.priced.timestamp_ms
        part = slice(*np.searchsorted(times, (after_ms, until_ms), side="right").tolist())
        volume = self.priced.buy_volume[part] + self.priced.sell_volume[part]
        total = float(volume.sum())
        return float((self.priced.vwap[part] * volume).sum()) / total if total > 0.0 else None


def _latest(rows: TimedValues | None) -> LatestValue | None:
    return LatestValue(rows) if rows is not None and len(rows) else None
