"""MACD: moving average convergence and divergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..klines import FloatColumn, Kline, KlineColumns
from .exponential_mean import exponential_mean, windowed_exponential_mean
from .indicator import FormingStep, Indicator
from .sliding_sum import sliding_sum

FAST, SLOW, SIGNAL = 12, 26, 9
SIGNAL_ROWS = SLOW + SIGNAL - 1


@dataclass(frozen=True, slots=True)
class Convergence(Indicator):
    """EMA12 - EMA26, its EMA9 over the rows where it is defined (signal), and their difference (histogram).

    macd is defined from the 26th kline, signal and histogram from the 34th; 0 before.
    """

    name: ClassVar[str] = "MACD"
    fillers: ClassVar[Mapping[str, float]] = {"macd": 0.0, "signal": 0.0, "histogram": 0.0}
    warm_up: ClassVar[Mapping[str, int]] = {"macd": SLOW, "signal": SIGNAL_ROWS, "histogram": SIGNAL_ROWS}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return macd, signal and histogram at each window's end."""
        fast, slow, signal = self._means(columns.close, window)
        macd = fast - slow
        macd[: SLOW - 1] = 0.0
        histogram = macd - signal
        histogram[: SIGNAL_ROWS - 1] = 0.0
        if window < SIGNAL_ROWS:
            histogram[:] = 0.0
        if window < SLOW:
            macd[:] = 0.0
        return {"macd": macd, "signal": signal, "histogram": histogram}

    def forming_step(self, columns: KlineColumns, window: int) -> FormingStep:
        """Return a step that moves EMA12, EMA26 and the signal on by the forming close."""
        fasts, slows, signals = self._means(columns.close, window - 1)
        fast_alpha, slow_alpha, signal_alpha = (2.0 / (period + 1) for period in (FAST, SLOW, SIGNAL))

        def step(stop: int, kline: Kline) -> dict[str, float]:
            row, close = stop - 1, kline.close
            fast, slow, signal = fasts.item(row), slows.item(row), signals.item(row)
            macd = fast + fast_alpha * (close - fast) - (slow + slow_alpha * (close - slow))
            signal += signal_alpha * (macd - signal)
            return {"macd": macd, "signal": signal, "histogram": macd - signal}

        return step

    def _means(self, close: FloatColumn, window: int) -> tuple[FloatColumn, FloatColumn, FloatColumn]:
        """Return EMA12, EMA26 and the signal of every window.

        A signal is linear in the macd it is made of, and a window's macd is the column's plus two geometric series
        (what is left of the differences at which EMA12 and EMA26 start). So its signal is that of the column's macd,
        started inside the window, plus the signals of those two series.
        """
        rows = len(close)
        fast, fast_start = _average(close, FAST, window)
        slow, slow_start = _average(close, SLOW, window)
        signal = np.zeros(rows)
        if min(rows, window) < SIGNAL_ROWS:
            return fast, slow, signal
        macd = (_average(close, FAST, rows)[0] - _average(close, SLOW, rows)[0])[SLOW - 1 :]
        seeds = sliding_sum(macd, SIGNAL) / SIGNAL
        signal[SLOW - 1 :] = windowed_exponential_mean(macd, seeds, SIGNAL - 1, SIGNAL, window - SLOW + 1)
        if rows > window:
            signal[window:] += fast_start * _signal_of_start(FAST, window) - slow_start * _signal_of_start(SLOW, window)
        return fast, slow, signal


def _average(close: FloatColumn, period: int, window: int) -> tuple[FloatColumn, FloatColumn]:
    """Return the EMA of every window, and for rows from `window` on its start less the whole column's EMA there."""
    seeds = sliding_sum(close, period) / period
    mean = windowed_exponential_mean(close, seeds, period - 1, period, window)
    rows = len(close)
    begun = slice(period, rows - (window - period))
    whole = windowed_exponential_mean(close, seeds, period - 1, period, rows)
    return mean, seeds[begun] - whole[begun]


def _signal_of_start(period: int, window: int) -> float:
    """Return the signal, at a window's end, of an EMA of zeros that started at 1 on row `period` - 1."""
    alpha = 2.0 / (period + 1)
    left = (1.0 - alpha) ** np.arange(SLOW - period, window - period + 1, dtype=np.float64)
    return float(exponential_mean(float(left[:SIGNAL].mean()), left[SIGNAL:], SIGNAL)[-1])
