"""ATR: the average true range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, Kline, KlineColumns
from .exponential import windowed_exponential_mean
from .indicator import FormingStep, PeriodIndicator
from .sliding import sliding_sum


@dataclass(frozen=True, slots=True)
class AverageTrueRange(PeriodIndicator):
    """The mean of the window's first `period` true ranges, then alpha = 1 / `period` (Wilder); 0 with fewer klines.

    The true range is max(high, previous close) - min(low, previous close), of the window's first kline high - low.
    """

    family: ClassVar[str] = "ATR"

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the average at each window's end."""
        rows, period = len(columns), self.period
        span = columns.high - columns.low
        true_range = span.copy()
        before = columns.close[:-1]
        true_range[1:] = np.maximum(columns.high[1:], before) - np.minimum(columns.low[1:], before)
        seeds = sliding_sum(true_range, period - 1)
        seeds[period - 1 :] += span[: max(rows - period + 1, 0)]
        seeds /= period
        return {"value": windowed_exponential_mean(true_range, seeds, period - 1, 2 * period - 1, window)}

    def forming_step(self, columns: KlineColumns, window: int) -> FormingStep:
        """Return a step that moves the average on by the forming kline's true range."""
        mean = self.values(columns, window - 1)["value"]
        close, alpha = columns.close, 1.0 / self.period

        def step(stop: int, kline: Kline) -> dict[str, float]:
            before, previous = mean.item(stop - 1), close.item(stop - 1)
            true_range = max(kline.high, previous) - min(kline.low, previous)
            return {"value": before + alpha * (true_range - before)}

        return step
