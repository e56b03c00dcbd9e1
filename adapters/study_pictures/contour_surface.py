"""The metric over two numbers as a surface seen from above: areas between levels, true to the scale of both axes.

From the side, in three dimensions, the front hides what is behind it, and no value can be read.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn

from .cell_grid import CellAxis, CellGrid, Of, grid_of_cells
from .shapes import BEST, FAINT, Area, Box, Dot, Picture, Plot, Scale, Scene, Shades, brief, draw_legend, ticks
from .trial_table import TrialTable

_AREA = Area(84, 84, 790, 560)
#: How finely the surface is drawn, and how many levels it has about.
_ACROSS, _UP, _LEVELS = 264, 178, 14
#: More trials than these are not marked each.
_MOST_DOTS = 1_500


def draw_surface(table: TrialTable, x: str, y: str, of: Of = "best") -> Picture:
    """Return the metric over two parameters as a surface: between trials it is what lies between their values, in even
    steps. Where trials are missing or have failed it has holes. Raises `DataError` as `grid_of_cells`, and for a
    parameter whose values are no numbers, or which has a single one.
    """
    cells = grid_of_cells(table, x, y, of)
    for axis in (cells.x, cells.y):
        problem = surface_problem(axis)
        if problem:
            raise DataError(f"{axis.name} {problem}: a surface needs two numbers or more on either side; see heatmap")
    return Picture(_drawn(cells), cells.frame)


def surface_problem(axis: CellAxis) -> str:
    """Return why a surface cannot stand on an axis, "" where it can."""
    if len(axis) < 2:
        return "has a single value"
    return "" if axis.is_number else "has values that are no numbers"


def _drawn(cells: CellGrid) -> Scene:
    table = cells.table
    scene = Scene(f"Surface of {table.label} over {cells.x.name} and {cells.y.name}", 900, 622)
    several = f"of several trials at a place the {cells.of}" if (cells.trials > 1).any() else ""
    lines = [scene.name, "; ".join(filter(None, [_best(cells), several, "between trials in even steps"]))]
    scene.write_titles(table.title, lines)
    plot = Plot(scene, _AREA, _scale(cells.x), _scale(cells.y))
    shades = Shades.of(cells.values, table.is_least)
    edges = np.unique([shades.low, *ticks(shades.low, shades.high, _LEVELS), shades.high])
    _draw_levels(plot, cells, shades, edges)
    plot.draw_axes(cells.x.name, cells.y.name)
    _draw_trials(plot, cells)
    draw_legend(scene, shades, table.label, _AREA.right + 16, _AREA.top, _AREA.bottom, edges)
    return scene


def _best(cells: CellGrid) -> str:
    if cells.best is None:
        return "the metric is defined for no trial"
    row, column = cells.best
    value = brief(float(cells.values[row, column]))
    return f"best {value} at {cells.x.name} {cells.x.labels[column]}, {cells.y.name} {cells.y.labels[row]}"


def _numbers(axis: CellAxis) -> FloatColumn:
    return np.array(axis.values, np.float64)


def _scale(axis: CellAxis) -> Scale:
    numbers = _numbers(axis)
    return Scale(float(numbers[0]), float(numbers[-1]), axis.is_log and float(numbers[0]) > 0.0)


def _draw_levels(plot: Plot, cells: CellGrid, shades: Shades, edges: FloatColumn) -> None:
    """Draw the surface in small boxes, those of one level in a row as one."""
    left, top, right, bottom = plot.area
    wide, high = (right - left) / _ACROSS, (bottom - top) / _UP
    fine = _between(cells, plot)
    level = np.where(np.isfinite(fine), np.searchsorted(edges[1:-1], fine, "right"), -1)
    colours = shades.colours((edges[:-1] + edges[1:]) / 2 if len(edges) > 1 else edges)
    for row in range(_UP):
        changes = np.flatnonzero(np.diff(level[row])) + 1
        for start, end in zip([0, *changes.tolist()], [*changes.tolist(), _ACROSS], strict=True):
            if level[row, start] >= 0:
                y, width = bottom - (row + 1) * high, (end - start) * wide
                plot.scene.add(Box(left + start * wide, y, width + 0.3, high + 0.3, colours[level[row, start]]))


def _between(cells: CellGrid, plot: Plot) -> npt.NDArray[np.float64]:
    """Return the values at the middles of the small boxes, each from the four around it."""
    right, to_right = _neighbours(plot.x.shares(_numbers(cells.x)), _ACROSS)
    above, to_above = _neighbours(plot.y.shares(_numbers(cells.y)), _UP)
    values = cells.values
    lower = values[above - 1][:, right - 1] * (1 - to_right) + values[above - 1][:, right] * to_right
    upper = values[above][:, right - 1] * (1 - to_right) + values[above][:, right] * to_right
    between: npt.NDArray[np.float64] = lower * (1 - to_above[:, None]) + upper * to_above[:, None]
    return between


def _neighbours(shares: FloatColumn, count: int) -> tuple[npt.NDArray[np.int64], FloatColumn]:
    """Return for small boxes the next place along an axis, and how far they are on the way to it."""
    middles = (np.arange(count) + 0.5) / count
    after = np.clip(np.searchsorted(shares, middles, "right"), 1, len(shares) - 1)
    return after, (middles - shares[after - 1]) / (shares[after] - shares[after - 1])


def _draw_trials(plot: Plot, cells: CellGrid) -> None:
    rows, columns = np.nonzero(cells.trials)
    if len(rows) <= _MOST_DOTS:
        places = plot.places(_numbers(cells.x)[columns], _numbers(cells.y)[rows]).tolist()
        for (x, y), row, column in zip(places, rows.tolist(), columns.tolist(), strict=True):
            value = float(cells.values[row, column])
            said = f"{cells.table.label} {value:.6g}" if np.isfinite(value) else "failed or not defined"
            tip = f"{cells.x.name} {cells.x.labels[column]}\n{cells.y.name} {cells.y.labels[row]}\n{said}"
            plot.scene.add(Dot(x, y, 2.0, FAINT if np.isfinite(value) else None, FAINT, tip=tip))
    if cells.best is not None:
        row, column = cells.best
        ((x, y),) = plot.places(_numbers(cells.x)[[column]], _numbers(cells.y)[[row]]).tolist()
        plot.scene.add(Dot(x, y, 8, None, BEST, 2.5))
