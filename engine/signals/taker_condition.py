"""The composite condition on taker volume: one side outweighs the other, in enough volume."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points, States, judged
from .condition import Condition
from .operators import number_problem

SMALLEST_RATIO = 1.01
DIRECTIONS = ("any", "buy", "sell")
_SIDES = "taker_ratio"


@dataclass(frozen=True)
class TakerVolumeCondition(Condition):
    """``{"metric": "taker_volume", "direction": "any", "ratio_threshold": 1.5, "volume_threshold": 0}``.

    True when the logarithm of bought / sold notional is beyond that of the ratio to the asked side and the bucket's
    notional (USD) reaches the volume.
    """

    direction: str = "any"
    ratio_threshold: float = 1.5
    volume_threshold: float = 0.0
    time_window: str = "5m"

    metric = "taker_volume"
    threshold_name = "ratio_threshold"
    told = ("direction", "log_ratio", "ratio", "ratio_threshold", "volume", "volume_threshold")

    def _problems(self) -> Iterable[str | None]:
        return (
            None if self.direction in DIRECTIONS else f"direction {self.direction!r} is not one of any, buy, sell",
            number_problem("ratio_threshold", self.ratio_threshold, 0.0),
            number_problem("volume_threshold", self.volume_threshold, 0.0),
        )

    @property
    def flow_metrics(self) -> tuple[str, ...]:
        """The metric that is made of both sides."""
        return (_SIDES,)

    def _sides(self, points: Points) -> tuple[FloatColumn, FloatColumn]:
        """Return bought and sold notional of the newest bucket at each instant."""
        buy, sell = points.flow.kept(_SIDES, PERIOD_MS[self.time_window])
        return buy, sell

    def describe(self) -> str:
        """Return the condition as a short text."""
        return (
            f"taker_volume {self.direction} ratio {self.ratio_threshold} volume {self.volume_threshold} "
            f"on {self.time_window}"
        )

    def values(self, points: Points) -> FloatColumn:
        """Return ln(buy / sell) of the newest bucket at each instant, NaN where a side is 0."""
        return _log_ratio(*self._sides(points))

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        buy, sell = self._sides(points)
        ratio = _log_ratio(buy, sell)
        limit = self._limit
        bought, sold = ratio >= limit, ratio <= -limit
        met = {"any": bought | sold, "buy": bought, "sell": sold}[self.direction]
        return judged(met & (buy + sell >= self.volume_threshold), ~np.isnan(ratio))

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return both sides, their ratio and the side that outweighed at an instant."""
        buy, sell = (side.item(place) for side in self._sides(points))
        ratio, total = buy / sell, buy + sell
        return {
            **self._fact(ratio, None, self.ratio_threshold),
            "direction": "buy" if ratio > 1.0 else "sell",
            "buy": buy,
            "sell": sell,
            "total": total,
            "ratio": ratio,
            "log_ratio": math.log(ratio),
            "ratio_threshold": self.ratio_threshold,
            "volume": total,
            "volume_threshold": self.volume_threshold,
        }

    @property
    def bounds(self) -> tuple[float, ...]:
        """The logarithm of the ratio, on the asked side or on both."""
        limit = self._limit
        return {"any": (-limit, limit), "buy": (limit,), "sell": (-limit,)}[self.direction]

    @property
    def _limit(self) -> float:
        return math.log(max(self.ratio_threshold, SMALLEST_RATIO))

    def levels(self, values: FloatColumn, shares: FloatColumn) -> FloatColumn:
        """Return the ratios that these shares of some logarithms exceed to the asked side."""
        sides = {"any": np.abs(values), "buy": values, "sell": -values}
        return np.asarray(np.exp(np.quantile(sides[self.direction], 1 - shares)))


def _log_ratio(buy: FloatColumn, sell: FloatColumn) -> FloatColumn:
    both = (buy > 0.0) & (sell > 0.0)
    ratio = np.divide(buy, sell, out=np.ones(len(buy)), where=both)
    return np.where(both, np.log(ratio), np.nan)
