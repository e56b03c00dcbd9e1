"""Indicators of a whole series of klines, by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...periods import MINUTE_MS, SECOND_MS
from ..series import FloatColumn, Kline, KlineColumns
from .catalogue import parse_indicator
from .indicator import INDICATOR_WINDOW, Indicator
from .value_with_series import ValueWithSeries


def calculate_indicators(klines: KlineColumns | Sequence[Kline], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the indicators of `names` (upper-cased) over all of `klines`, oldest first, however many there are.

    Each is what `get_indicator` answers: its last values as floats, and `series`, aligned with the klines, for those
    of one value. A name that stands for no indicator has an empty entry; so has every name when there are no klines.
    """
    columns = klines if isinstance(klines, KlineColumns) else _columns(klines)
    return {str.upper(name): _entry(columns, parse_indicator(name)) for name in names}


def window_values(
    columns: KlineColumns, indicator: Indicator, window: int = INDICATOR_WINDOW
) -> dict[str, FloatColumn]:
    """Return, for every key and row, the last value over the `window` klines that end there, as float64 columns.

    The same, to 1e-9, as `calculate_indicators` on each of those windows, at the cost of a few passes over the columns.
    """
    return indicator.values(columns, window)


def _entry(columns: KlineColumns, indicator: Indicator | None) -> dict[str, Any]:
    if indicator is None or not len(columns):
        return {}
    values = indicator.values(columns, len(columns))
    if indicator.has_series:
        series = values["value"]
        return ValueWithSeries(series.item(-1), series.tolist)
    return {key: column.item(-1) for key, column in values.items()}


def _columns(klines: Sequence[Kline]) -> KlineColumns:
    """Return `klines` as columns; their period is the shortest distance between two of them."""
    if not klines:
        return KlineColumns.empty(MINUTE_MS)
    timestamp, *prices_and_volume = zip(*klines, strict=True)
    open_ms = np.array(timestamp, np.int64) * SECOND_MS
    period_ms = int(np.diff(open_ms).min()) if len(open_ms) > 1 else MINUTE_MS
    return KlineColumns(period_ms, open_ms, *(np.array(column, np.float64) for column in prices_and_volume))
