"""MACD: moving average convergence and divergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import FormingStep, Indicator
from .windows import exponential_mean, sliding_sum, windowed_exponential_mean

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

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return EMA12, EMA26 and the signal of the windows before a forming kline."""
        return self._means(columns.close, window - 1)

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step that moves EMA12, EMA26 and the signal on by the forming close."""
        fasts, slows, signals = before
        fast_alpha, slow_alpha, signal_alpha = (2.0 / (period + 1) for period in (FAST, SLOW, SIGNAL))

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
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
        fast, slow = _Average(close, FAST, window), _Average(close, SLOW, window)
        signal = np.zeros(len(close))
        if min(len(close), window) >= SIGNAL_ROWS:
            macd = (fast.whole - slow.whole)[SLOW - 1 :]
            seeds = sliding_sum(macd, SIGNAL) / SIGNAL
            signal[SLOW - 1 :] = windowed_exponential_mean(macd, seeds, SIGNAL - 1, SIGNAL, window - SLOW + 1)
            if len(close) > window:
                signal[window:] += fast.signal_of_start() - slow.signal_of_start()
        return fast.windowed, slow.windowed, signal


class _Average:
    """EMA of `period` of every window of `window` klines, and of the whole column."""

    def __init__(self, close: FloatColumn, period: int, window: int) -> None:
        self._period, self._window = period, window
        self._seeds = sliding_sum(close, period) / period
        self.windowed = windowed_exponential_mean(close, self._seeds, period - 1, period, window)
        self.whole = windowed_exponential_mean(close, self._seeds, period - 1, period, len(close))

    def signal_of_start(self) -> FloatColumn:
        """Return, for rows from `window` on, the signal of the difference at which a window's EMA starts.

        The difference dies away as (1 - alpha)^t from row `period` - 1 of the window; macd begins at its row 25.
        """
        start = slice(self._period, len(self.whole) - self._window + self._period)
        steps = np.arange(SLOW - self._period, self._window - self._period + 1, dtype=np.float64)
        left = (1.0 - 2.0 / (self._period + 1)) ** steps
        weight = exponential_mean(float(left[:SIGNAL].mean()), left[SIGNAL:], SIGNAL)[-1]
        signal: FloatColumn = weight * (self._seeds[start] - self.whole[start])
        return signal
