"""The pictures of a study's page, drawn beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, get_args

from .cell_grid import Of, cell_axis
from .contour_surface import draw_surface, surface_problem
from .heat_map import draw_heat_map
from .importance_bars import draw_importance
from .shapes import Picture
from .study_description import StudyDescription
from .trial_table import TrialTable
from .value_line import draw_value_line
from .whole_study import ranked_names

#: Of more parameters than these the most important have heat maps, each with each.
_MOST_CROSSED = 5


def drawn_pictures(study: StudyDescription) -> dict[str, Any]:
    """Return the pictures as texts of SVG: further ones, those of cells among which one chooses, those after them."""
    table = study.table
    has_trials = table is not None and len(table) > 0 and len(table.parameters) > 0
    return {
        "further": [{"title": each.scene.name, "svg": each.svg} for each in study.pictures],
        "cells": [*_cells(table)] if has_trials and table is not None else [],
        "after": [{"title": "Importance", "svg": draw_importance(table).svg}] if has_trials and table else [],
    }


def _cells(table: TrialTable) -> Iterator[dict[str, str]]:
    names = ranked_names(table)
    if len(names) == 1:
        line = draw_value_line(table, names[0])
        yield {"title": line.scene.name, "pair": names[0], "view": "line", "svg": line.svg}
        return
    for x, y in combinations(names[:_MOST_CROSSED], 2):
        for view, drawn in _views(table, x, y):
            title = f"{table.label} over two parameters"
            yield {"title": title, "pair": f"{x} and {y}", "view": view, "svg": drawn.svg}


def _views(table: TrialTable, x: str, y: str) -> Iterator[tuple[str, Picture]]:
    if len(table.parameters) == 2:
        yield "heat map", draw_heat_map(table, x, y)
    else:
        yield from ((f"heat map: {of}", draw_heat_map(table, x, y, of)) for of in get_args(Of))
    if not any(surface_problem(cell_axis(table.parameter(name))[0]) for name in (x, y)):
        yield "surface", draw_surface(table, x, y)
