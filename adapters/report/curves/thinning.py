"""A window of time, and what is given of a series in it: all of it, or less with every extreme kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.instants import LAST_MS
from engine.market.series import FloatColumn, TimeColumn

Places = npt.NDArray[np.int64]


class Window(NamedTuple):
    """What is asked for: from `start` to `end`, both epoch ms and within, at most about `points` instants of it."""

    start: int = 0
    end: int = LAST_MS
    points: int = 2_000

    def slice_of(self, times: TimeColumn) -> slice:
        """Return where rising times are within."""
        return slice(int(np.searchsorted(times, self.start)), int(np.searchsorted(times, self.end, side="right")))


def kept_places(columns: Sequence[FloatColumn], points: int) -> Places:
    """Return at most `points` places of columns of one length, in order: all, or the first, the last, and where each
    column is lowest, highest and last in each of equal parts. Where values are not finite they are no extreme.
    """
    size = len(columns[0])
    if size <= points:
        return np.arange(size)
    parts = max((points - 1) // (2 * len(columns) + 1), 1)
    starts = np.linspace(0, size, parts, endpoint=False).astype(np.int64)
    found: list[Any] = [np.array([0]), np.append(starts[1:], size) - 1]
    for column in columns:
        known = np.isfinite(column)
        for values in (np.where(known, column, np.inf), np.where(known, -column, np.inf)):
            found.append(first_lowest(values, starts))
    return np.unique(np.concatenate(found))


def first_lowest(values: FloatColumn, starts: Places) -> Places:
    """Return where values are lowest in each of the parts that begin at `starts`, of several places the first."""
    lowest = np.minimum.reduceat(values, starts)
    hits = np.flatnonzero(values == np.repeat(lowest, np.diff(starts, append=len(values))))
    return hits[np.searchsorted(hits, starts)]


def windowed(
    times: TimeColumn, columns: Mapping[str, FloatColumn], window: Window, extremes_of: Sequence[str]
) -> dict[str, Any]:
    """Return columns within a window as lists beside their "timestamp" (epoch ms), thinned so that the extremes of some
    of them are kept; `total` is how many instants there are in the window, `given` how many of them are here. A value
    that is not finite is None.
    """
    within = window.slice_of(times)
    part = {name: column[within] for name, column in columns.items()}
    stamps = times[within]
    keep = kept_places([part[name] for name in extremes_of], window.points) if len(stamps) else np.empty(0, np.int64)
    lists = {name: _listed(column[keep]) for name, column in part.items()}
    return {"total": len(stamps), "given": len(keep), "timestamp": stamps[keep].tolist(), **lists}


def _listed(column: FloatColumn) -> list[float | None]:
    if np.isfinite(column).all():
        found: list[float | None] = column.tolist()
        return found
    return [each if np.isfinite(each) else None for each in column.tolist()]
