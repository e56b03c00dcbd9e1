"""A heat map over two parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .cell_grid import CellAxis, CellGrid, Of, grid_of_cells
from .shapes import (
    BEST,
    FAINT,
    Area,
    Box,
    Picture,
    Scene,
    Shades,
    Words,
    brief,
    draw_legend,
    even,
    fitting,
    ink_on,
    readable,
    text_width,
)
from .trial_table import TrialTable

_WIDTH, _RIGHT, _TOP = 900.0, 110.0, 84.0
#: How high a cell is, and how high all of them are.
_HIGHEST, _LOWEST, _MOST_HEIGHT, _LEAST_HEIGHT = 44.0, 3.0, 660.0, 150.0
_LABEL, _MOST_LABEL = 10.0, 130.0
#: From this size on the value stands in the cell.
_VALUE_WIDTH, _VALUE_HEIGHT = 36.0, 15.0
_FAILED, _UNDEFINED = "#b9bdc4", "#e1e3e7"


def draw_heat_map(table: TrialTable, x: str, y: str, of: Of = "best") -> Picture:
    """Return the metric over two parameters: numbers in order, texts as they came. Of several trials in a cell, which
    differ in further parameters, it has the best, the mean or the worst, and says which. Raises `DataError` as
    `grid_of_cells`.
    """
    cells = grid_of_cells(table, x, y, of)
    return Picture(_drawn(cells), cells.frame)


def _drawn(cells: CellGrid) -> Scene:
    left = 40.0 + min(max(text_width(each, _LABEL) for each in cells.y.labels), _MOST_LABEL)
    high = min(max(_HIGHEST * len(cells.y), _LEAST_HEIGHT), _MOST_HEIGHT)
    area = Area(left, _TOP, _WIDTH - _RIGHT, _TOP + max(high, _LOWEST * len(cells.y)))
    below = _room_below(cells.x, area)
    scene = Scene(f"{cells.table.label} over {cells.x.name} and {cells.y.name}", _WIDTH, area.bottom + below + 44)
    scene.write_titles(cells.table.title, [scene.name, *_said(cells)][:2])
    shades = Shades.of(cells.values, cells.table.is_least)
    _draw_cells(scene, cells, area, shades)
    _draw_labels(scene, cells, area, below)
    draw_legend(scene, shades, cells.table.label, area.right + 16, area.top, area.bottom)
    _draw_key(scene, cells, scene.height - 16)
    return scene


def _said(cells: CellGrid) -> Iterator[str]:
    """Yield what stands below the title: the best trial, and what a cell shows."""
    table, parts = cells.table, []
    if table.best is not None:
        value = brief(float(table.metric_values[table.best]))
        parts.append(f"best {value} at {table.described(table.best)} (trial {table.numbers[table.best]})")
    if (cells.trials > 1).any():
        parts.append(f"of several trials in a cell the {cells.of}")
    yield "; ".join(parts) or "the metric is defined for no trial"


def _room_below(axis: CellAxis, area: Area) -> float:
    """Return how high the labels of x are: texts are turned where they are wider than a cell, each of them says
    something of its own; numbers, of which some can be left out, where they are wider than three.
    """
    longest = min(max(text_width(each, _LABEL) for each in axis.labels), _MOST_LABEL)
    cells = 3.0 if axis.is_number else 1.0
    return 16.0 if longest <= cells * (area.right - area.left) / len(axis) else longest + 6.0


def _draw_cells(scene: Scene, cells: CellGrid, area: Area, shades: Shades) -> None:
    width, height = (area.right - area.left) / len(cells.x), (area.bottom - area.top) / len(cells.y)
    known = np.isfinite(cells.values)
    colours = iter(shades.colours(cells.values[known]))
    grounds: list[Box] = []
    texts: list[Words] = []
    gap = 1.0 if min(width, height) > 8.0 else 0.0
    for row, column in np.ndindex(cells.values.shape):
        colour = next(colours) if known[row, column] else _unknown(cells, row, column)
        x, y = area.left + column * width, _above(cells, area, row)
        box = Box(x, y, width - gap, height - gap, colour, tip=_tip(cells, row, column))
        grounds.append(box if colour else box._replace(fill=None, edge=FAINT, edge_width=0.4))
        if width >= _VALUE_WIDTH and height >= _VALUE_HEIGHT:
            text = _sign(cells, row, column, shades.high - shades.low)
            texts.append(Words(x + width / 2, y + height / 2, text, 10, "middle", colour=ink_on(colour or "#ffffff")))
    scene.add(*grounds, *texts)
    if cells.best is not None:
        row, column = cells.best
        place = area.left + column * width - 1, _above(cells, area, row) - 1
        scene.add(Box(*place, width + 2 - gap, height + 2 - gap, None, BEST, 2.5))


def _above(cells: CellGrid, area: Area, row: int) -> float:
    """Return the upper edge of a row: numbers rise, texts are read downwards."""
    place = len(cells.y) - 1 - row if cells.y.is_number else row
    return area.top + place * (area.bottom - area.top) / len(cells.y)


def _unknown(cells: CellGrid, row: int, column: int) -> str | None:
    if cells.failed[row, column]:
        return _FAILED
    return _UNDEFINED if cells.undefined[row, column] else None


def _sign(cells: CellGrid, row: int, column: int, span: float) -> str:
    value = cells.values[row, column]
    if np.isfinite(value):
        return even(float(value), span)
    return "x" if cells.failed[row, column] else "-" if cells.undefined[row, column] else ""


def _tip(cells: CellGrid, row: int, column: int) -> str:
    """Return what is said of a cell, a line each."""
    lines = [f"{cells.x.name} {cells.x.labels[column]}", f"{cells.y.name} {cells.y.labels[row]}"]
    value, shown = cells.values[row, column], int(cells.shown[row, column])
    many, failed = int(cells.trials[row, column]), int(cells.failed[row, column])
    if np.isfinite(value):
        trial = f" (trial {cells.table.numbers[shown]})" if cells.of != "mean" or many == 1 else ""
        lines.append(f"{cells.table.label} {float(value):.6g}{trial}")
    elif not many:
        lines.append("no trial")
    elif not failed:
        lines.append(f"no {cells.table.label}: not defined, or the trial does not count")
    if many > 1:
        lines.append(f"{many:,} trials, the {cells.of} is shown")
    if failed:
        lines.append("failed" if many == 1 else f"{failed:,} of them failed")
    return "\n".join(lines)


def _draw_labels(scene: Scene, cells: CellGrid, area: Area, below: float) -> None:
    width, height = (area.right - area.left) / len(cells.x), (area.bottom - area.top) / len(cells.y)
    for row in range(0, len(cells.y), readable([_LABEL], height)):
        y = _above(cells, area, row) + height / 2
        scene.add(Words(area.left - 6, y, fitting(cells.y.labels[row], _MOST_LABEL, _LABEL), _LABEL, "end"))
    is_turned = below > 16.0
    widths = [_LABEL] if is_turned else [text_width(each, _LABEL) for each in cells.x.labels]
    for column in range(0, len(cells.x), readable(widths, width)):
        x, label = area.left + (column + 0.5) * width, fitting(cells.x.labels[column], _MOST_LABEL, _LABEL)
        anchor, turn, down = ("end", -90.0, 5.0) if is_turned else ("middle", 0.0, 12.0)
        scene.add(Words(x, area.bottom + down, label, _LABEL, anchor, turn))
    scene.add(Words((area.left + area.right) / 2, area.bottom + below + 12, cells.x.name, 11, "middle", is_bold=True))
    name = fitting(cells.y.name, area.bottom - area.top, 11)
    scene.add(Words(14, (area.top + area.bottom) / 2, name, 11, "middle", -90, is_bold=True))


def _draw_key(scene: Scene, cells: CellGrid, y: float) -> None:
    """Draw what the marks mean, of those that there are."""
    unknown = ~np.isfinite(cells.values)
    marks = [
        (None, BEST, "best cell", cells.best is not None),
        (_FAILED, None, "failed", (unknown & (cells.failed > 0)).any()),
        (_UNDEFINED, None, "without the metric", (unknown & (cells.failed == 0) & (cells.undefined > 0)).any()),
        (None, FAINT, "no trial", (cells.trials == 0).any()),
    ]
    x = 40.0
    for fill, edge, text, is_there in marks:
        if is_there:
            scene.add(Box(x, y - 6, 12, 12, fill, edge, 2.0 if edge == BEST else 0.6), Words(x + 18, y, text, 10))
            x += 40 + text_width(text, 10)
