"""OBV: on-balance volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, Kline, KlineColumns
from .indicator import FormingStep, Indicator
from .sliding import sliding_sum


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

    def forming_step(self, columns: KlineColumns, window: int) -> FormingStep:
        """Return a step that adds or subtracts the forming volume."""
        balance = self.values(columns, window - 1)["value"]
        close = columns.close

        def step(stop: int, kline: Kline) -> dict[str, float]:
            before, previous = balance.item(stop - 1), close.item(stop - 1)
            rise = (kline.close > previous) - (kline.close < previous)
            return {"value": before + rise * kline.volume}

        return step
