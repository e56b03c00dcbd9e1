"""The importance of parameters as a frame and as bars."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.plain_values import counted

from .importance_shares import Importance, find_importance
from .shapes import BLUE, FAINT, GRID, Box, Picture, Scene, Words, fitting
from .trial_table import TrialTable

if TYPE_CHECKING:
    import pandas

_LEFT, _RIGHT, _TOP, _ROW = 220.0, 620.0, 76.0, 26.0
#: The last row of the frame: what no parameter explains alone.
INTERACTIONS, REST = "(interactions)", "(interactions and chance)"
_LIGHT = "#56b4e9"


def importance_frame(table: TrialTable) -> pandas.DataFrame:
    """Return a row for each parameter, the most important first, and a last one for what none explains alone: `share`
    of the metric's variance that it explains alone, `with_others` together with others (full grids only), and a `note`
    that says why a share is NaN, or not told from chance.
    """
    return _frame(find_importance(table))


def draw_importance(table: TrialTable) -> Picture:
    """Return the shares as bars: alone, and on a full grid lighter what a parameter does together with others."""
    importance = find_importance(table)
    rows = [(each.name, each.alone, each.together, each.note) for each in importance.shares]
    if importance.rest is not None:
        rows.append((_rest_name(importance), importance.rest, None, ""))
    scene = Scene(f"Importance: share of the variance of {table.label}", 900, _TOP + _ROW * len(rows) + 16)
    scene.write_titles(table.title, [f"{scene.name}; {_how(importance)}"])
    for percent in (0, 25, 50, 75, 100):
        x = _LEFT + percent / 100 * (_RIGHT - _LEFT)
        scene.add(Box(x, _TOP, 1, _ROW * len(rows), GRID), Words(x, _TOP - 9, f"{percent} %", 9, "middle"))
    for place, (name, alone, together, note) in enumerate(rows):
        y = _TOP + (place + 0.5) * _ROW
        scene.add(Words(_LEFT - 8, y, fitting(name, _LEFT - 16, 11), 11, "end"))
        is_rest = importance.rest is not None and place == len(rows) - 1
        _draw_bar(scene, y, alone, together, note, FAINT if is_rest else BLUE)
    return Picture(scene, partial(_frame, importance))


def _draw_bar(scene: Scene, y: float, alone: float | None, together: float | None, note: str, colour: str) -> None:
    if alone is None:
        scene.add(Words(_LEFT + 6, y, fitting(note, 660, 10), 10, colour=FAINT))
        return
    wide = _RIGHT - _LEFT
    texts = [f"{100 * alone:.1f} %"]
    if together is not None:
        texts.append(f"with others {100 * together:.1f} %")
        scene.add(Box(_LEFT, y - 8, max(wide * together, 1), 16, _LIGHT, tip=texts[1]))
    scene.add(Box(_LEFT, y - 8, max(wide * alone, 1), 16, colour, tip=texts[0]))
    scene.add(Words(_RIGHT + 12, y, fitting("; ".join(filter(None, [*texts, note])), 262, 10), 10))


def _how(importance: Importance) -> str:
    if importance.undefined:
        return f"not defined: {importance.undefined}"
    if importance.holes:
        return f"on a grid of {importance.trials + importance.holes:,}, of which {importance.holes:,} are filled in"
    if importance.holes == 0:
        return f"exact, on a full grid of {importance.trials:,}"
    return f"estimated from {counted(importance.trials, 'trial')}"


def _rest_name(importance: Importance) -> str:
    return REST if importance.holes is None else INTERACTIONS


def _frame(importance: Importance) -> pandas.DataFrame:
    import pandas

    rows = [(each.name, each.alone, each.together, each.note) for each in importance.shares]
    if importance.rest is not None:
        rows.append((_rest_name(importance), importance.rest, None, ""))
    frame = pandas.DataFrame(rows, columns=["parameter", "share", "with_others", "note"])
    return frame.astype({"share": float, "with_others": float}).set_index("parameter")
