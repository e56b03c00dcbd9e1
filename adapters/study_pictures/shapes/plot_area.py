"""An area with axes: from what is shown to places in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.market.series import FloatColumn

from .axis_ticks import brief, log_ticks, ticks, time_ticks
from .scene import FAINT, GRID, Points, Scene, Trace, Words, fitting

#: How much of its length an axis goes beyond what it shows.
_MARGIN = 0.04


@dataclass(frozen=True)
class Scale:
    """Values along an axis from `low` to `high`: evenly, by their logarithm, or as times (epoch ms); or from nothing
    about evenly to `even_to` and then by their logarithm.
    """

    low: float
    high: float
    is_log: bool = False
    is_time: bool = False
    even_to: float = 0.0

    @classmethod
    def of(cls, *columns: FloatColumn, is_log: bool = False, is_time: bool = False) -> Scale:
        """Return the scale that shows all finite values of some columns."""
        known = np.concatenate([np.asarray(each, np.float64).ravel() for each in columns])
        known = known[np.isfinite(known)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
        if low == high:
            low, high = (low - 0.5 * abs(low), high + 0.5 * abs(high)) if low else (-0.5, 0.5)
        if is_time:
            return cls(low, high, is_time=True)
        if is_log:
            wider = (high / low) ** _MARGIN
            return cls(low / wider, high * wider, is_log=True)
        margin = _MARGIN * (high - low)
        return cls(low - margin, high + margin)

    def shares(self, values: FloatColumn) -> FloatColumn:
        """Return from 0 to 1 where values lie."""
        if self.is_log:
            shares: FloatColumn = np.log(values / self.low) / np.log(self.high / self.low)
            return shares
        if self.even_to:
            curved: FloatColumn = np.arcsinh(values / self.even_to) / np.arcsinh(self.high / self.even_to)
            return curved
        return (values - self.low) / (self.high - self.low)

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Round values, and how they are written."""
        if self.is_time:
            return [(float(at), text) for at, text in time_ticks(round(self.low), round(self.high))]
        if self.even_to:
            found = [0.0, *log_ticks(self.even_to, self.high)]
        else:
            found = log_ticks(self.low, self.high) if self.is_log else ticks(self.low, self.high)
        return [(value, brief(value)) for value in found]


class Area(NamedTuple):
    """A part of a scene, in pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Plot:
    """An area of a scene with a scale on either side; `x` rises to the right, `y` upwards."""

    scene: Scene
    area: Area
    x: Scale
    y: Scale

    def places(self, x: FloatColumn, y: FloatColumn) -> Points:
        """Return the places of points in pixels."""
        left, top, right, bottom = self.area
        across = left + self.x.shares(np.asarray(x, np.float64)) * (right - left)
        up = bottom - self.y.shares(np.asarray(y, np.float64)) * (bottom - top)
        return np.column_stack((across, up))

    def draw_axes(self, x_label: str, y_label: str) -> None:
        """Draw the grid, its values and the names of the axes; without a name of x its values are left out, too."""
        left, top, right, bottom = self.area
        for value, text in self.y.marks:
            ((_, y),) = self.places(np.array([self.x.low]), np.array([value])).tolist()
            self.scene.add(_line(left, y, right, y), Words(left - 7, y, text, 10, "end"))
        for value, text in self.x.marks:
            ((x, _),) = self.places(np.array([value]), np.array([self.y.low])).tolist()
            self.scene.add(_line(x, top, x, bottom))
            if x_label:
                self.scene.add(Words(x, bottom + 13, text, 10, "middle"))
        outline = np.array([(left, top), (left, bottom), (right, bottom)])
        self.scene.add(Trace(outline, FAINT))
        self.scene.add(Words((left + right) / 2, bottom + 31, fitting(x_label, right - left, 11), 11, "middle"))
        y_name = fitting(y_label, bottom - top, 11)
        self.scene.add(Words(14, (top + bottom) / 2, y_name, 11, "middle", -90))


def _line(x: float, y: float, to_x: float, to_y: float) -> Trace:
    return Trace(np.array([(x, y), (to_x, to_y)]), GRID)
