"""RSI: the relative strength index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, Kline, KlineColumns
from .exponential import windowed_exponential_mean
from .indicator import FormingStep, PeriodIndicator

NEUTRAL = 50.0


@dataclass(frozen=True, slots=True)
class RelativeStrength(PeriodIndicator):
    """100 G / (G + L), where G and L are exponential means (alpha = 1 / `period`) of gains and losses between closes.

    Both start at the window's first difference, without the warm-up of Wilder's own definition; 50 for a single kline
    and where no close differs from the one before.
    """

    family: ClassVar[str] = "RSI"
    fillers: ClassVar[Mapping[str, float]] = {"value": NEUTRAL}
    warm_up: ClassVar[Mapping[str, int]] = {"value": 2}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the index at each window's end."""
        gain, loss = self._means(columns, window)
        total = gain + loss
        strength = np.full(len(columns), NEUTRAL)
        np.divide(100.0 * gain, total, out=strength[1:], where=total > 0.0)
        return {"value": strength}

    def forming_step(self, columns: KlineColumns, window: int) -> FormingStep:
        """Return a step that moves both means on by the change to the forming close."""
        gains, losses = self._means(columns, window - 1)
        close, alpha = columns.close, 1.0 / self.period

        def step(stop: int, kline: Kline) -> dict[str, float]:
            change = kline.close - close.item(stop - 1)
            gain, loss = gains.item(stop - 2), losses.item(stop - 2)
            gain += alpha * (max(change, 0.0) - gain)
            loss += alpha * (max(-change, 0.0) - loss)
            total = gain + loss
            return {"value": 100.0 * gain / total if total > 0.0 else NEUTRAL}

        return step

    def _means(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, FloatColumn]:
        """Return the means of gains and losses at every difference of closes: one row less than the klines."""
        change = np.diff(columns.close)
        gains, losses = np.maximum(change, 0.0), np.maximum(-change, 0.0)
        period = 2 * self.period - 1
        return (
            windowed_exponential_mean(gains, gains, 0, period, window - 1),
            windowed_exponential_mean(losses, losses, 0, period, window - 1),
        )
