"""Figures of runs that begin later."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine import DataError
from engine.market.series import FloatColumn
from engine.plain_values import counted

from .shapes import BEST, BLUE, FAINT, Area, Dot, Picture, Plot, Scale, Scene, Trace, Words, brief

if TYPE_CHECKING:
    import pandas

_LEFT, _RIGHT, _TOP, _PANEL, _GAP = 84.0, 870.0, 84.0, 150.0, 20.0
#: Of more starts dots are small.
_FEW = 120


class StartFigure(NamedTuple):
    """A figure over later starts, NaN where it is not defined, and that of the run as it was, None without one."""

    values: FloatColumn
    real: float | None


def draw_start_lines(title: str, hours: FloatColumn, figures: Mapping[str, StartFigure], line: str = "") -> Picture:
    """Return each figure over how many hours later a run begins, one below the other, with that of the run as it was
    as a dashed line from its start. Raises `DataError` without a start, and where lengths do not fit.
    """
    if not len(hours) or not figures or any(len(each.values) != len(hours) for each in figures.values()):
        raise DataError("a picture of later starts needs at least one start, and of each figure a value for each")
    count = counted(len(hours), "later start")
    scene = Scene(f"{count}; dashed: the run as it was", 900, _TOP + len(figures) * (_PANEL + _GAP) + 28)
    scene.write_titles(title, [scene.name, line])
    x = Scale.of(hours, np.zeros(1))
    for place, (label, figure) in enumerate(figures.items()):
        top = _TOP + place * (_PANEL + _GAP)
        real = np.array([] if figure.real is None else [figure.real], np.float64)
        plot = Plot(scene, Area(_LEFT, top, _RIGHT, top + _PANEL), x, Scale.of(figure.values, real))
        plot.draw_axes("begun later by (hours)" if place == len(figures) - 1 else "", label)
        _draw_figure(plot, label, hours, figure)
    return Picture(scene, partial(_frame, hours, figures))


def _draw_figure(plot: Plot, label: str, hours: FloatColumn, figure: StartFigure) -> None:
    known = np.isfinite(figure.values)
    left, top, right, bottom = plot.area
    if not known.any():
        plot.scene.add(Words((left + right) / 2, (top + bottom) / 2, "not defined", 11, "middle", colour=FAINT))
    if figure.real is not None:
        ends = plot.places(np.array([0.0, plot.x.high]), np.full(2, figure.real))
        plot.scene.add(Trace(ends, BEST, 1.6, is_dashed=True))
        across, up = ends[0].tolist()
        plot.scene.add(Dot(across, up, 4.5, BEST, tip=f"as it was\n{label} {brief(figure.real)}"))
    places = plot.places(hours[known], figure.values[known])
    plot.scene.add(Trace(places, BLUE, 0.8, 0.6))
    radius = 3.0 if len(hours) <= _FEW else 1.6
    for (across, up), hour, value in zip(
        places.tolist(), hours[known].tolist(), figure.values[known].tolist(), strict=True
    ):
        plot.scene.add(Dot(across, up, radius, BLUE, tip=f"{brief(hour)} hours later\n{label} {brief(value)}"))


def _frame(hours: FloatColumn, figures: Mapping[str, StartFigure]) -> pandas.DataFrame:
    import pandas

    columns = {
        label: np.concatenate(([np.nan if each.real is None else each.real], each.values))
        for label, each in figures.items()
    }
    return pandas.DataFrame(columns, index=pandas.Index(np.concatenate(([0.0], hours)), name="hours later"))
