"""The klines of one symbol in their drawn order, each as it was beside the close before it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..errors import DataError
from ..instants import utc_text
from ..market.flow import TimedValues
from ..market.series import FloatColumn, KlineColumns, TimeColumn
from .drawn_minutes import DrawnMinutes


class MovedRows(NamedTuple):
    """Rows of a table that have moved with their klines: their places in it, their new times, and for each the place of
    its kline among the moved ones. `kept` rows at the beginning of the table are recorded before the first moved kline.
    """

    kept: int
    places: TimeColumn
    times_ms: TimeColumn
    kline: TimeColumn

    def joined(self, column: FloatColumn, factors: FloatColumn | None = None) -> FloatColumn:
        """Return a column of the table: what is kept, and what has moved, times the factor of its kline."""
        moved = column[self.places] if factors is None else column[self.places] * factors[self.kline]
        return np.concatenate((column[: self.kept], moved))


class MovedKlines:
    """The base klines of one symbol: those that open before `start_ms` as they were recorded, those up to `end_ms` as
    they were drawn, none after.

    A drawn kline takes the time of a recorded one and is what its source was beside the close before that; the first
    one follows the last recorded close. `price_factors` are by how much the prices of each drawn kline, and of what was
    recorded in its minutes, differ from those of its source. Raises `DataError` for prices that are not above 0 and
    for klines that do not follow their period.
    """

    def __init__(self, symbol: str, recorded: KlineColumns, drawn: DrawnMinutes, start_ms: int, end_ms: int) -> None:
        opened = recorded.open_ms
        first, stop = (int(place) for place in opened.searchsorted((start_ms, end_ms + 1)))
        self._recorded, self._first, self.period_ms = recorded, first, recorded.period_ms
        self.open_ms = opened[first:stop]
        stretch = self.open_ms // drawn.step_ms
        self._source_ms = self.open_ms + drawn.sources(stretch) * drawn.step_ms
        self._source = np.minimum(opened.searchsorted(self._source_ms), max(len(opened) - 1, 0))
        self._check(symbol, stop)
        self.price_factors = self.factors(*self._closes())

    def _check(self, symbol: str, stop: int) -> None:
        part = slice(max(self._first - 1, 0), stop)
        prices = np.concatenate([getattr(self._recorded, name)[part] for name in ("open", "high", "low", "close")])
        if not (np.isfinite(prices) & (prices > 0.0)).all():
            raise DataError(f"{symbol}: a price is not above 0: such klines cannot be drawn anew")
        found = self._recorded.open_ms[self._source] if len(self.open_ms) else self.open_ms
        wrong = np.flatnonzero(found != self._source_ms)
        if len(wrong):
            opened = utc_text(int(self.open_ms[wrong[0]]))
            raise DataError(
                f"{symbol}: the kline at {opened} does not open a whole number of periods after the others: "
                "such klines cannot be drawn anew"
            )

    def _closes(self) -> tuple[FloatColumn, FloatColumn]:
        """Return what was the price before and at the end of each recorded kline."""
        close, opened = self._recorded.close, self._recorded.open
        return np.concatenate((opened[:1], close[:-1])), close

    def factors(self, before: FloatColumn, after: FloatColumn) -> FloatColumn:
        """Return by how much a level differs in each drawn kline from what it was in its source, when its changes from
        `before` to `after` each recorded kline are chained in the order of the draw, from the recorded level on.
        """
        if not len(self._source):
            return np.empty(0)
        changes = after[self._source] / before[self._source]
        chained: FloatColumn = before[self._first] * np.concatenate(([1.0], np.cumprod(changes[:-1])))
        return chained / before[self._source]

    @property
    def columns(self) -> KlineColumns:
        """The klines: recorded ones, then drawn ones."""
        recorded, source, factors = self._recorded, self._source, self.price_factors
        *prices, volume = recorded.figures
        figures = [np.concatenate((each[: self._first], each[source] * factors)) for each in prices]
        figures.append(np.concatenate((volume[: self._first], volume[source])))
        opened = np.concatenate((recorded.open_ms[: self._first], self.open_ms))
        return KlineColumns(self.period_ms, opened, *figures)

    @property
    def begins_ms(self) -> int | None:
        """When the first drawn kline opens, None when there is none."""
        return int(self.open_ms[0]) if len(self.open_ms) else None

    def rows(self, times_ms: TimeColumn) -> MovedRows:
        """Return how the rows of a table move, each of which is recorded at the end of what it tells: those in (open,
        close] of a kline move with it.
        """
        source_ms = self._source_ms
        first = times_ms.searchsorted(source_ms, side="right")
        counts = times_ms.searchsorted(source_ms + self.period_ms, side="right") - first
        kline = np.repeat(np.arange(len(source_ms)), counts)
        before = np.cumsum(counts) - counts
        places = np.arange(len(kline)) + (first - before)[kline]
        moved = times_ms[places] + (self.open_ms - source_ms)[kline]
        kept = len(times_ms) if self.begins_ms is None else int(times_ms.searchsorted(self.begins_ms, side="right"))
        return MovedRows(kept, places, np.concatenate((times_ms[:kept], moved)), kline)

    def chained(self, level: TimedValues) -> TimedValues:
        """Return a recorded level, such as open interest, with its changes in the order of the draw."""
        moved = self.rows(level.timestamp_ms)
        opened, times = self._recorded.open_ms, level.timestamp_ms
        known = [times.searchsorted(at, side="right") for at in (opened, opened + self.period_ms)]
        before, after = (level.value[np.maximum(count - 1, 0)] for count in known)
        return TimedValues(moved.times_ms, moved.joined(level.value, self.factors(before, after)))
