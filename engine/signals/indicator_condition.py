"""Conditions on indicators of finished klines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from ..market.indicators import Indicator, parse_indicator
from ..market.series import FloatColumn
from .check_points import Points, States, judged
from .metric_condition import window_problem
from .operators import compare, number_problem, operator_problem

PREFIX = "indicator:"


@dataclass(frozen=True)
class IndicatorCondition:
    """``{"metric": "indicator:RSI14", "operator": "<", "threshold": 30, "time_window": "1h"}`` on finished klines.

    `output` picks one value of an indicator that has several (MACD: macd, signal or histogram). Raises
    `ConfigurationError` with every problem.
    """

    metric: str
    operator: str
    threshold: float
    time_window: str = "5m"
    output: str | None = None

    on_klines = True

    def __post_init__(self) -> None:
        problems = [*self._metric_problems(), *self._value_problems()]
        if problems:
            raise ConfigurationError([f"condition {self.describe()}: {problem}" for problem in problems])

    def _metric_problems(self) -> list[str]:
        name = self.metric
        if not isinstance(name, str) or not name.lower().startswith(PREFIX):
            return [f"metric {name!r} is not of the form {PREFIX}RSI14"]
        indicator = parse_indicator(name[len(PREFIX) :])
        if indicator is None:
            return [f"there is no indicator {name[len(PREFIX) :]!r}"]
        if self.output is not None and self.output not in indicator.fillers:
            return [f"{indicator.name} has no output {self.output!r} (there: {', '.join(indicator.fillers)})"]
        return []

    def _value_problems(self) -> list[str]:
        found = (
            operator_problem(self.operator),
            number_problem("threshold", self.threshold),
            window_problem(self.time_window),
        )
        return [problem for problem in found if problem is not None]

    def describe(self) -> str:
        """Return the condition as a short text."""
        output = "" if self.output is None else f".{self.output}"
        return f"{self.metric}{output} {self.operator} {self.threshold} on {self.time_window}"

    @property
    def indicator(self) -> Indicator:
        """The indicator that the metric names."""
        found = parse_indicator(self.metric[len(PREFIX) :])
        assert found is not None
        return found

    def values(self, points: Points) -> FloatColumn:
        """Return the value after the last finished kline at each instant, NaN where undefined."""
        values, count = points.indicator(self.time_window, self.indicator)
        if not len(values.columns):
            return np.full(len(count), np.nan)
        place = np.maximum(count - 1, 0)
        name = self.output or next(iter(self.indicator.fillers))
        defined = values.defined[name][place] & (count > 0)
        return np.where(defined, values.values[name][place], np.nan)

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
