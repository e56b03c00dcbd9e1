"""How values that chance has made spread, with their quantiles and the real one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine import DataError
from engine.market.series import FloatColumn
from engine.plain_values import counted

from .shapes import BEST, BLUE, FAINT, Area, Box, Picture, Plot, Scale, Scene, Trace, Words, brief, text_width

if TYPE_CHECKING:
    import pandas

_LEFT, _RIGHT, _TOP, _PANEL, _ROOM = 84.0, 870.0, 66.0, 170.0, 84.0
_FEWEST_BARS, _MOST_BARS = 10, 60
_BAR = "#0072b266"


@dataclass(frozen=True, eq=False)
class ValueSpread:
    """The `values` of a figure that is called `label`, their `quantiles` by their percent ("5"), and the `real` value
    among them; None where it is not defined.
    """

    label: str
    values: FloatColumn
    quantiles: Mapping[str, float | None]
    real: float | None


def draw_histograms(title: str, spreads: Sequence[ValueSpread], line: str = "") -> Picture:
    """Return a histogram of each spread, one below the other, with dashed quantiles, the median thicker, and the real
    value. Its `frame` has the quantiles, a row for each spread. Raises `DataError` without a spread.
    """
    if not spreads:
        raise DataError("there is no spread to draw")
    name = "How often each value came; dashed: the 5, 25, 50, 75 and 95 % quantiles"
    scene = Scene(name, 900, _TOP + len(spreads) * (_PANEL + _ROOM))
    scene.write_titles(title, [line or name])
    for place, spread in enumerate(spreads):
        top = _TOP + 34 + place * (_PANEL + _ROOM)
        _draw_histogram(scene, Area(_LEFT, top, _RIGHT, top + _PANEL), spread)
    return Picture(scene, partial(_frame, spreads))


def _draw_histogram(scene: Scene, area: Area, spread: ValueSpread) -> None:
    known = spread.values[np.isfinite(spread.values)]
    marked = [value for value in (*spread.quantiles.values(), spread.real) if value is not None]
    x = Scale.of(known, np.array(marked, np.float64))
    bars = min(max(round(2.0 * math.sqrt(len(known))), _FEWEST_BARS), _MOST_BARS)
    counts, edges = np.histogram(known, bars, (x.low, x.high))
    plot = Plot(scene, area, x, Scale(0.0, 1.06 * max(int(counts.max(initial=0)), 1)))
    plot.draw_axes(spread.label, "how often")
    places = plot.places(edges, np.append(counts, 0).astype(np.float64)).tolist()
    for (left, y), (right, _), count, low, high in zip(
        places, places[1:], counts.tolist(), edges, edges[1:], strict=False
    ):
        tip = f"{brief(float(low))} to {brief(float(high))}\n{counted(count, 'time')}"
        if count:
            scene.add(Box(left, y, right - left, area.bottom - y, _BAR, tip=tip))
    _draw_quantiles(plot, spread.quantiles)
    if spread.real is not None:
        at = _draw_upright(plot, spread.real, BEST, 2.0)
        text = f"real {brief(spread.real)}"
        half = 0.5 * text_width(text, 10)
        at = min(max(at, area.left + half), area.right - half)
        scene.add(Words(at, area.top - 32, text, 10, "middle", 0, True, BEST))


def _draw_quantiles(plot: Plot, quantiles: Mapping[str, float | None]) -> None:
    """Draw dashed lines at quantiles, each with its name above it, in one of two rows so that none touches another."""
    named: dict[float, list[str]] = defaultdict(list)
    for percent, quantile in quantiles.items():
        if quantile is not None:
            named[quantile].append(percent)
    ends = [-math.inf, -math.inf]
    for value, percents in named.items():
        is_median = "50" in percents
        at = _draw_upright(plot, value, BLUE, 1.8 if is_median else 1.0, is_dashed=True)
        text = f"{percents[0]} %" if len(percents) == 1 else f"{percents[0]} to {percents[-1]} %"
        half = 0.5 * text_width(text, 9)
        row = next((row for row, end in enumerate(ends) if at - half > end + 4), None)
        if row is not None:
            ends[row] = at + half
            plot.scene.add(Words(at, plot.area.top - 8 - 12 * row, text, 9, "middle", 0, is_median, FAINT))


def _draw_upright(plot: Plot, value: float, colour: str, width: float, is_dashed: bool = False) -> float:
    """Draw a line upwards at a value; return where it stands."""
    ends = plot.places(np.full(2, value), np.array([plot.y.low, plot.y.high]))
    plot.scene.add(Trace(ends, colour, width, is_dashed=is_dashed))
    return float(ends[0, 0])


def _frame(spreads: Sequence[ValueSpread]) -> pandas.DataFrame:
    import pandas

    rows = [
        {"real": each.real, **{f"{percent} %": value for percent, value in each.quantiles.items()}} for each in spreads
    ]
    return pandas.DataFrame(rows, index=[each.label for each in spreads], dtype=float)
