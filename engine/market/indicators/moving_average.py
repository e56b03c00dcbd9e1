"""MA: the mean of the last n closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, Kline, KlineColumns
from .indicator import FormingStep, PeriodIndicator
from .sliding import sliding_sum


@dataclass(frozen=True, slots=True)
class MovingAverage(PeriodIndicator):
    """The mean of the last `period` closes; 0 with fewer klines."""

    family: ClassVar[str] = "MA"

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the mean of each window's last `period` closes."""
        if self.period > window:
            return {"value": np.zeros(len(columns))}
        return {"value": sliding_sum(columns.close, self.period) / self.period}

    def forming_step(self, columns: KlineColumns, window: int) -> FormingStep:
        """Return a step that averages the last closes with the forming one."""
        close, period = columns.close, self.period

        def step(stop: int, kline: Kline) -> dict[str, float]:
            return {"value": (float(close[stop - period + 1 : stop].sum()) + kline.close) / period}

        return step
