"""The instants at which conditions are judged, with what is found once for all of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError
from ..market import KlineSeries, SymbolHistory
from ..market.flow import FlowAtTimes, FlowRowByRow
from ..market.indicators import Indicator, IndicatorHistory
from ..market.series import FloatColumn, TimeColumn

#: True, false, undefined: the three values of a condition at a check point.
TRUE, FALSE, UNDEFINED = 1, 0, -1
_ANY_AGE_MS = 1 << 62
States = npt.NDArray[np.int8]


class Points(Protocol):
    """Instants at which conditions are judged: of a whole range, or the present one of a running market."""

    @property
    def flow(self) -> FlowAtTimes | FlowRowByRow:
        """The flow metrics at these instants."""

    def indicator(self, period: str, indicator: Indicator) -> tuple[IndicatorHistory, TimeColumn]:
        """Return an indicator over klines of a period, and how many of those have closed at each instant.

        Raises `ConfigurationError` for a period without klines.
        """

    def feature(self, name: str) -> FloatColumn:
        """Return the newest value of a feature at each instant, NaN where none is known."""


class CheckPoints:
    """Instants (epoch ms, strictly increasing) on the history of one symbol."""

    def __init__(self, history: SymbolHistory, times_ms: TimeColumn) -> None:
        self.history, self.times_ms = history, times_ms
        self._indicators: dict[tuple[str, Indicator], tuple[IndicatorHistory, TimeColumn]] = {}

    def __len__(self) -> int:
        return len(self.times_ms)

    @cached_property
    def flow(self) -> FlowAtTimes:
        """The flow metrics at these instants."""
        return FlowAtTimes(self.history.flow, self.times_ms)

    def indicator(self, period: str, indicator: Indicator) -> tuple[IndicatorHistory, TimeColumn]:
        """Return an indicator over klines of a period, and how many of those have closed at each instant."""
        found = self._indicators.get((period, indicator))
        if found is None:
            series = klines_of(self.history, period)
            found = self.history.indicator(series, indicator), series.finished_at(self.times_ms)
            self._indicators[period, indicator] = found
        return found

    def feature(self, name: str) -> FloatColumn:
        """Return the newest value of a feature at each instant, NaN where none is known."""
        feature = self.history.feature(name)
        if feature is None or not len(feature.rows):
            return np.full(len(self), np.nan)
        return feature.fresh_at(self.times_ms, _ANY_AGE_MS)


def klines_of(history: SymbolHistory, period: str) -> KlineSeries:
    """Return the klines of a period; `ConfigurationError` when there are none."""
    series = history.series(period)
    if series is None:
        raise ConfigurationError([f"{history.symbol} has no {period} klines"])
    return series


def judged(met: npt.NDArray[np.bool_], defined: npt.NDArray[np.bool_]) -> States:
    """Return the three-valued states of a condition."""
    return np.where(defined, met.astype(np.int8), np.int8(UNDEFINED))


def at_last_klines(column: npt.NDArray[Any], count: TimeColumn, otherwise: float) -> npt.NDArray[Any]:
    """Return what a column of klines holds after the first `count` of them at each instant, `otherwise` after none."""
    if not len(column):
        return np.full(len(count), otherwise, column.dtype)
    return np.where(count > 0, column[np.maximum(count - 1, 0)], otherwise)
