"""What is left of a profit as costs rise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine import DataError

from .shapes import BEST, BLUE, FAINT, ORANGE, Area, Dot, Picture, Plot, Scale, Scene, Trace, Words, brief, fitting

if TYPE_CHECKING:
    import pandas

_LEFT, _RIGHT, _TOP, _PANEL, _ROOM = 84.0, 870.0, 60.0, 150.0, 82.0
#: How far beyond the break-even, and beyond what a cost is now, a curve is drawn.
_BEYOND = 1.25


@dataclass(frozen=True)
class CostCurve:
    """Net PnL (USD) over values of a cost, `points` with the lowest first; `said` is what there is to say of it.

    `now` is what it is in the configuration, `break_even` the highest that is borne, None where there is none. From
    `even_to` on costs stand by their logarithm where all of them are shown.
    """

    name: str
    unit: str
    points: Sequence[tuple[float, float]]
    now: float
    break_even: float | None
    even_to: float
    said: str

    @property
    def shown(self) -> Sequence[tuple[float, float]]:
        """The points that are drawn: up to somewhat beyond the break-even, without one all."""
        if self.break_even is None:
            return self.points
        most = _BEYOND * max(self.break_even, self.now)
        beyond = min((value for value, _ in self.points if value > self.break_even), default=most)
        return [each for each in self.points if each[0] <= max(most, beyond)]


def draw_cost_curves(title: str, curves: Sequence[CostCurve], line: str = "") -> Picture:
    """Return net PnL over each cost, one below the other, with what the cost is now and its break-even. Raises
    `DataError` without a cost.
    """
    if not curves:
        raise DataError("there is no cost to draw")
    scene = Scene("Net PnL over costs", 900, _TOP + len(curves) * (_PANEL + _ROOM))
    scene.write_titles(title, [line or scene.name])
    for place, curve in enumerate(curves):
        top = _TOP + 26 + place * (_PANEL + _ROOM)
        _draw_curve(scene, Area(_LEFT, top, _RIGHT, top + _PANEL), curve)
    return Picture(scene, partial(_frame, curves))


def _draw_curve(scene: Scene, area: Area, curve: CostCurve) -> None:
    costs, pnl = np.array(curve.shown, np.float64).T
    even_to = curve.even_to if curve.break_even is None else 0.0
    x = Scale(0.0, float(max(costs.max(), curve.now)), even_to=even_to)
    plot = Plot(scene, area, x, Scale.of(pnl, np.zeros(1)))
    plot.draw_axes(f"{curve.name} ({curve.unit})", "net PnL (USD)")
    scene.add(Words(area.left, area.top - 11, fitting(curve.said, area.right - area.left, 11), 11, is_bold=True))
    scene.add(Trace(plot.places(np.array([x.low, x.high]), np.zeros(2)), FAINT, 1.2))
    _draw_upright(plot, curve.now, BEST)
    if curve.break_even is not None:
        _draw_upright(plot, curve.break_even, ORANGE)
    places = plot.places(costs, pnl)
    scene.add(Trace(places, BLUE, 1.6))
    for (across, up), (cost, value) in zip(places.tolist(), curve.shown, strict=True):
        tip = f"{curve.name} {cost:.6g} {curve.unit}\nnet PnL {brief(value)} USD"
        scene.add(Dot(across, up, 3.0, BLUE, tip=tip))


def _draw_upright(plot: Plot, value: float, colour: str) -> None:
    ends = plot.places(np.full(2, value), np.array([plot.y.low, plot.y.high]))
    plot.scene.add(Trace(ends, colour, 1.6, is_dashed=colour == ORANGE))


def _frame(curves: Sequence[CostCurve]) -> pandas.DataFrame:
    import pandas

    rows = [(each.name, value, pnl) for each in curves for value, pnl in each.points]
    return pandas.DataFrame(rows, columns=["cost", "value", "total_pnl"]).set_index(["cost", "value"])
