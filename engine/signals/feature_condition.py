"""Conditions that compare the newest value of a feature, a series of one's own, with a threshold."""

from __future__ import annotations

from dataclasses import dataclass

from ..market import feature_name_problem
from ..market.series import FloatColumn
from .check_points import Points
from .threshold_conditions import ThresholdCondition

FEATURE_PREFIX = "feature:"


@dataclass(frozen=True)
class FeatureCondition(ThresholdCondition):
    """``{"metric": "feature:mood", "operator": ">", "threshold": 0.5}`` on the newest value of a feature of one's own.

    It has no value before the first one is known. `time_window` is told with it and changes nothing.
    """

    @classmethod
    def is_named(cls, metric: str) -> bool:
        """Tell whether it has the prefix."""
        return metric.startswith(FEATURE_PREFIX)

    def _metric_problem(self) -> str | None:
        if not isinstance(self.metric, str) or not self.is_named(self.metric.lower()):
            return f"metric {self.metric!r} is not of the form {FEATURE_PREFIX}NAME"
        return feature_name_problem(self.metric[len(FEATURE_PREFIX) :])

    def describe(self) -> str:
        """Return the condition as a short text."""
        return f"{self.metric} {self.operator} {self.threshold}"

    @property
    def features(self) -> tuple[str, ...]:
        """The feature that the metric names."""
        return (self.metric[len(FEATURE_PREFIX) :],)

    def values(self, points: Points) -> FloatColumn:
        """Return the newest value at each instant, NaN before the first."""
        return points.feature(self.features[0])
