"""OBV and VWAP: what volume says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...periods import DAY_MS, SECOND_MS
from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import BoolColumn, FormingStep, Indicator
from .windows import sliding_sum, sum_since


@dataclass(frozen=True, slots=True)
class OnBalanceVolume(Indicator):
    """The running sum of volume, added when the close rises and subtracted when it falls; 0 at the window's first."""

    name: ClassVar[str] = "OBV"
    warm_up: ClassVar[Mapping[str, int]] = {"value": 1}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return each window's balance."""
        signed = np.zeros(len(columns))
        signed[1:] = np.sign(np.diff(columns.close)) * columns.volume[1:]
        balance = np.cumsum(signed)
        if len(columns) > window:
            balance[window:] = sliding_sum(signed, window - 1)[window:]
        return {"value": balance}

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return the balance of the windows before a forming kline."""
        return (self.values(columns, window - 1)["value"],)

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that adds or subtracts the forming volume."""
        (balance,) = before
        close = columns.close

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            last, previous = balance.item(stop - 1), close.item(stop - 1)
            rise = (kline.close > previous) - (kline.close < previous)
            return {"value": last + rise * kline.whole.volume}

        return step


@dataclass(frozen=True, slots=True)
class VolumeWeightedPrice(Indicator):
    """(high + low + close) / 3 weighted by volume, over the window's klines of the last one's UTC day.

    0, and undefined, while nothing has been traded that day.
    """

    name: ClassVar[str] = "VWAP"
    warm_up: ClassVar[Mapping[str, int]] = {"value": 1}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the day's average at each window's end."""
        turnover, volume = _sums(columns, window)
        price = np.zeros(len(columns))
        np.divide(turnover, volume, out=price, where=volume > 0.0)
        return {"value": price}

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return turnover and volume of each row's day in the windows before a forming kline."""
        return _sums(columns, window - 1)

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that adds the forming kline to its day, or begins a day with it."""
        turnovers, volumes = before
        opened = columns.open_ms

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            timestamp, _, high, low, close, volume = kline.whole
            turnover = (high + low + close) / 3.0 * volume
            if opened.item(stop - 1) // DAY_MS == timestamp * SECOND_MS // DAY_MS:
                turnover += turnovers.item(stop - 1)
                volume += volumes.item(stop - 1)
            return {"value": turnover / volume if volume > 0.0 else 0.0}

        return step

    def defined(self, values: Mapping[str, FloatColumn], window: int) -> dict[str, BoolColumn]:
        """Return where something has been traded."""
        return {"value": values["value"] > 0.0}


def _sums(columns: KlineColumns, window: int) -> tuple[FloatColumn, FloatColumn]:
    """Return turnover and volume since the start of each row's day or window, whichever is later."""
    day = columns.open_ms // DAY_MS
    starts = np.flatnonzero(np.diff(day, prepend=day[:1] - 1))
    first = np.repeat(starts, np.diff(starts, append=len(day)))
    typical = (columns.high + columns.low + columns.close) / 3.0
    return sum_since(typical * columns.volume, first, window), sum_since(columns.volume, first, window)
