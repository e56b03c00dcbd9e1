"""What the order watcher searches: spans of time with the prices that traded in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .fine_rows import FineRows, HighLow
from .flow import ROW_MS, TradeRows
from .margin_spans import Marks
from .series import FloatColumn, KlineColumns, TimeColumn, TimeIndex


@dataclass(frozen=True, slots=True, eq=False)
class WatchColumns:
    """Spans in order of time. A trigger is touched when `low` or `high` reaches it; that is known at the span's `end`,
    which `ends` tells: the column of them, or how long all the spans are.

    A span trades beyond a trigger from the start when `floor` (for a trigger above) or `ceiling` (for one below) is
    beyond it; it is filled at `gap_price` at `gap_ms` then. For a kline all three prices are its open, at its opening
    time; a 15-second row has no open: it must lie wholly beyond, and trades at its vwap when it is known. `first` is
    the price that a span begins with. What is reached inside of it trades between `traded_low` and `traded_high`: of
    marks these and the gap price are traded prices, the others marks. At `resumed_ms` the last pause ended (-1: none).
    `fine` are the finer rows that decide what comes first inside of a span (None: nothing does), `index` is that of
    `start_ms`, where there is one.
    """

    start_ms: TimeColumn
    ends: TimeColumn | int
    high: FloatColumn
    low: FloatColumn
    floor: FloatColumn
    ceiling: FloatColumn
    gap_price: FloatColumn
    gap_ms: TimeColumn
    first: FloatColumn
    traded_high: FloatColumn
    traded_low: FloatColumn
    resumed_ms: int = field(default=-1, kw_only=True)
    fine: FineRows | None = field(default=None, kw_only=True)
    index: TimeIndex | None = field(default=None, kw_only=True)

    @property
    def end_ms(self) -> TimeColumn:
        """When each span ends, made when it is read: `end` tells one of them at once."""
        return self.start_ms + self.ends if isinstance(self.ends, int) else self.ends

    def end(self, place: int) -> int:
        """Return when a span ends."""
        ends = self.ends
        return self.start_ms.item(place) + ends if isinstance(ends, int) else ends.item(place)

    def first_from(self, time_ms: int) -> int:
        """Return the place of the first span that starts at or after `time_ms`."""
        index = self.index
        return bisect_left(self.start_ms.data, time_ms) if index is None else index.count_upto(time_ms - 1)

    def is_resumption(self, place: int) -> bool:
        """Tell whether a span is the instant at which the last pause ended, which comes before others of that time."""
        start = self.start_ms.item(place)
        is_first = place == 0 or self.start_ms.item(place - 1) < start
        return bool(start == self.end(place) == self.resumed_ms and is_first)

    def rows_inside(self, place: int) -> Iterable[HighLow]:
        """Return high and low of the finer rows of a span in order of time; none where nothing has all of them."""
        if self.fine is None:
            return ()
        times = self.start_ms.item(place), self.end(place)
        return self.fine.inside(*times, self.high.item(place), self.low.item(place))

    def without(self, began_ms: int, ended_ms: int, price: float | None, seen: float | None = None) -> WatchColumns:
        """Return the spans that lie wholly before or after a pause, and between them the instant of its end as a span
        of its own, in which everything trades at `price` (None: nothing does); what is watched is `seen`, if given.
        """
        traded = ("gap_price", "traded_high", "traded_low")
        before, after = self.end_ms <= began_ms, self.start_ms >= ended_ms

        def cut(name: str) -> Any:
            column = getattr(self, name)
            watched = price if seen is None or name in traded else seen
            between = [] if price is None else [ended_ms if name.endswith("_ms") else watched]
            return np.concatenate((column[before], np.array(between, column.dtype), column[after]))

        resumed_ms = -1 if price is None else ended_ms
        return WatchColumns(*map(cut, _COLUMNS), resumed_ms=resumed_ms, fine=self.fine)

    def first_after(self, time_ms: int) -> int:
        """Return the place of the first span that starts after `time_ms`."""
        return bisect_right(self.start_ms.data, time_ms)


_COLUMNS = ["end_ms" if each.name == "ends" else each.name for each in fields(WatchColumns) if not each.kw_only]


def watch_klines(klines: KlineColumns, index: TimeIndex | None = None) -> WatchColumns:
    """Return klines, whose opens have this index, as spans: views on their columns."""
    opened, length = klines.open, klines.period_ms
    high, low = klines.high, klines.low
    columns = (high, low, opened, opened, opened, klines.open_ms, opened, high, low)
    return WatchColumns(klines.open_ms, length, *columns, index=index)


def watch_rows(rows: TradeRows, klines: KlineColumns) -> WatchColumns:
    """Return 15-second rows as spans, and the klines in which there is no row at all."""
    spans = watch_klines(klines)
    first = np.searchsorted(rows.timestamp_ms, klines.open_ms, side="right")
    uncovered = first == np.searchsorted(rows.timestamp_ms, spans.end_ms, side="right")
    time, high, low, vwap = rows.timestamp_ms, rows.high, rows.low, rows.vwap
    of_rows = WatchColumns(time - ROW_MS, time, high, low, low, high, vwap, time, vwap, high, low)
    return _in_order(of_rows, _chosen(spans, uncovered))


def watch_marks(traded: WatchColumns, klines: KlineColumns, marks: Marks, stale_ms: int) -> WatchColumns:
    """Return what triggers see that watch the mark price: mark klines, mark rows outside of these as instants, and what
    was `traded` where neither covers it and no mark is fresh when it is known. What a mark kline reaches trades inside
    of the traded kline of its minute, without one at the last close.
    """
    parts = [traded]
    if marks.all is not None:
        stale = np.isnan(marks.all.fresh_at(traded.end_ms, stale_ms)) & ~_covered(traded.end_ms, marks.klines)
        parts = [_chosen(traded, stale)]
    if marks.klines is not None:
        parts.insert(0, _of_mark_klines(marks.klines, klines))
    if marks.rows is not None:
        alone = ~_covered(marks.rows.timestamp_ms, marks.klines)
        time, price = marks.rows.timestamp_ms[alone], marks.rows.value[alone]
        parts.insert(0, WatchColumns(time, time, price, price, price, price, price, time, price, price, price))
    return _in_order(*parts)


def _covered(times_ms: TimeColumn, klines: KlineColumns | None) -> npt.NDArray[np.bool_]:
    """Tell which times lie in a kline, after its open and up to its close."""
    if klines is None or not len(klines):
        return np.zeros(len(times_ms), np.bool_)
    place = np.searchsorted(klines.open_ms, times_ms) - 1
    return np.asarray((place >= 0) & (times_ms <= klines.open_ms[np.maximum(place, 0)] + klines.period_ms))


def _of_mark_klines(marks: KlineColumns, traded: KlineColumns) -> WatchColumns:
    count = np.searchsorted(traded.open_ms, marks.open_ms, side="right")
    place = np.maximum(count - 1, 0)
    there = (count > 0) & (traded.open_ms[place] == marks.open_ms)
    last = np.where(count > 0, traded.close[place], marks.open)
    opened, high, low = (np.where(there, each[place], last) for each in (traded.open, traded.high, traded.low))
    ends = marks.open_ms + marks.period_ms
    begin, first = marks.open_ms, marks.open
    return WatchColumns(begin, ends, marks.high, marks.low, first, first, opened, begin, first, high, low)


def _chosen(spans: WatchColumns, chosen: npt.NDArray[np.bool_]) -> WatchColumns:
    return WatchColumns(*(getattr(spans, name)[chosen] for name in _COLUMNS))


def _in_order(*parts: WatchColumns) -> WatchColumns:
    """Return the spans of all parts in order of time; of those that start together the earlier part's first."""
    order = np.argsort(np.concatenate([each.start_ms for each in parts]), kind="stable")
    return WatchColumns(*(np.concatenate([getattr(each, name) for each in parts])[order] for name in _COLUMNS))
