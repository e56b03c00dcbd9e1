"""The last price that was known at an instant: one rule, for margin, equity and what a program is told."""

from __future__ import annotations

from typing import Any

import numpy as np

from .flow import LatestValue, TimedValues
from .series import FloatColumn, TimeColumn, TimeIndex, read_only


class KnownPrices:
    """The prices of one symbol: the newest mark that is not older than `stale_ms`, else the close of the last finished
    kline. Times are epoch ms.

    It holds closes and marks alone, as views on the columns of the market; what a result keeps of it.
    """

    __slots__ = ("_close", "_index", "_marks", "_opened", "_period_ms", "_stale_ms")

    def __init__(
        self,
        period_ms: int,
        opened: TimeColumn,
        close: FloatColumn,
        marks: LatestValue | None,
        stale_ms: int,
        index: TimeIndex | None = None,
    ) -> None:
        self._period_ms, self._stale_ms = period_ms, stale_ms
        self._opened, self._close, self._marks = opened, close, marks
        self._index = TimeIndex(opened) if index is None else index

    def at(self, time_ms: int) -> float:
        """Return the price at an instant, 0.0 where none is known yet."""
        mark = None if self._marks is None else self._marks.fresh(time_ms, self._stale_ms)
        if mark is not None:
            return mark
        count = self._index.count_upto(time_ms - self._period_ms)
        return self._close.item(count - 1) if count else 0.0

    def at_times(self, times_ms: TimeColumn) -> FloatColumn:
        """Return the price at each of many instants."""
        last = self._index.counts_upto(times_ms - self._period_ms)
        last -= 1
        price = self._close.take(last) if len(self._close) else np.zeros(len(last))
        if len(last) and last.min() < 0:
            price[last < 0] = 0.0
        if self._marks is None:
            return price
        mark = self._marks.fresh_at(times_ms, self._stale_ms)
        return np.where(np.isnan(mark), price, mark)

    def within(self, since_ms: TimeColumn, until_ms: TimeColumn) -> KnownPrices:
        """Return what gives the same prices in each [since, until], as copies of what that takes, and no others."""
        known = since_ms, until_ms
        klines = self._chosen(self._opened + self._period_ms, *known)
        marks = None
        if self._marks is not None:
            rows = self._marks.rows
            chosen = self._chosen(rows.timestamp_ms, *known)
            marks = LatestValue(TimedValues(rows.timestamp_ms[chosen], rows.value[chosen])) if chosen.any() else None
        return KnownPrices(self._period_ms, self._opened[klines], self._close[klines], marks, self._stale_ms)

    @staticmethod
    def _chosen(times_ms: TimeColumn, since_ms: TimeColumn, until_ms: TimeColumn) -> Any:
        """Return which of some times are in one of the ranges, or are the last before one."""
        first = np.maximum(times_ms.searchsorted(since_ms, side="right") - 1, 0)
        stop = times_ms.searchsorted(until_ms, side="right")
        is_some = first < stop
        steps = np.zeros(len(times_ms) + 1, np.int64)
        np.add.at(steps, first[is_some], 1)
        np.add.at(steps, stop[is_some], -1)
        return np.cumsum(steps[:-1]) > 0

    def __reduce__(self) -> tuple[Any, ...]:
        # of times one after another the first of each row of them, and how many they are
        opened, period = self._opened, self._period_ms
        starts = np.flatnonzero(np.diff(opened, prepend=opened[0] - 2 * period if len(opened) else 0) != period)
        counts = np.diff(starts, append=len(opened))
        rows = None if self._marks is None else self._marks.rows
        return _made_again, (period, opened[starts], counts, self._close, rows, self._stale_ms)


def _made_again(
    period_ms: int,
    first_ms: TimeColumn,
    counts: TimeColumn,
    close: FloatColumn,
    rows: TimedValues | None,
    stale_ms: int,
) -> KnownPrices:
    within = np.arange(len(close)) - np.repeat(np.cumsum(counts) - counts, counts)
    opened = read_only(np.repeat(first_ms, counts) + period_ms * within, np.int64)
    marks = None if rows is None else LatestValue(rows)
    return KnownPrices(period_ms, opened, read_only(close, np.float64), marks, stale_ms)
