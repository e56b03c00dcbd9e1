"""Conditions that compare one figure with a threshold: a flow metric, or an indicator of finished klines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, Self

import numpy as np

from ..market.flow import SIGNAL_ALIASES, SIGNAL_METRICS
from ..market.indicators import Indicator, IndicatorHistory, parse_indicator
from ..market.series import FloatColumn
from ..periods import PERIOD_MS
from .check_points import Points, States, at_last_klines, judged
from .condition import Condition
from .operators import canonical_operator, compare, number_problem, operator_problem

PREFIX = "indicator:"


@dataclass(frozen=True)
class ThresholdCondition(Condition):
    """A figure compared with a threshold by one of the `OPERATORS`."""

    metric: str
    operator: str
    threshold: float
    time_window: str = "5m"

    threshold_name = "threshold"

    def _problems(self) -> Iterable[str | None]:
        return self._metric_problem(), operator_problem(self.operator), number_problem("threshold", self.threshold)

    @abstractmethod
    def _metric_problem(self) -> str | None:
        """Return what is wrong with the metric."""

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Return the condition that a mapping describes; a missing operator or threshold is a problem of it."""
        return super().from_entry({"operator": None, "threshold": None, **entry})

    def describe(self) -> str:
        """Return the condition as a short text."""
        return f"{self.metric} {self.operator} {self.threshold} on {self.time_window}"

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        values = self.values(points)
        return judged(compare(values, self.operator, self.threshold), ~np.isnan(values))

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return metric, operator, threshold and the value at an instant."""
        return self._fact(self.values(points).item(place), self.operator, self.threshold)

    @property
    def bounds(self) -> tuple[float, ...]:
        """The threshold; of a size without its sign on both sides of zero."""
        is_size = canonical_operator(self.operator).startswith("abs")
        return (-self.threshold, self.threshold) if is_size else (self.threshold,)

    def levels(self, values: FloatColumn, shares: FloatColumn) -> FloatColumn:
        """Return the thresholds that these shares of some values meet; `ConfigurationError` for == and !=."""
        operator = canonical_operator(self.operator)
        if operator in ("==", "!="):
            raise self._without_threshold(operator)
        figures = np.abs(values) if operator.startswith("abs") else values
        return np.asarray(np.quantile(figures, 1 - shares if ">" in operator or "greater" in operator else shares))


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
        if is_flow_metric(self.metric):
            return None
        return f"there is no metric {self.metric!r} (there: {', '.join((*SIGNAL_METRICS, *SIGNAL_ALIASES))})"

    @property
    def flow_metrics(self) -> tuple[str, ...]:
        """The metric by its first name."""
        return (SIGNAL_ALIASES.get(self.metric, self.metric),)

    def values(self, points: Points) -> FloatColumn:
        """Return the metric at each instant, NaN where undefined."""
        return points.flow.values(self.flow_metrics[0], PERIOD_MS[self.time_window])


def is_flow_metric(name: str) -> bool:
    """Tell whether a flow metric has a name, in lower case."""
    return name in SIGNAL_METRICS or name in SIGNAL_ALIASES


@dataclass(frozen=True)
class IndicatorCondition(ThresholdCondition):
    """``{"metric": "indicator:RSI14", "operator": "<", "threshold": 30, "time_window": "1h"}`` on finished klines.

    `output` picks one value of an indicator that has several (MACD: macd, signal or histogram).
    """

    output: str | None = None

    @classmethod
    def is_named(cls, metric: str) -> bool:
        """Tell whether it has the prefix."""
        return metric.startswith(PREFIX)

    def _metric_problem(self) -> str | None:
        name = self.metric
        if not isinstance(name, str) or not self.is_named(name.lower()):
            return f"metric {name!r} is not of the form {PREFIX}RSI14"
        indicator = parse_indicator(name[len(PREFIX) :])
        if indicator is None:
            return f"there is no indicator {name[len(PREFIX) :]!r}"
        if self.output is not None and self.output not in indicator.fillers:
            return f"{indicator.name} has no output {self.output!r} (there: {', '.join(indicator.fillers)})"
        return None

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

    @property
    def klines_needed(self) -> int:
        """The length of the indicator."""
        return self.indicator.length

    def values(self, points: Points) -> FloatColumn:
        """Return the value after the last finished kline at each instant, NaN where undefined: with fewer klines than
        the indicator's length, too.
        """
        history, count = points.indicator(self.time_window, self.indicator)
        name = self._key(history)
        defined = at_last_klines(history.defined[name], count, False) & (count >= self.klines_needed)
        return np.where(defined, at_last_klines(history.values[name], count, nan), nan)

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return metric, operator, threshold and the value at an instant, alone: it is defined where this is true."""
        history, count = points.indicator(self.time_window, self.indicator)
        value = history.values[self._key(history)].item(count.item(place) - 1)
        return self._fact(value, self.operator, self.threshold)

    def _key(self, history: IndicatorHistory) -> str:
        return self.output or next(iter(history.indicator.fillers))
