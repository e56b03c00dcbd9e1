"""What a picture is made of: shapes at places in pixels, from the upper left corner.

A picture is drawn once, as shapes; `scene_svg.py` writes them for pages and notebooks, `scene_figure.py` for files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...output import INK

#: Lines of a grid, which stand over areas, too, and what is of little weight.
GRID, FAINT = "#88888838", "#6f747d"
#: The marks of the best, and the colours of lines: told apart by people of every sight (Okabe and Ito).
BEST = "#d81b60"
BLUE, ORANGE = "#0072b2", "#d55e00"
#: How wide a letter is on average, of its size.
_LETTER = 0.58

Points = npt.NDArray[np.float64]


class Box(NamedTuple):
    """A rectangle; `tip` is what is said where one points at it."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None
    edge: str | None = None
    edge_width: float = 1.0
    tip: str | None = None


class Trace(NamedTuple):
    """A line through points, or with `fill` the area within them."""

    points: Points
    colour: str | None
    width: float = 1.0
    opacity: float = 1.0
    is_dashed: bool = False
    fill: str | None = None
    tip: str | None = None


class Words(NamedTuple):
    """A line of text: `anchor` (start, middle, end) of it stands at x, its middle at y, turned by some degrees."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: str = "start"
    turn: float = 0.0
    is_bold: bool = False
    colour: str = INK


class Dot(NamedTuple):
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str | None
    edge: str | None = None
    edge_width: float = 1.0
    tip: str | None = None


Shape = Box | Trace | Words | Dot


@dataclass(slots=True)
class Scene:
    """Shapes on a ground of that many pixels, the later over the earlier ones; `name` says what is to be seen."""

    name: str
    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Draw shapes over those that are there."""
        self.shapes += shapes

    def write_titles(self, title: str, lines: Iterable[str]) -> None:
        """Write a title and lines below it at the upper edge."""
        self.add(Words(12, 18, fitting(title, self.width - 24, 15), 15, is_bold=True))
        for place, line in enumerate(lines):
            self.add(Words(12, 40 + 16 * place, fitting(line, self.width - 24, 11)))


def stacked(name: str, scenes: Iterable[Scene]) -> Scene:
    """Return one scene of several, each below the one before."""
    whole = Scene(name, 0.0, 0.0)
    for scene in scenes:
        whole.add(*(_lowered(shape, whole.height) for shape in scene.shapes))
        whole.width, whole.height = max(whole.width, scene.width), whole.height + scene.height
    return whole


def _lowered(shape: Shape, by: float) -> Shape:
    if isinstance(shape, Trace):
        return shape._replace(points=shape.points + np.array([0.0, by]))
    return shape._replace(y=shape.y + by)


def text_width(text: str, size: float) -> float:
    """Return about how many pixels a text is wide."""
    return len(text) * size * _LETTER


def fitting(text: str, room: float, size: float) -> str:
    """Return a text, cut where it is wider than the room for it."""
    most = max(int(room / (size * _LETTER)), 4)
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."
