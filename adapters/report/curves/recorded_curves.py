"""The series that a program recorded: all of their values, or the extremes where an older version stored no more."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...database import Database
from ...results import StoredResult
from ...series import RECORDED, Series, stored_series_of
from .thinning import Window, windowed


class RecordedCurve(NamedTuple):
    """One series; `had` is how many values it had in its run."""

    series: Series
    had: int


def recorded_of(database: Database, found: StoredResult) -> dict[str, RecordedCurve]:
    """Return the series of a stored result by name: of a long one all values, where they are stored."""
    whole = stored_series_of(database, found.run_id, (RECORDED + name for name in found.records))
    curves = {}
    for name, columns in found.records.items():
        thinned = Series(np.array(columns["timestamp"], np.int64), np.array(columns["value"], np.float64))
        series = whole.get(RECORDED + name, thinned)
        curves[name] = RecordedCurve(series, found.record_counts.get(name, len(series.value)))
    return curves


def recorded_window(curves: dict[str, RecordedCurve], window: Window) -> dict[str, Any]:
    """Return a window of each series, every extreme kept."""
    return {name: _part(*curve, window) for name, curve in curves.items()}


def _part(series: Series, had: int, window: Window) -> dict[str, Any]:
    stored = len(series.value)
    is_whole = stored >= had
    resolution = "every value" if is_whole else f"{stored:,} of {had:,} values are stored, its extremes among them"
    found = windowed(series.timestamp_ms, {"value": series.value}, window, ("value",))
    return {**found, "resolution": resolution, "is_whole": is_whole}
