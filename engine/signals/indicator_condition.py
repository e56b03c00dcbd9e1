"""Conditions on indicators of finished klines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from ..indicators import Indicator, parse_indicator
from ..klines import FloatColumn
from ..market_history import SymbolHistory
from .check_points import CheckPoints, States, judged
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

    def values(self, points: CheckPoints) -> FloatColumn:
        """Return the value after the last finished kline at each check point, NaN where undefined."""
        series = points.series(self.time_window)
        values = points.history.indicator(series, self.indicator)
        count = series.finished_at(points.times_ms)
        if not len(series.columns):
            return np.full(len(count), np.nan)
        place = np.maximum(count - 1, 0)
        name = self.output or next(iter(self.indicator.fillers))
        defined = values.defined[name][place] & (count > 0)
        return np.where(defined, values.values[name][place], np.nan)

    def states(self, points: CheckPoints) -> States:
        """Return the condition's state at each check point."""
        values = self.values(points)
        return judged(compare(values, self.operator, self.threshold), ~np.isnan(values))

    def fact(self, history: SymbolHistory, time_ms: int) -> dict[str, object]:
        """Return metric, operator, threshold and the value at an instant."""
        value = float(self.values(CheckPoints(history, np.array([time_ms])))[0])
        return {
            "metric": self.metric,
            "operator": self.operator,
            "threshold": self.threshold,
            "current_value": value,
            "value": value,
            "condition_met": True,
            "time_window": self.time_window,
        }
