"""STOCH: the slow stochastic oscillator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import FormingStep, Indicator
from .library import ta_lib

LOOKBACK, SMOOTHING = 14, 3
K_ROWS = LOOKBACK + SMOOTHING - 1
D_ROWS = K_ROWS + SMOOTHING - 1
NEUTRAL = 50.0


@dataclass(frozen=True, slots=True)
class Stochastic(Indicator):
    """k: the mean of three raw %K, each the close's place (0-100) between the extremes of 14 klines; d: of three k.

    A raw %K without a range is 50. k is defined from the 16th kline, d from the 18th; 50 before.
    """

    name: ClassVar[str] = "STOCH"
    fillers: ClassVar[Mapping[str, float]] = {"k": NEUTRAL, "d": NEUTRAL}
    warm_up: ClassVar[Mapping[str, int]] = {"k": K_ROWS, "d": D_ROWS}

    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return k and d of each row."""
        k = np.full(len(columns), NEUTRAL)
        d = k.copy()
        if window >= K_ROWS:
            k[K_ROWS - 1 :] = _mean_of_three(self._raw(columns))[LOOKBACK - 1 :]
        if window >= D_ROWS:
            d[D_ROWS - 1 :] = _mean_of_three(k)[K_ROWS - 1 :]
        return {"k": k, "d": d}

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return the raw %K and k of every row."""
        return self._raw(columns), self.values(columns, window)["k"]

    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return a step from the last 13 klines and the two raw %K and k before the forming one."""
        high, low = columns.high, columns.low
        raws, ks = before

        def step(stop: int, kline: FormingKline) -> dict[str, float]:
            whole, past = kline.whole, slice(stop - LOOKBACK + 1, stop)
            bottom = min(whole.low, *low[past].tolist())
            top = max(whole.high, *high[past].tolist())
            raw = 100.0 * (kline.close - bottom) / (top - bottom) if top > bottom else NEUTRAL
            k = (raws.item(stop - 2) + raws.item(stop - 1) + raw) / SMOOTHING
            return {"k": k, "d": (ks.item(stop - 2) + ks.item(stop - 1) + k) / SMOOTHING}

        return step

    @staticmethod
    def _raw(columns: KlineColumns) -> FloatColumn:
        """Return raw %K of every row, 50 in the first 13."""
        raw = np.full(len(columns), NEUTRAL)
        if len(columns) < LOOKBACK:
            return raw
        bottom = ta_lib().MIN(columns.low, timeperiod=LOOKBACK)[LOOKBACK - 1 :]
        spread = ta_lib().MAX(columns.high, timeperiod=LOOKBACK)[LOOKBACK - 1 :] - bottom
        place = 100.0 * (columns.close[LOOKBACK - 1 :] - bottom)
        np.divide(place, spread, out=raw[LOOKBACK - 1 :], where=spread > 0.0)
        return raw


def _mean_of_three(values: FloatColumn) -> FloatColumn:
    """Return the mean of each value and the two after it: two values shorter."""
    mean: FloatColumn = (values[:-2] + values[1:-1] + values[2:]) / SMOOTHING
    return mean
