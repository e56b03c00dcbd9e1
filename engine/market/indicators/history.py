"""One indicator over the klines of one symbol and period, as it was at any of them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ...periods import SECOND_MS
from ..series import FloatColumn, FormingKline, KlineColumns
from .indicator import INDICATOR_WINDOW, BoolColumn, FormingStep, Indicator
from .value_with_series import ValueWithSeries


class IndicatorHistory:
    """The values of `indicator` after every kline of `columns`, and with a kline forming behind any of them.

    Each value is that of the `INDICATOR_WINDOW` klines that end there. The columns of values are computed once, when
    first needed; after that an answer costs a few lookups, however long the history.
    """

    def __init__(self, columns: KlineColumns, indicator: Indicator) -> None:
        self.columns, self.indicator = columns, indicator
        self._has_series = indicator.has_series
        # How many finished klines the forming step needs; more than there are where warming up takes the whole window.
        steppable = indicator.longest_warm_up < INDICATOR_WINDOW
        self._steps_from = indicator.longest_warm_up if steppable else len(columns) + 1

    @cached_property
    def values(self) -> dict[str, FloatColumn]:
        """For every key a float64 column with the value at each kline's close, fillers where undefined."""
        return self.indicator.values(self.columns, INDICATOR_WINDOW)

    @cached_property
    def _columns_of_values(self) -> list[tuple[str, Any]]:
        # a float of a memoryview takes half the time of one of an array
        return [(key, column.data) for key, column in self.values.items()]

    @cached_property
    def defined(self) -> dict[str, BoolColumn]:
        """For every key a column that says where `values` holds a value and no filler."""
        return self.indicator.defined(self.values, INDICATOR_WINDOW)

    @cached_property
    def forming_columns(self) -> tuple[FloatColumn, ...]:
        """What is needed to add a forming kline to the finished ones: columns aligned with the klines."""
        return self.indicator.forming_columns(self.columns, INDICATOR_WINDOW)

    @cached_property
    def _forming_step(self) -> FormingStep:
        return self.indicator.forming_step(self.columns, self.forming_columns)

    def at(self, stop: int, forming: FormingKline | None = None) -> dict[str, Any]:
        """Return a strategy's answer from the first `stop` klines and a kline forming behind them.

        Floats under the keys of the contract, and `series` (of at most `INDICATOR_WINDOW` elements, made when read)
        for an indicator of one value. Without any kline the answer is empty.
        """
        latest: dict[str, float]
        if forming is None:
            if stop == 0:
                return {}
            latest = {}
            for key, column in self._columns_of_values:  # in Python 3.11 half of what a comprehension takes
                latest[key] = column[stop - 1]
        elif stop >= self._steps_from:
            latest = self._forming_step(stop, forming)
        else:
            window = _window(self.columns, stop, forming)
            latest = {key: column.item(-1) for key, column in self.indicator.values(window, INDICATOR_WINDOW).items()}
        if not self._has_series:
            return latest
        return ValueWithSeries(latest["value"], lambda: self._series(stop, forming))

    def _series(self, stop: int, forming: FormingKline | None) -> list[float]:
        window = _window(self.columns, stop, forming)
        series: list[float] = self.indicator.values(window, INDICATOR_WINDOW)["value"].tolist()
        return series


def _window(columns: KlineColumns, stop: int, forming: FormingKline | None) -> KlineColumns:
    """Return the `INDICATOR_WINDOW` klines that end at `stop`, or with the forming one, as columns."""
    start = max(0, stop - INDICATOR_WINDOW + (forming is not None))
    window = columns.slice(start, stop)
    if forming is None:
        return window
    timestamp, *figures = forming.whole
    opened = np.append(window.open_ms, timestamp * SECOND_MS)
    return KlineColumns(columns.period_ms, opened, *map(np.append, window.figures, figures))
