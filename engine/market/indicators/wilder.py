"""RSI and ATR: Wilder's indicators, exponential means with alpha = 1 / period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import INDICATOR_WINDOW, FormingStep, PeriodIndicator
from .windows import sliding_sum, windowed_exponential_mean

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

    @property
    def length(self) -> int:
        """As many differences as the period, so one kline more; what its window does not hold it never sees."""
        return min(self.period + 1, INDICATOR_WINDOW)

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the index at each window's end."""
        gain, loss = self._means(columns, window)
        total = gain + loss
        strength = np.full(len(columns), NEUTRAL)
        np.divide(100.0 * gain, total, out=strength[1:], where=total > 0.0)
        return {"value": strength}

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return the means of gains and losses up to each row in the windows before a forming kline; 0 in the first."""
        gains, losses = self._means(columns, window - 1)
        rows = len(columns)
        return np.insert(gains, 0, 0.0)[:rows], np.insert(losses, 0, 0.0)[:rows]

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that moves both means on by the change to the forming close."""
        gains, losses = before
        close, alpha = columns.close, 1.0 / self.period

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            change = kline.close - close.item(stop - 1)
            gain, loss = gains.item(stop - 1), losses.item(stop - 1)
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

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return the average of the windows before a forming kline."""
        return (self.values(columns, window - 1)["value"],)

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that moves the average on by the forming kline's true range."""
        (mean,) = before
        close, alpha = columns.close, 1.0 / self.period

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            last, previous = mean.item(stop - 1), close.item(stop - 1)
            whole = kline.whole
            true_range = max(whole.high, previous) - min(whole.low, previous)
            return {"value": last + alpha * (true_range - last)}

        return step
