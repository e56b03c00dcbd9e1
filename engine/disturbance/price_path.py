"""The way of prices through a crash or a wick: down (or up) in a straight line, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..market.flow import ROW_MS, TimedValues, TradeRows
from ..market.series import FloatColumn, KlineColumns, TimeColumn


class PricePath(NamedTuple):
    """By which factor prices differ: 1 up to `start_ms`, `factor` at `turn_ms`, 1 again from `end_ms` on."""

    start_ms: int
    turn_ms: int
    end_ms: int
    factor: float

    def at(self, times_ms: TimeColumn) -> FloatColumn:
        """Return the factor at each time."""
        corners = (self.start_ms, self.turn_ms, self.end_ms)
        return np.asarray(np.interp(times_ms, corners, (1.0, self.factor, 1.0)))

    def extremes(self, first_ms: TimeColumn, last_ms: TimeColumn) -> tuple[FloatColumn, FloatColumn]:
        """Return the lowest and the highest factor of each stretch of time."""
        ends = self.at(first_ms), self.at(last_ms)
        reached = [self.at(np.clip(corner, first_ms, last_ms)) for corner in self[:3]]
        return np.minimum.reduce([*ends, *reached]), np.maximum.reduce([*ends, *reached])

    def touches(self, first_ms: TimeColumn, last_ms: TimeColumn) -> npt.NDArray[np.bool_]:
        """Return which stretches of time it has a part of."""
        return (first_ms < self.end_ms) & (last_ms > self.start_ms)

    def klines(self, columns: KlineColumns) -> KlineColumns:
        """Return klines as they are on it."""
        opened, closed = columns.open_ms, columns.open_ms + columns.period_ms
        lowest, highest = self.extremes(opened, closed)
        return replace(
            columns,
            open=columns.open * self.at(opened),
            high=columns.high * highest,
            low=columns.low * lowest,
            close=columns.close * self.at(closed),
        )

    def prices(self, rows: TimedValues) -> TimedValues:
        """Return prices of instants as they are on it."""
        return TimedValues(rows.timestamp_ms, rows.value * self.at(rows.timestamp_ms))

    def trades(self, rows: TradeRows) -> TradeRows:
        """Return rows of trades as they are on it."""
        times = rows.timestamp_ms
        factor = self.at(times)
        lowest, highest = self.extremes(times - ROW_MS, times)
        return replace(
            rows,
            buy_notional=rows.buy_notional * factor,
            sell_notional=rows.sell_notional * factor,
            vwap=rows.vwap * factor,
            high=rows.high * highest,
            low=rows.low * lowest,
        )
