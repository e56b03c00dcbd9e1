"""What volume says of prices."""

from __future__ import annotations

import numpy as np

from ...market.indicators import parse_indicator
from ...market.series import FloatColumn, KlineColumns
from .averages import over_range
from .windows import change, total


def _known_sum(values: FloatColumn) -> FloatColumn:
    """Return the running sum, NaN up to the first known value."""
    return np.where(np.isnan(values).cumprod().astype(bool), np.nan, np.where(np.isnan(values), 0.0, values).cumsum())


def day_average(
    rows: KlineColumns, high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn
) -> FloatColumn:
    """Return (h + l + c) / 3 weighted by volume, begun anew with each UTC day; 0 where nothing was traded."""
    told = KlineColumns(rows.period_ms, rows.open_ms, close, high, low, close, volume)
    indicator = parse_indicator("VWAP")
    assert indicator is not None
    return indicator.values(told, len(told))["value"]


def on_balance(close: FloatColumn, volume: FloatColumn) -> FloatColumn:
    """Return the running sum of sign(c - c[1]) v, from row 1."""
    return _known_sum(np.sign(change(close)) * volume)


def _flow(high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn) -> FloatColumn:
    return over_range((2.0 * close - high - low) * volume, high - low)


def accumulation(high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn) -> FloatColumn:
    """Return the running sum of (2 c - h - l) v / (h - l)."""
    return _known_sum(_flow(high, low, close, volume))


def money_flow(
    high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn, period: int
) -> FloatColumn:
    """Return the sum of (2 c - h - l) v / (h - l) over that of v (Chaikin)."""
    return total(_flow(high, low, close, volume), period) / total(volume, period)


def money_flow_index(
    high: FloatColumn, low: FloatColumn, close: FloatColumn, volume: FloatColumn, period: int
) -> FloatColumn:
    """Return 100 P / (P + N): sums of t v, t = (h + l + c) / 3, of rows where t has risen and of the others."""
    typical = (high + low + close) / 3.0
    step, money = change(typical), typical * volume
    rises, others = np.where(step > 0.0, money, 0.0), np.where(step > 0.0, 0.0, money)
    rises[np.isnan(step)] = others[np.isnan(step)] = np.nan
    gained = total(rises, period)
    return 100.0 * gained / (gained + total(others, period))
