"""BOLL: Bollinger bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import FormingStep, Indicator
from .windows import sliding_sum

PERIOD, WIDTH = 20, 2.0
CHUNK_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class BollingerBands(Indicator):
    """MA20 and, above and below it, two sample standard deviations (ddof 1) of the same 20 closes; 0 with fewer."""

    name: ClassVar[str] = "BOLL"
    fillers: ClassVar[Mapping[str, float]] = {"upper": 0.0, "middle": 0.0, "lower": 0.0}
    warm_up: ClassVar[Mapping[str, int]] = {"upper": PERIOD, "middle": PERIOD, "lower": PERIOD}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return the bands around each row's last 20 closes."""
        rows = len(columns)
        if window < PERIOD:
            return {key: np.zeros(rows) for key in self.fillers}
        middle = sliding_sum(columns.close, PERIOD) / PERIOD
        band = np.zeros(rows)
        for start in range(PERIOD - 1, rows, CHUNK_ROWS):
            stop = min(start + CHUNK_ROWS, rows)
            band[start:stop] = WIDTH * _deviations(columns.close, middle, start, stop)
        return {"upper": middle + band, "middle": middle, "lower": middle - band}

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step over the last 19 closes and the forming one."""
        close = columns.close

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            closes = close[stop - PERIOD + 1 : stop].tolist()
            closes.append(kline.close)
            middle: float = sum(closes) / PERIOD
            band = WIDTH * sqrt(sum([(price - middle) ** 2 for price in closes]) / (PERIOD - 1))
            return {"upper": middle + band, "middle": middle, "lower": middle - band}

        return step


def _deviations(close: FloatColumn, middle: FloatColumn, start: int, stop: int) -> FloatColumn:
    """Return the sample standard deviation of the closes that end at the rows [start, stop): two passes, no moments.

    The sum of squares minus the square of the sum would lose all digits of a narrow band around a high price.
    """
    squares = np.zeros(stop - start)
    for back in range(PERIOD):
        distance = close[start - back : stop - back] - middle[start:stop]
        distance *= distance
        squares += distance
    return np.sqrt(squares / (PERIOD - 1))
