"""How much of what was found in sample is left out of sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine import DataError
from engine.market.series import FloatColumn

from .shapes import BLUE, FAINT, ORANGE, Area, Dot, Picture, Plot, Scale, Scene, Trace, Words, brief

if TYPE_CHECKING:
    import pandas

_AREA = Area(84, 84, 620, 600)
#: So many points at most have their names beside them.
_MOST_NAMED = 40


class SamplePoint(NamedTuple):
    """The metric of a window, or of a trial, in sample and out of sample; None where it is not defined."""

    name: str
    in_sample: float | None
    out_of_sample: float | None


def draw_sample_scatter(title: str, label: str, points: Sequence[SamplePoint], is_least: bool = False) -> Picture:
    """Return a dot for each window: across the metric in sample, upwards that out of sample, both on one scale, with
    the diagonal on which both are the same. What is not as good as in sample is orange. Points without one of both are
    left out, and counted. Raises `DataError` where no point is left.
    """
    known = [each for each in points if _is_known(each.in_sample) and _is_known(each.out_of_sample)]
    if not known:
        raise DataError(f"{label} is defined in sample and out of sample for no window: there is nothing to draw")
    inside = np.array([each.in_sample for each in known], np.float64)
    outside = np.array([each.out_of_sample for each in known], np.float64)
    is_worse = outside > inside if is_least else outside < inside
    scene = Scene(f"{label} in sample and out of sample", 900, 664)
    left_out = f"; {len(points) - len(known)} without a value" if len(known) < len(points) else ""
    correlation = f"; correlation {_correlation(inside, outside)}" if len(known) > 2 else ""
    line = f"{int(is_worse.sum())} of {len(known)} are not as good out of sample as in sample{correlation}{left_out}"
    scene.write_titles(title, [scene.name, line])
    scale = Scale.of(inside, outside)
    plot = Plot(scene, _AREA, scale, scale)
    plot.draw_axes(f"{label} in sample", f"{label} out of sample")
    ends = np.array([scale.low, scale.high])
    scene.add(Trace(plot.places(ends, ends), FAINT, 1.2, is_dashed=True))
    for (x, y), each, worse in zip(plot.places(inside, outside).tolist(), known, is_worse.tolist(), strict=True):
        tip = f"{each.name}\nin sample {each.in_sample:.6g}\nout of sample {each.out_of_sample:.6g}"
        scene.add(Dot(x, y, 4.5, ORANGE if worse else BLUE, tip=tip))
        if len(known) <= _MOST_NAMED:
            scene.add(Words(x + 8, y, each.name, 9))
    _draw_key(scene, f"{'above' if is_least else 'below'} the diagonal: worse out of sample")
    return Picture(scene, partial(_frame, points))


def _is_known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _correlation(inside: FloatColumn, outside: FloatColumn) -> str:
    if not (inside.std() and outside.std()):
        return "not defined"
    return brief(round(float(np.corrcoef(inside, outside)[0, 1]), 2))


def _draw_key(scene: Scene, worse: str) -> None:
    for place, (colour, text) in enumerate(((BLUE, "as good or better"), (ORANGE, worse))):
        y = _AREA.top + 10 + 20 * place
        scene.add(Dot(650, y, 4.5, colour), Words(662, y, text, 10))
    y = _AREA.top + 50
    scene.add(Trace(np.array([(643, y), (657, y)]), FAINT, 1.2, is_dashed=True), Words(662, y, "the same in both", 10))


def _frame(points: Sequence[SamplePoint]) -> pandas.DataFrame:
    import pandas

    return pandas.DataFrame(points, columns=list(SamplePoint._fields)).set_index("name")
