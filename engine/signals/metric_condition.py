"""Conditions on flow metrics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from ..market.flow import SIGNAL_ALIASES, SIGNAL_METRICS
from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points, States, judged
from .operators import compare, number_problem, operator_problem


def window_problem(time_window: object) -> str | None:
    """Return what is wrong with a condition's time window, or None."""
    if isinstance(time_window, str) and time_window in PERIOD_MS:
        return None
    return f"time_window {time_window!r} is not one of {', '.join(PERIOD_MS)}"


@dataclass(frozen=True)
class MetricCondition:
    """``{"metric": "cvd", "operator": ">", "threshold": 1e6, "time_window": "5m"}`` on a flow metric.

    Raises `ConfigurationError` with every problem.
    """

    metric: str
    operator: str
    threshold: float
    time_window: str = "5m"

    on_klines = False

    def __post_init__(self) -> None:
        known = (*SIGNAL_METRICS, *SIGNAL_ALIASES)
        problems = [] if self.metric in known else [f"there is no metric {self.metric!r} (there: {', '.join(known)})"]
        found = (
            operator_problem(self.operator),
            number_problem("threshold", self.threshold),
            window_problem(self.time_window),
        )
        problems += [problem for problem in found if problem is not None]
        if problems:
            raise ConfigurationError(problems)

    @property
    def canonical(self) -> str:
        """The metric by its first name."""
        return SIGNAL_ALIASES.get(self.metric, self.metric)

    def describe(self) -> str:
        """Return the condition as a short text."""
        return f"{self.metric} {self.operator} {self.threshold} on {self.time_window}"

    def values(self, points: Points) -> FloatColumn:
        """Return the metric at each instant, NaN where undefined."""
        return points.flow.values(self.canonical, PERIOD_MS[self.time_window])

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        values = self.values(points)
        return judged(compare(values, self.operator, self.threshold), ~np.isnan(values))

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return metric, operator, threshold and the value at an instant."""
        value = self.values(points).item(place)
        return {
            "metric": self.metric,
            "operator": self.operator,
            "threshold": self.threshold,
            "current_value": value,
            "value": value,
            "condition_met": True,
            "time_window": self.time_window,
        }
