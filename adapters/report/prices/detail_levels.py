"""Levels of detail: all of a year of minutes, and besides what a chart of the whole year can show of it.

The page draws the short level at once, and takes the long one apart when it is looked at more closely.
"""

from __future__ import annotations

import numpy as np

from engine import KlineColumns
from engine.market import aggregate
from engine.market.series import FloatColumn, TimeColumn

from ...packing import pack_curve
from .kline_reader import CHART_PERIODS
from .packed_klines import pack_klines

#: What is packed, the level with all of it first.
Levels = tuple[bytes, ...]

#: So many klines the page shows at once (`POINTS` of windows.js), with so much around a range when all of it is shown.
_SHOWN, _AROUND = 1_500, 1.04
_FEW_BYTES = 200_000


def overview_ms(start_ms: int, end_ms: int) -> int:
    """Return the period of the klines in which a page shows a whole range of time."""
    span = max((end_ms - start_ms) * _AROUND, 1)
    lengths = list(CHART_PERIODS.values())
    return next((each for each in lengths if span / each <= _SHOWN), lengths[-1])


def kline_levels(columns: KlineColumns, start_ms: int, end_ms: int, most_bytes: int) -> Levels:
    """Return the levels of klines that a page shows from start to end."""
    finest = pack_klines(columns, most_bytes)
    period_ms = overview_ms(start_ms, end_ms)
    if period_ms <= columns.period_ms:
        return (finest,)
    return finest, pack_klines(aggregate(columns, period_ms), _FEW_BYTES)


def curve_levels(times: TimeColumn, values: FloatColumn, most_bytes: int) -> Levels:
    """Return the levels of a curve: the short one has of each kline the lowest, the highest and the last value, and the
    one that is deepest below the peak so far, with that peak.
    """
    finest = pack_curve(times, values, most_bytes)
    if len(times) <= 4 * _SHOWN:
        return (finest,)
    slots = (times - 1) // overview_ms(int(times[0]), int(times[-1]))
    starts = np.flatnonzero(np.diff(slots, prepend=slots[0] - 1))
    stops = np.append(starts[1:], len(times))
    peaks = np.maximum.accumulate(values)
    lowest, highest, deepest = (
        np.array([start + column[start:stop].argmax() for start, stop in zip(starts, stops, strict=True)])
        for column in (-values, values, peaks - values)
    )
    peak_places = np.searchsorted(peaks, peaks[deepest])
    keep = np.unique(np.concatenate(([0], lowest, highest, deepest, peak_places, stops - 1)))
    return finest, pack_curve(times[keep], values[keep], _FEW_BYTES)
