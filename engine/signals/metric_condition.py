"""Conditions on flow metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..market.flow import SIGNAL_ALIASES, SIGNAL_METRICS
from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points
from .condition import ThresholdCondition


@dataclass(frozen=True)
class MetricCondition(ThresholdCondition):
    """``{"metric": "cvd", "operator": ">", "threshold": 1e6, "time_window": "5m"}`` on a flow metric."""

    @classmethod
    def is_named(cls, metric: str) -> bool:
        """Tell that every metric that is of no other kind is judged, and maybe refused, here."""
        return True

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Return the condition that a mapping describes; its metric is taken in any case."""
        return super().from_entry({**entry, "metric": entry["metric"].lower()})

    def _metric_problem(self) -> str | None:
        known = (*SIGNAL_METRICS, *SIGNAL_ALIASES)
        return None if self.metric in known else f"there is no metric {self.metric!r} (there: {', '.join(known)})"

    @property
    def flow_metrics(self) -> tuple[str, ...]:
        """The metric by its first name."""
        return (SIGNAL_ALIASES.get(self.metric, self.metric),)

    def values(self, points: Points) -> FloatColumn:
        """Return the metric at each instant, NaN where undefined."""
        return points.flow.values(self.flow_metrics[0], PERIOD_MS[self.time_window])
