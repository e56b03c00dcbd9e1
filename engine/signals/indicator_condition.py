"""Conditions on indicators of finished klines."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from ..market.indicators import Indicator, parse_indicator
from ..market.series import FloatColumn
from .check_points import Points, at_last_klines
from .condition import ThresholdCondition

PREFIX = "indicator:"


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

    def values(self, points: Points) -> FloatColumn:
        """Return the value after the last finished kline at each instant, NaN where undefined."""
        history, count = points.indicator(self.time_window, self.indicator)
        name = self.output or next(iter(self.indicator.fillers))
        defined = at_last_klines(history.defined[name], count, False)
        return np.where(defined, at_last_klines(history.values[name], count, nan), nan)
