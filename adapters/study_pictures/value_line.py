"""The metric along one parameter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.market.series import FloatColumn

from .cell_grid import CellAxis, cell_axis
from .shapes import (
    BEST,
    BLUE,
    FAINT,
    Area,
    Dot,
    Picture,
    Plot,
    Scale,
    Scene,
    Trace,
    Words,
    brief,
    fitting,
    readable,
    text_width,
)
from .trial_table import Places, TrialTable

if TYPE_CHECKING:
    import pandas

_AREA = Area(80, 84, 870, 380)


def draw_value_line(table: TrialTable, name: str) -> Picture:
    """Return the metric along one parameter: a dot for each trial, and a line through the best at each place. A failed
    trial is a cross at the lower edge. Raises `DataError` for a parameter that the study does not vary.
    """
    parameter = table.parameter(name)
    axis, places = cell_axis(parameter)
    where = np.array(parameter.values if axis.is_number else places, np.float64)
    at = np.array(axis.values if axis.is_number else range(len(axis)), np.float64)
    best = _best(table, places, len(axis))
    scene = Scene(f"{table.label} over {name}", 900, 446)
    lines = [scene.name]
    if table.best is not None:
        value = brief(float(table.metric_values[table.best]))
        lines.append(f"best {value} at {table.described(table.best)} (trial {table.numbers[table.best]})")
    if table.failed:
        lines[-1] += f"; x is a failed trial, of which there are {table.failed:,}"
    scene.write_titles(table.title, lines)
    plot = Plot(scene, _AREA, _scale(axis, at), Scale.of(table.metric_values))
    plot.draw_axes(name if axis.is_number else "", table.label)
    if not axis.is_number:
        _draw_words(plot, axis, at)
    _draw_trials(plot, table, where, at, best)
    return Picture(scene, partial(_frame, axis, best, table))


def _best(table: TrialTable, places: Places, count: int) -> FloatColumn:
    """Return the best metric at each place, NaN where there is none."""
    found = np.full(count, -np.inf)
    known = np.isfinite(table.ranks)
    np.maximum.at(found, places[known], table.ranks[known])
    found[~np.isfinite(found)] = np.nan
    return -found if table.is_least else found


def _frame(axis: CellAxis, best: FloatColumn, table: TrialTable) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame({table.metric: best}, index=axis.index())


def _scale(axis: CellAxis, at: FloatColumn) -> Scale:
    if not axis.is_number:
        return Scale(-0.5, len(axis) - 0.5)
    return Scale.of(at if axis.edges is None else axis.edges, is_log=axis.is_log and at[0] > 0.0)


def _draw_words(plot: Plot, axis: CellAxis, at: FloatColumn) -> None:
    left, _, right, bottom = plot.area
    spacing = (right - left) / len(axis)
    labels = [fitting(each, 150, 10) for each in axis.labels]
    for place in range(0, len(axis), readable([text_width(each, 10) for each in labels], spacing)):
        plot.scene.add(Words(left + (at[place] + 0.5) * spacing, bottom + 13, labels[place], 10, "middle"))
    plot.scene.add(Words((left + right) / 2, bottom + 31, axis.name, 11, "middle"))


def _draw_trials(plot: Plot, table: TrialTable, where: FloatColumn, at: FloatColumn, best: FloatColumn) -> None:
    known = np.isfinite(best)
    plot.scene.add(Trace(plot.places(at[known], best[known]), BLUE, 1.6))
    is_thick = len(table) <= 300
    for place in np.flatnonzero(np.isfinite(table.metric_values)).tolist():
        ((x, y),) = plot.places(where[place : place + 1], table.metric_values[place : place + 1]).tolist()
        tip = f"trial {table.numbers[place]}\n{table.described(place)}\n{table.label} {table.metric_values[place]:.6g}"
        plot.scene.add(Dot(x, y, 3.5 if is_thick else 1.8, BLUE, tip=tip))
    for place in (place for place, error in enumerate(table.errors) if error is not None):
        ((x, y),) = plot.places(where[place : place + 1], np.array([plot.y.low])).tolist()
        plot.scene.add(Words(x, y - 8, "x", 12, "middle", 0, True, FAINT))
    if table.best is not None:
        ((x, y),) = plot.places(where[[table.best]], table.metric_values[[table.best]]).tolist()
        plot.scene.add(Dot(x, y, 8, None, BEST, 2.5))
