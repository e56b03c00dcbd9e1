"""One indicator over the klines of one symbol and period, as it was at any of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ...periods import SECOND_MS
from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import INDICATOR_WINDOW, BoolColumn, FormingStep, Indicator
from .lasting_columns import DerivedStore, MadeHere
from .value_with_series import late_series


class IndicatorHistory:
    """The values of `indicator` after every kline of `columns`, and with a kline forming behind any of them.

    Each value is that of the `INDICATOR_WINDOW` klines that end there. The columns of values are computed once, when
    first needed, and kept by `store`; after that an answer costs a few lookups, however long the history.
    """

    def __init__(self, columns: KlineColumns, indicator: Indicator, store: DerivedStore | None = None) -> None:
        self.columns, self.indicator = columns, indicator
        self._store = store or MadeHere()
        self._has_series = indicator.has_series
        self._make_series = self._series  # bound once, as are the next two: what is read at every query, and not called
        self._closed: list[tuple[str, Any]] | None = None
        self._step: FormingStep | None = None
        # How many finished klines the forming step needs; more than there are where warming up takes the whole window.
        steppable = indicator.longest_warm_up < INDICATOR_WINDOW
        self._steps_from = indicator.longest_warm_up if steppable else len(columns) + 1

    @cached_property
    def values(self) -> dict[str, FloatColumn]:
        """For every key a float64 column with the value at each kline's close, fillers where undefined."""
        return self._store.get(("values",), lambda: self.indicator.values(self.columns, INDICATOR_WINDOW))

    @cached_property
    def defined(self) -> dict[str, BoolColumn]:
        """For every key a column that says where `values` holds a value and no filler."""
        return self._store.get(("defined",), lambda: self.indicator.defined(self.values, INDICATOR_WINDOW))

    @cached_property
    def forming_columns(self) -> tuple[FloatColumn, ...]:
        """What is needed to add a forming kline to the finished ones: columns aligned with the klines."""
        return self._store.get(("forming",), lambda: self.indicator.forming_columns(self.columns, INDICATOR_WINDOW))

    def at(self, stop: int, forming: FormingKline | None = None) -> dict[str, Any]:
        """Return a strategy's answer from the first `stop` klines and a kline forming behind them.

        Floats under the keys of the contract, and `series` (of at most `INDICATOR_WINDOW` elements, made when read)
        for an indicator of one value. Without any kline the answer is empty.
        """
        if forming is not None:
            if stop >= self._steps_from:
                latest = (self._step or self._forming_step())(stop, forming)
            else:
                latest = self._in_window(stop, forming)
            return late_series(latest["value"], self._make_series, (stop, forming)) if self._has_series else latest
        if stop == 0:
            return {}
        closed = self._closed or self._columns_of_values()
        if self._has_series:
            return late_series(closed[0][1][stop - 1], self._make_series, (stop, None))
        latest = {}
        for key, column in closed:  # in Python 3.11 half of a comprehension
            latest[key] = column[stop - 1]
        return latest

    def _columns_of_values(self) -> list[tuple[str, Any]]:
        # a float of a memoryview takes half the time of one of an array
        self._closed = [(key, column.data) for key, column in self.values.items()]
        return self._closed

    def _forming_step(self) -> FormingStep:
        self._step = self.indicator.forming_step(self.columns, self.forming_columns)
        return self._step

    def _in_window(self, stop: int, forming: FormingKline) -> dict[str, float]:
        values = self.indicator.values(window_of(self.columns, stop, forming, INDICATOR_WINDOW), INDICATOR_WINDOW)
        return {key: column.item(-1) for key, column in values.items()}

    def _series(self, stop: int, forming: FormingKline | None) -> list[float]:
        window = window_of(self.columns, stop, forming, INDICATOR_WINDOW)
        series: list[float] = self.indicator.values(window, INDICATOR_WINDOW)["value"].tolist()
        return series


def window_of(columns: KlineColumns, stop: int, forming: FormingKline | None, count: int) -> KlineColumns:
    """Return the last `count` of the first `stop` klines and the forming one behind them, as columns."""
    start = max(0, stop - count + (forming is not None))
    window = columns.slice(start, stop)
    if forming is None:
        return window
    timestamp, *figures = forming.whole
    opened = np.append(window.open_ms, timestamp * SECOND_MS)
    return KlineColumns(columns.period_ms, opened, *map(np.append, window.figures, figures))
