"""The finer rows of a kline: in which order its prices were reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from .flow import ROW_MS, TradeRows
from .series import FloatColumn, KlineColumns, TimeColumn

#: What figures of one kline may differ by in two tables, as a share of them: digits that were cut off.
_ROUNDING = 1e-6

#: High and low of a row.
HighLow = tuple[float, float]


class RowSource(NamedTuple):
    """Rows of one table in order of time, each from `start_ms` to `end_ms`; `volume` in coins, None: it has none."""

    start_ms: TimeColumn
    end_ms: TimeColumn
    high: FloatColumn
    low: FloatColumn
    volume: FloatColumn | None

    @classmethod
    def of_rows(cls, rows: TradeRows) -> RowSource:
        """Return 15-second rows."""
        end, volume = rows.timestamp_ms, rows.buy_volume + rows.sell_volume
        return cls(end - ROW_MS, end, rows.high, rows.low, volume)

    @classmethod
    def of_klines(cls, klines: KlineColumns, has_volume: bool = True) -> RowSource:
        """Return klines; those of a mark price have no volume."""
        opened, volume = klines.open_ms, klines.volume if has_volume else None
        return cls(opened, opened + klines.period_ms, klines.high, klines.low, volume)

    def between(self, start_ms: int, end_ms: int) -> RowSource:
        """Return the rows that lie wholly between two instants."""
        first = int(np.searchsorted(self.start_ms, start_ms))
        stop = max(first, int(np.searchsorted(self.end_ms, end_ms, side="right")))
        part = slice(first, stop)
        volume = None if self.volume is None else self.volume[part]
        return RowSource(self.start_ms[part], self.end_ms[part], self.high[part], self.low[part], volume)

    def is_all_of(self, start_ms: int, end_ms: int, high: float, low: float, volume: float | None) -> bool:
        """Tell whether the rows are all that traded in a kline: they reach just its extremes, and leave no time out, or
        no volume.
        """
        if not len(self.end_ms) or not (_agree(float(self.high.max()), high) and _agree(float(self.low.min()), low)):
            return False
        gaps = self.start_ms[1:] - self.end_ms[:-1]
        if np.any(gaps < 0):
            return False
        if not np.any(gaps) and self.start_ms[0] == start_ms and self.end_ms[-1] == end_ms:
            return True
        return volume is not None and self.volume is not None and _agree(float(self.volume.sum()), volume)


class FineRows:
    """What is recorded inside of the `klines` of a symbol, by `sources`, the finest first."""

    def __init__(self, klines: KlineColumns, sources: Sequence[RowSource]) -> None:
        self._klines, self._sources = klines, sources

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is recorded inside of any kline."""
        return not any(len(source.end_ms) for source in self._sources)

    def inside(self, start_ms: int, end_ms: int, high: float, low: float) -> Iterable[HighLow]:
        """Return the rows of a span in order of time, of the finest source that has all of them; none where no source
        has: rows are missing, or are not of the trades that the span was made of.

        They are known when the span ends.
        """
        volume = self._volume(start_ms, end_ms)
        for source in self._sources:
            rows = source.between(start_ms, end_ms)
            if rows.is_all_of(start_ms, end_ms, high, low, volume):
                return zip(rows.high.tolist(), rows.low.tolist(), strict=True)
        return ()

    def _volume(self, start_ms: int, end_ms: int) -> float | None:
        """Return what the kline traded that a span is; None where it is none."""
        klines = self._klines
        place = int(np.searchsorted(klines.open_ms, start_ms))
        is_kline = place < len(klines) and klines.open_ms[place] == start_ms and start_ms + klines.period_ms == end_ms
        return klines.volume.item(place) if is_kline else None


def _agree(one: float, other: float) -> bool:
    return abs(one - other) <= _ROUNDING * max(abs(one), abs(other))
