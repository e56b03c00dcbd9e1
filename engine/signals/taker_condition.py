"""The composite condition on taker volume: one side outweighs the other, in enough volume."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points, States, judged
from .metric_condition import window_problem
from .operators import number_problem

SMALLEST_RATIO = 1.01
DIRECTIONS = ("any", "buy", "sell")


@dataclass(frozen=True)
class TakerVolumeCondition:
    """``{"metric": "taker_volume", "direction": "any", "ratio_threshold": 1.5, "volume_threshold": 0}``.

    True when the logarithm of bought / sold notional is beyond that of the ratio to the asked side and the bucket's
    notional (USD) reaches the volume. Raises `ConfigurationError` with every problem.
    """

    direction: str = "any"
    ratio_threshold: float = 1.5
    volume_threshold: float = 0.0
    time_window: str = "5m"

    on_klines = False

    def __post_init__(self) -> None:
        found = (
            None if self.direction in DIRECTIONS else f"direction {self.direction!r} is not one of any, buy, sell",
            number_problem("ratio_threshold", self.ratio_threshold, 0.0),
            number_problem("volume_threshold", self.volume_threshold, 0.0),
            window_problem(self.time_window),
        )
        problems = [problem for problem in found if problem is not None]
        if problems:
            raise ConfigurationError(problems)

    @property
    def log_threshold(self) -> float:
        """The smallest |ln(buy / sell)| that counts."""
        return math.log(max(self.ratio_threshold, SMALLEST_RATIO))

    def describe(self) -> str:
        """Return the condition as a short text."""
        return (
            f"taker_volume {self.direction} ratio {self.ratio_threshold} volume {self.volume_threshold} "
            f"on {self.time_window}"
        )

    def values(self, points: Points) -> FloatColumn:
        """Return ln(buy / sell) of the newest bucket at each instant, NaN where a side is 0."""
        buy, sell = points.flow.kept("taker_ratio", PERIOD_MS[self.time_window])
        return _log_ratio(buy, sell)

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        buy, sell = points.flow.kept("taker_ratio", PERIOD_MS[self.time_window])
        ratio = _log_ratio(buy, sell)
        limit = self.log_threshold
        bought, sold = ratio >= limit, ratio <= -limit
        met = {"any": bought | sold, "buy": bought, "sell": sold}[self.direction]
        return judged(met & (buy + sell >= self.volume_threshold), ~np.isnan(ratio))

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return both sides, their ratio and the side that outweighed at an instant."""
        buy, sell = (side.item(place) for side in points.flow.kept("taker_ratio", PERIOD_MS[self.time_window]))
        ratio, total = buy / sell, buy + sell
        return {
            "metric": "taker_volume",
            "operator": None,
            "threshold": self.ratio_threshold,
            "current_value": ratio,
            "value": ratio,
            "condition_met": True,
            "time_window": self.time_window,
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


def _log_ratio(buy: FloatColumn, sell: FloatColumn) -> FloatColumn:
    both = (buy > 0.0) & (sell > 0.0)
    ratio = np.divide(buy, sell, out=np.ones(len(buy)), where=both)
    return np.where(both, np.log(ratio), np.nan)
