"""The instants at which conditions are judged, with what is found once for all of them."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError
from ..flow import FlowAtTimes
from ..klines import FloatColumn, TimeColumn
from ..market_history import KlineSeries, SymbolHistory

#: True, false, undefined: the three values of a condition at a check point.
TRUE, FALSE, UNDEFINED = 1, 0, -1
States = npt.NDArray[np.int8]


class CheckPoints:
    """Instants (epoch ms, strictly increasing) on the history of one symbol."""

    def __init__(self, history: SymbolHistory, times_ms: TimeColumn) -> None:
        self.history, self.times_ms = history, times_ms

    def __len__(self) -> int:
        return len(self.times_ms)

    @cached_property
    def flow(self) -> FlowAtTimes:
        """The flow metrics at these instants."""
        return FlowAtTimes(self.history.flow, self.times_ms)

    def series(self, period: str) -> KlineSeries:
        """Return the klines of a period; `ConfigurationError` when there are none."""
        series = self.history.series(period)
        if series is None:
            raise ConfigurationError([f"{self.history.symbol} has no {period} klines"])
        return series


def judged(met: npt.NDArray[np.bool_], defined: npt.NDArray[np.bool_]) -> States:
    """Return the three-valued states of a condition."""
    return np.where(defined, met.astype(np.int8), np.int8(UNDEFINED)).astype(np.int8)


class Condition(Protocol):
    """One condition of a signal.

    `states` judges it at check points. `fact` tells what met it at one instant: the entries that its signal has in
    triggered_signals beside name and id.
    """

    @property
    def time_window(self) -> str:
        """The period over which the metric is taken."""

    @property
    def on_klines(self) -> bool:
        """Whether it can change only when a kline of its period closes."""

    def states(self, points: CheckPoints) -> States:
        """Return `TRUE`, `FALSE` or `UNDEFINED` at each check point."""

    def values(self, points: CheckPoints) -> FloatColumn:
        """Return the figure that is compared at each check point, NaN where undefined."""

    def fact(self, history: SymbolHistory, time_ms: int) -> dict[str, object]:
        """Return what was seen at an instant at which the condition is true."""

    def describe(self) -> str:
        """Return the condition as a short text."""
