"""What the order watcher searches: spans of time with the prices that traded in them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from .flow import ROW_MS, TradeRows
from .series import FloatColumn, KlineColumns, TimeColumn


@dataclass(frozen=True, slots=True, eq=False)
class WatchColumns:
    """Spans in order of time. A trigger is touched when `low` or `high` reaches it; that is known at `end_ms`.

    A span trades beyond a trigger from the start when `floor` (for a trigger above) or `ceiling` (for one below) is
    beyond it; it is filled at `gap_price` at `gap_ms` then. For a kline all three prices are its open, at its opening
    time; a 15-second row has no open: it must lie wholly beyond, and trades at its vwap when it is known.
    """

    start_ms: TimeColumn
    end_ms: TimeColumn
    high: FloatColumn
    low: FloatColumn
    floor: FloatColumn
    ceiling: FloatColumn
    gap_price: FloatColumn
    gap_ms: TimeColumn

    def first_from(self, time_ms: int) -> int:
        """Return the place of the first span that starts at or after `time_ms`."""
        return int(np.searchsorted(self.start_ms, time_ms))

    def is_instant(self, place: int) -> bool:
        """Tell whether a span is the instant at which a pause ended."""
        return bool(self.start_ms.item(place) == self.end_ms.item(place))

    def without(self, began_ms: int, ended_ms: int, price: float | None) -> WatchColumns:
        """Return the spans that lie wholly before or after a pause, and between them the instant of its end as a span
        of its own, in which everything trades at `price` (None: nothing does).
        """
        before, after = self.end_ms <= began_ms, self.start_ms >= ended_ms

        def cut(name: str) -> Any:
            column = getattr(self, name)
            between = [] if price is None else [ended_ms if name.endswith("_ms") else price]
            return np.concatenate((column[before], np.array(between, column.dtype), column[after]))

        return WatchColumns(*(cut(each.name) for each in fields(self)))

    def first_after(self, time_ms: int) -> int:
        """Return the place of the first span that starts after `time_ms`."""
        return int(np.searchsorted(self.start_ms, time_ms, side="right"))


def watch_klines(klines: KlineColumns) -> WatchColumns:
    """Return klines as spans (views on their columns, but for the closing times)."""
    opened = klines.open
    ends = klines.open_ms + klines.period_ms
    return WatchColumns(klines.open_ms, ends, klines.high, klines.low, opened, opened, opened, klines.open_ms)


def watch_rows(rows: TradeRows, klines: KlineColumns) -> WatchColumns:
    """Return 15-second rows as spans, and the klines in which there is no row at all."""
    ends = klines.open_ms + klines.period_ms
    first = np.searchsorted(rows.timestamp_ms, klines.open_ms, side="right")
    uncovered = first == np.searchsorted(rows.timestamp_ms, ends, side="right")
    spans = watch_klines(klines)
    order = np.argsort(np.concatenate((rows.timestamp_ms - ROW_MS, spans.start_ms[uncovered])), kind="stable")

    def both(row_column: npt.NDArray[Any], kline_column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.asarray(np.concatenate((row_column, kline_column[uncovered]))[order])

    return WatchColumns(
        both(rows.timestamp_ms - ROW_MS, spans.start_ms),
        both(rows.timestamp_ms, spans.end_ms),
        both(rows.high, spans.high),
        both(rows.low, spans.low),
        both(rows.low, spans.floor),
        both(rows.high, spans.ceiling),
        both(rows.vwap, spans.gap_price),
        both(rows.timestamp_ms, spans.gap_ms),
    )
