"""The price of one symbol as nobody has seen it: a random walk that goes on from the last known price."""

from __future__ import annotations

import math

import numpy as np

from ..market import last_digit
from ..market.series import FloatColumn, KlineColumns, TimeColumn

#: Moves are larger than the recorded ones by a factor out of this range: what rests on them is to show.
_LIVELIER = (1.5, 3.0)
#: Where nothing has moved, a step moves so much.
_LEAST_MOVE = 1e-4
#: The walk turns back where it is so many times the price that it began with, or such a part of it.
_FURTHEST = math.log(3.0)
#: So many recorded klines say how much prices move, and by how many amounts and digits are told.
_LOOKED_AT = 2_000


class NoiseWalk:
    """Prices after `after_ms` (epoch ms), one for each step of the length of the klines, none of them known there.

    It begins with the last close that is known then, or with the first open, and moves by more than the recorded klines
    did. Prices have no more decimals than the recorded ones.
    """

    def __init__(self, recorded: KlineColumns, after_ms: int, generator: np.random.Generator) -> None:
        self.after_ms, self.step_ms = after_ms, recorded.period_ms
        known = int(recorded.open_ms.searchsorted(after_ms - recorded.period_ms, side="right"))
        price = float(recorded.close[known - 1]) if known else float(recorded.open[0])
        last_ms = max(int(recorded.open_ms[-1]), after_ms)
        self.move = _usual_move(recorded, known) * float(generator.uniform(*_LIVELIER))
        steps = generator.standard_normal((last_ms - after_ms) // self.step_ms + 3)
        steps[0] = 0.0
        steps *= self.move
        self._level: FloatColumn = price * np.exp(_turned_back(np.cumsum(steps, out=steps)))
        self._digit = last_digit(sampled(recorded.close))

    def at(self, times_ms: TimeColumn) -> FloatColumn:
        """Return the price at each time; up to `after_ms` that which was known then."""
        place = -((self.after_ms - times_ms) // self.step_ms)
        return self._level[np.clip(place, 0, len(self._level) - 1)]

    def rounded(self, prices: FloatColumn) -> FloatColumn:
        """Return prices above 0 in the steps of the recorded ones."""
        return in_steps(prices, self._digit)


def in_steps(values: FloatColumn, digit: float) -> FloatColumn:
    """Return values in steps of a power of ten, at least one of them; as they are where the step is 0."""
    if not digit:
        return values
    decimals = round(-math.log10(digit))
    rounded: FloatColumn = np.maximum(np.round(values, decimals), digit)
    return rounded


def sampled(column: FloatColumn) -> FloatColumn:
    """Return some of many values, which tell what they are like; what is not finite is left out."""
    some = column[:: max(len(column) // _LOOKED_AT, 1)]
    return some[np.isfinite(some)]


def noise_amounts(recorded: FloatColumn, first: int, generator: np.random.Generator) -> FloatColumn:
    """Return amounts such as volumes in place of those from the place `first` on: above 0 where any of the recorded
    ones is, in their steps, NaN where they are.
    """
    told = sampled(recorded)
    usual = float(np.median(told[told > 0.0])) if (told > 0.0).any() else 0.0
    after = recorded[first:]
    if not usual:
        return after
    drawn = in_steps(usual * np.exp(generator.standard_normal(len(after))), last_digit(told))
    return np.where(np.isnan(after), np.nan, drawn)


def noise_values(recorded: FloatColumn, first: int, generator: np.random.Generator) -> FloatColumn:
    """Return values of any kind in place of those from the place `first` on: each is one of the recorded ones, of many
    different ones with something added.
    """
    told = sampled(recorded)
    after = recorded[first:]
    if not len(told) or not len(after):
        return after
    drawn = told[generator.integers(0, len(told), len(after))]
    if len(np.unique(told)) > len(told) // 4:
        drawn = drawn + 0.3 * float(told.std()) * generator.standard_normal(len(after))
    return np.where(np.isnan(after), np.nan, drawn)


def _usual_move(recorded: KlineColumns, known: int) -> float:
    """Return the standard deviation of the logarithm of a step, of the klines before, or of those after."""
    begin = max(known - _LOOKED_AT, 0) if known > 30 else 0
    close = recorded.close[begin : max(known, _LOOKED_AT)]
    close = close[np.isfinite(close) & (close > 0.0)]
    moves = np.diff(np.log(close))
    return max(float(moves.std()) if len(moves) else 0.0, _LEAST_MOVE)


def _turned_back(walk: FloatColumn) -> FloatColumn:
    """Return a walk that is reflected where it has gone furthest: its steps keep their sizes."""
    place = np.mod(walk + _FURTHEST, 4.0 * _FURTHEST)
    folded: FloatColumn = np.where(place < 2.0 * _FURTHEST, place, 4.0 * _FURTHEST - place) - _FURTHEST
    return folded
