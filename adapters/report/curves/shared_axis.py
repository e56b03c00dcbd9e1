"""Equity of several results on one axis of time: what each was worth at shared instants, and how it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.market.series import FloatColumn, TimeColumn
from engine.periods import MINUTE_MS

from .thinning import first_lowest

#: So many instants all of them share, about: more than a window is wide in pixels.
_INSTANTS = 1_600


class ComparedCurve(NamedTuple):
    """The equity (USD) of a run at rising instants (epoch ms), and its initial balance."""

    timestamp_ms: TimeColumn
    equity: FloatColumn
    initial: float | None


def compared_curves(curves: Sequence[ComparedCurve], is_aligned: bool, instants: int = _INSTANTS) -> dict[str, Any]:
    """Return instants in equal steps, in epoch ms, or with `is_aligned` from each one's own start; and of each curve at
    these what was `known` then, the last value by then, and what is `drawn`: all of it, or of every two steps lowest
    and highest in their order, with its first and its last value. None where a curve is not. Each ends at the first
    instant at or after its end.
    """
    there = [each for each in curves if len(each.timestamp_ms)]
    if not there:
        return {"instants": [], "ranges_differ": False, "curves": [_told(each, [], []) for each in curves]}
    ranges = {(int(each.timestamp_ms[0]), int(each.timestamp_ms[-1])) for each in there}
    first = 0 if is_aligned else min(start for start, _ in ranges)
    last = max(end - (start if is_aligned else 0) for start, end in ranges)
    step = max(math.ceil((last - first) / instants / MINUTE_MS), 1) * MINUTE_MS
    grid = first + step * np.arange(math.ceil((last - first) / step) + 1, dtype=np.int64)
    found = []
    for each in curves:
        times = each.timestamp_ms - each.timestamp_ms[:1] if is_aligned else each.timestamp_ms
        found.append(_told(each, *_placed(times, each.equity, grid, step)))
    return {"instants": grid.tolist(), "ranges_differ": len(ranges) > 1, "curves": found}


def _told(curve: ComparedCurve, known: Sequence[float | None], drawn: Sequence[float | None]) -> dict[str, Any]:
    span = curve.timestamp_ms[[0, -1]].tolist() if len(curve.timestamp_ms) else [None, None]
    return {"start": span[0], "end": span[1], "initial": curve.initial, "known": known, "drawn": drawn}


def _placed(
    times: TimeColumn, equity: FloatColumn, grid: TimeColumn, step: int
) -> tuple[Sequence[float | None], Sequence[float | None]]:
    """Return what was known at the instants of a grid, and what is drawn there."""
    if not len(times):
        return [None] * len(grid), [None] * len(grid)
    slots = -((grid[0] - times) // step)  # of each value the first instant at or after it
    begin, end = int(slots[0]), int(slots[-1])
    known = equity[np.searchsorted(times, grid[begin : end + 1], side="right") - 1]
    drawn = known.copy()
    drawn[0], drawn[-1] = equity[0], equity[-1]
    inner = end - begin - 1
    if inner > 0 and len(times) > 2 and not (np.diff(slots) > 0).all():
        _draw_extremes(drawn[1:-1], equity[1:-1], np.clip(slots[1:-1] - begin - 1, 0, inner - 1))
    before, after = [None] * begin, [None] * (len(grid) - end - 1)
    return [*before, *known.tolist(), *after], [*before, *drawn.tolist(), *after]


def _draw_extremes(drawn: FloatColumn, equity: FloatColumn, slots: npt.NDArray[np.int64]) -> None:
    """Put lowest and highest of the values of every two slots into these, in the order in which they came; three slots
    at the end are taken together. A curve with one slot has the value there that is farther from its first.
    """
    size = len(drawn)
    pairs = np.minimum(slots // 2, max(size // 2 - 1, 0))
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    lowest, highest = first_lowest(equity, starts), first_lowest(-equity, starts)
    earlier, later = equity[np.minimum(lowest, highest)], equity[np.maximum(lowest, highest)]
    if size == 1:
        drawn[0] = max(earlier[0], later[0], key=lambda value: abs(value - equity[0]))
        return
    places = 2 * pairs[starts]
    drawn[places], drawn[places + 1] = earlier, later
