"""All of a study in one picture, as the commands write it."""

from __future__ import annotations

from collections.abc import Sequence

from engine import DataError

from .heat_map import draw_heat_map
from .importance_bars import draw_importance, importance_frame
from .importance_shares import find_importance
from .parallel_lines import draw_parallel_lines
from .shapes import Picture, stacked
from .trial_table import TrialTable
from .value_line import draw_value_line


def study_picture(table: TrialTable, further: Sequence[Picture] = ()) -> Picture:
    """Return what there is to see of a study below one another, after `further` pictures: of one parameter the metric
    along it, of two a heat map, of more a heat map over the two most important, parallel coordinates, and importance.
    Its frame is that of importance. Raises `DataError` for a study without parameters, and without trials.
    """
    if not len(table):
        raise DataError("no trial is done: there is nothing to draw")
    if not table.parameters:
        raise DataError("nothing varies in this study: there is nothing to draw")
    pictures = [*further, *_pictures(table)]
    whole = stacked(f"{table.title}: {table.label}", [each.scene for each in pictures])
    return Picture(whole, lambda: importance_frame(table))


def _pictures(table: TrialTable) -> list[Picture]:
    names = ranked_names(table)
    if len(names) == 1:
        return [draw_value_line(table, names[0])]
    pictures = [draw_heat_map(table, names[0], names[1]), draw_importance(table)]
    return pictures if len(names) == 2 else [pictures[0], draw_parallel_lines(table), pictures[1]]


def ranked_names(table: TrialTable) -> list[str]:
    """Return the names of the parameters, the most important first; as they are given where that is not defined."""
    importance = find_importance(table)
    if importance.undefined or len(table.parameters) == 2:
        return [each.name for each in table.parameters]
    return [share.name for share in importance.shares]
