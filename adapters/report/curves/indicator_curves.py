"""The values of an indicator at the close of each stored kline, as the engine works them out."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine import KlineColumns
from engine.market import SymbolHistory
from engine.market.indicators import INDICATOR_WINDOW, Indicator
from engine.market.series import FloatColumn, TimeColumn

from ..prices import NotStored
from .thinning import Window, windowed


class IndicatorCurve(NamedTuple):
    """The `lines` of an indicator by their keys, at the closes (epoch ms) of its klines; NaN where it is undefined."""

    closed_ms: TimeColumn
    lines: dict[str, FloatColumn]


def indicator_curve(symbol: str, klines: KlineColumns, indicator: Indicator, period_ms: int) -> IndicatorCurve:
    """Return an indicator over klines put together to a period; `NotStored` where they are longer than that."""
    history = SymbolHistory(symbol, klines)
    series = history.series_of(period_ms)
    if series is None:
        raise NotStored(f"the stored klines of {symbol} are longer than those of {indicator.name}")
    columns = series.columns
    values = indicator.values(columns, INDICATOR_WINDOW)
    defined = indicator.defined(values, INDICATOR_WINDOW)
    lines = {key: np.where(defined[key], column, np.nan) for key, column in values.items()}
    return IndicatorCurve(columns.open_ms + period_ms, lines)


def indicator_window(curve: IndicatorCurve, window: Window) -> dict[str, Any]:
    """Return a window of an indicator: its lines by key beside "timestamp", the closes of its klines."""
    found = windowed(curve.closed_ms, curve.lines, window, [*curve.lines])
    lines = {key: found.pop(key) for key in curve.lines}
    return {**found, "lines": lines}
