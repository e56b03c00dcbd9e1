"""Conditions on indicators of finished klines, and the edges at which they turn true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import ConfigurationError
from .indicators import Indicator, parse_indicator
from .klines import FloatColumn
from .market_history import SymbolHistory
from .periods import PERIOD_MS

EQUAL_WITHIN = 1e-9
PREFIX = "indicator:"

OPERATORS = {
    ">": ("greater_than", "gt"),
    ">=": ("greater_than_or_equal", "gte"),
    "<": ("less_than", "lt"),
    "<=": ("less_than_or_equal", "lte"),
    "==": ("equal", "eq"),
    "!=": ("not_equal", "ne"),
    "abs_greater_than": ("abs_gt",),
    "abs_less_than": ("abs_lt",),
}
_CANONICAL = {alias: name for name, aliases in OPERATORS.items() for alias in (name, *aliases)}


class Edge(NamedTuple):
    """An instant (epoch ms) at which a condition turned true, and the value that did it."""

    timestamp: int
    value: float


def compare(values: FloatColumn, operator: str, threshold: float) -> npt.NDArray[np.bool_]:
    """Return where `values` satisfy the contract's operator (any of its spellings); == is within 1e-9."""
    name = _CANONICAL[operator.lower()]
    result: npt.NDArray[np.bool_]
    if name in ("==", "!="):
        result = np.abs(values - threshold) < EQUAL_WITHIN
        return result if name == "==" else ~result
    if name.startswith("abs"):
        values = np.abs(values)
    operation = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}
    operation |= {"abs_greater_than": np.greater, "abs_less_than": np.less}
    result = operation[name](values, threshold)
    return result


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
        problems = []
        if not isinstance(self.operator, str) or self.operator.lower() not in _CANONICAL:
            problems.append(f"operator {self.operator!r} is not one of {', '.join(OPERATORS)}")
        number = isinstance(self.threshold, (int, float)) and not isinstance(self.threshold, bool)
        if not number or not math.isfinite(self.threshold):
            problems.append(f"threshold {self.threshold!r} is no finite number")
        if self.time_window not in PERIOD_MS:
            problems.append(f"time_window {self.time_window!r} is not one of {', '.join(PERIOD_MS)}")
        return problems

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

    def edges(self, history: SymbolHistory, start_ms: int, end_ms: int) -> list[Edge]:
        """Return the kline closes in [start_ms, end_ms] at which the condition goes from false to true.

        It starts false. A value that is not defined yet leaves the state as it is. Raises `ConfigurationError` when
        there are no klines of the time window.
        """
        series = history.series(self.time_window)
        if series is None:
            raise ConfigurationError(
                [f"condition {self.describe()}: {history.symbol} has no {self.time_window} klines"]
            )
        values = history.indicator(series, self.indicator)
        output = self.output or next(iter(self.indicator.fillers))
        closes = series.columns.open_ms + series.period_ms
        first, last = np.searchsorted(closes, start_ms), np.searchsorted(closes, end_ms, side="right")
        defined = values.defined[output][first:last]
        closes, column = closes[first:last][defined], values.values[output][first:last][defined]
        state = compare(column, self.operator, self.threshold)
        rising = state & ~np.concatenate(([False], state[:-1]))
        return [Edge(*row) for row in zip(closes[rising].tolist(), column[rising].tolist(), strict=True)]

    def fact(self, name: str, value: float) -> dict[str, Any]:
        """Return the entry of triggered_signals for this condition at `value`."""
        return {
            "signal_id": None,
            "signal_name": name,
            "description": "",
            "metric": self.metric,
            "operator": self.operator,
            "threshold": self.threshold,
            "current_value": value,
            "value": value,
            "condition_met": True,
            "time_window": self.time_window,
        }
