"""Parallel coordinates: an axis for each parameter and one for the metric, a line for each trial."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.market.series import FloatColumn
from engine.plain_values import counted

from .cell_grid import cell_axis
from .shapes import (
    BEST,
    FAINT,
    Box,
    Picture,
    Scale,
    Scene,
    Shades,
    Trace,
    Words,
    brief,
    fitting,
    log_ticks,
    text_width,
    ticks,
)
from .trial_table import Places, TrialTable, VariedValues, value_text

if TYPE_CHECKING:
    import pandas

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 900.0, 470.0, 70.0, 104.0, 440.0
#: How far axes are apart at least, so that their names can be read, and the room to the right of the last.
_LEAST_APART, _RIGHT = 104.0, 90.0
#: Of more trials than can be told apart: so many of the best, and so many of the others, evenly by their rank.
_MOST, _MOST_BEST = 3_000, 500
#: More texts than these on one axis are not written each.
_MOST_WORDS = 24
#: What labels stand on: the lines behind them are seen, but do not cut them.
_PAPER = "#ffffffcc"


def draw_parallel_lines(table: TrialTable) -> Picture:
    """Return the trials whose metric is defined as lines across one axis for each parameter and one for the metric,
    coloured by the metric, the best on top. Texts stand in the order in which they came.
    """
    keep = kept_trials(table)
    width = max(_WIDTH, _LEFT + _RIGHT + _LEAST_APART * len(table.parameters))
    scene = Scene(f"{table.label} by {len(table.parameters)} parameters", width, _HEIGHT)
    known = int(np.isfinite(table.metric_values).sum())
    shown = f"the best {_MOST_BEST:,} and {len(keep) - _MOST_BEST:,} of the others" if len(keep) < known else "all"
    left_out = f"; {len(table) - known:,} failed or without a metric" if known < len(table) else ""
    scene.write_titles(table.title, [scene.name, f"{counted(known, 'trial')}, {shown}, the best on top{left_out}"])
    shades = Shades.of(table.metric_values, table.is_least)
    across = np.linspace(_LEFT, width - _RIGHT, len(table.parameters) + 1)
    axes = parallel_axes(table)
    for axis, x in zip(axes, across.tolist(), strict=True):
        _draw_axis(scene, x, axis, float(across[1] - across[0]))
    heights = _BOTTOM - np.column_stack([axis.shares for axis in axes])[keep] * (_BOTTOM - _TOP)
    _draw_lines(scene, across, heights, shades.line_colours(table.metric_values[keep]))
    scene.shapes.sort(key=lambda shape: (Trace, Box, Words).index(type(shape)))  # what is written lies over the lines
    return Picture(scene, partial(_frame, table, keep))


def kept_trials(table: TrialTable) -> Places:
    """Return the places of the trials that are drawn, the best last; of many the best, and others evenly by rank."""
    known = np.flatnonzero(np.isfinite(table.metric_values))
    order: Places = known[np.lexsort((-known, table.ranks[known]))]
    if len(order) <= _MOST:
        return order
    others = order[:-_MOST_BEST]
    even = np.linspace(0, len(others) - 1, _MOST - _MOST_BEST).round().astype(np.int64)
    return np.concatenate((others[even], order[-_MOST_BEST:]))


class ParallelAxis(NamedTuple):
    """An axis: how far up each trial stands on it, from 0 to 1 (NaN without a metric), and what is written there."""

    name: str
    shares: FloatColumn
    marks: list[tuple[float, str]]


def parallel_axes(table: TrialTable) -> list[ParallelAxis]:
    """Return an axis for each parameter and a last one for the metric."""
    return [*map(_parameter_axis, table.parameters), _metric_axis(table)]


def _parameter_axis(parameter: VariedValues) -> ParallelAxis:
    if parameter.is_number:
        numbers = np.array(parameter.values, np.float64)
        low, high = float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))
        is_log = parameter.is_log and low > 0.0
        scale = Scale(low, high, is_log) if high > low else Scale.of(numbers)
        found = log_ticks(scale.low, scale.high) if scale.is_log else _ends_and_ticks(scale)
        return ParallelAxis(parameter.name, scale.shares(numbers), _marked(scale, found))
    axis, places = cell_axis(parameter)
    every = -(-len(axis) // _MOST_WORDS)
    marks = [((place + 0.5) / len(axis), value_text(axis.values[place])) for place in range(0, len(axis), every)]
    return ParallelAxis(parameter.name, (places + 0.5) / len(axis), marks)


def _metric_axis(table: TrialTable) -> ParallelAxis:
    shades = Shades.of(table.metric_values, table.is_least)
    scale = Scale(shades.low, shades.high) if shades.high > shades.low else Scale.of(table.metric_values)
    shares = np.clip(scale.shares(table.metric_values), 0.0, 1.0)
    return ParallelAxis(table.label, shares, _marked(scale, _ends_and_ticks(scale)))


def _marked(scale: Scale, values: list[float]) -> list[tuple[float, str]]:
    return [(float(scale.shares(np.array([at]))[0]), brief(at)) for at in values]


def _ends_and_ticks(scale: Scale) -> list[float]:
    """Return both ends of a scale, and round numbers that do not touch them."""
    between = [each for each in ticks(scale.low, scale.high, 8) if 0.05 < scale.shares(np.array([each]))[0] < 0.95]
    return [scale.low, *between, scale.high]


def _draw_axis(scene: Scene, x: float, axis: ParallelAxis, room: float) -> None:
    scene.add(Trace(np.array([(x, _TOP), (x, _BOTTOM)]), FAINT, 1.2))
    scene.add(Words(x, _TOP - 18, fitting(axis.name, min(room - 6, 170), 11), 11, "middle", is_bold=True))
    for share, text in axis.marks:
        y = _BOTTOM - share * (_BOTTOM - _TOP)
        scene.add(Trace(np.array([(x - 4, y), (x, y)]), FAINT))
        shown = fitting(text, room - 12, 10)
        width = text_width(shown, 10)
        scene.add(Box(x - 9 - width, y - 7, width + 4, 14, _PAPER), Words(x - 7, y, shown, 10, "end"))


def _draw_lines(scene: Scene, across: FloatColumn, heights: npt.NDArray[np.float64], colours: list[str]) -> None:
    is_few = len(heights) <= 400
    for line, colour in zip(heights, colours, strict=True):
        scene.add(Trace(np.column_stack((across, line)), colour, 1.2 if is_few else 0.7, 0.75 if is_few else 0.5))
    if len(heights):
        scene.add(Trace(np.column_stack((across, heights[-1])), BEST, 2.6))


def _frame(table: TrialTable, keep: Places) -> pandas.DataFrame:
    import pandas

    rows = {each.name: [each.values[place] for place in keep[::-1]] for each in table.parameters}
    numbers = [table.numbers[place] for place in keep[::-1]]
    return pandas.DataFrame(
        {**rows, table.metric: table.metric_values[keep[::-1]]}, index=pandas.Index(numbers, name="trial")
    )
