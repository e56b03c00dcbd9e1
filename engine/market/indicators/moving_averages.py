"""MA and EMA: moving averages of closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import FormingStep, PeriodIndicator
from .windows import sliding_sum, windowed_exponential_mean


@dataclass(frozen=True, slots=True)
class MovingAverage(PeriodIndicator):
    """The mean of the last `period` closes; 0 with fewer klines."""

    family: ClassVar[str] = "MA"

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the mean of each window's last `period` closes."""
        if self.period > window:
            return {"value": np.zeros(len(columns))}
        return {"value": sliding_sum(columns.close, self.period) / self.period}

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that averages the last closes with the forming one."""
        close, period = columns.close, self.period

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            return {"value": (float(close[stop - period + 1 : stop].sum()) + kline.close) / period}

        return step


@dataclass(frozen=True, slots=True)
class ExponentialAverage(PeriodIndicator):
    """The mean of the window's first `period` closes, then alpha = 2 / (period + 1); 0 with fewer klines."""

    family: ClassVar[str] = "EMA"

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return each window's exponential mean of closes."""
        close, period = columns.close, self.period
        seeds = sliding_sum(close, period) / period
        return {"value": windowed_exponential_mean(close, seeds, period - 1, period, window)}

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return the exponential mean of the windows before a forming kline."""
        return (self.values(columns, window - 1)["value"],)

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that moves the exponential mean on by the forming close."""
        (mean,) = before
        alpha = 2.0 / (self.period + 1)

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            last = mean.item(stop - 1)
            return {"value": last + alpha * (kline.close - last)}

        return step
