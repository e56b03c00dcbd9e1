"""A scene as a file: PNG and PDF by matplotlib, SVG by ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...output import atomic_file, new_figure, save_figure
from .scene import Box, Dot, Scene, Shape, Trace, Words
from .scene_svg import svg_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A pixel of a scene is so much of an inch; a point is 1/72.
_PIXELS_PER_INCH = 66.0
_POINTS = 72.0 / _PIXELS_PER_INCH
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def save_scene(scene: Scene, path: str | Path) -> None:
    """Write a scene into a file, the same one to the same bytes; `DataError` for an unknown ending of the name, for
    .png and .pdf without matplotlib, and when the file cannot be written.
    """
    if Path(path).suffix.lower() == ".svg":
        with atomic_file(path) as file:
            file.write(svg_text(scene).encode())
        return
    figure = new_figure(path)
    figure.set_layout_engine("none")  # all places are known
    figure.set_size_inches(scene.width / _PIXELS_PER_INCH, scene.height / _PIXELS_PER_INCH)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, scene.width), ylim=(scene.height, 0.0))
    axes.set_axis_off()
    for height, (kind, shapes) in enumerate(groupby(scene.shapes, type)):
        _DRAWN[kind](axes, [*shapes], height)
    save_figure(figure, path)


def _boxes(axes: Axes, boxes: Sequence[Box], height: int) -> None:
    from matplotlib.collections import PolyCollection

    corners = [_corners(box) for box in boxes]
    axes.add_collection(PolyCollection(corners, antialiaseds=False, zorder=height, **_paint(boxes)), autolim=False)


def _corners(box: Box) -> list[tuple[float, float]]:
    right, below = box.x + box.width, box.y + box.height
    return [(box.x, box.y), (right, box.y), (right, below), (box.x, below)]


def _traces(axes: Axes, traces: Sequence[Trace], height: int) -> None:
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.colors import to_rgba

    for is_filled, alike in groupby(traces, lambda trace: trace.fill is not None):
        drawn = [*alike]
        points = [trace.points for trace in drawn]
        if is_filled:
            axes.add_collection(PolyCollection(points, zorder=height, **_paint(drawn)), autolim=False)
        else:
            colours = [to_rgba(trace.colour or "none", None) for trace in drawn]
            faded = [(*rgb, alpha * trace.opacity) for (*rgb, alpha), trace in zip(colours, drawn, strict=True)]
            widths = [trace.width * _POINTS for trace in drawn]
            dashes: list[Any] = [(0, (4, 3)) if trace.is_dashed else "solid" for trace in drawn]
            lines = LineCollection(points, colors=faded, linewidths=widths, linestyles=dashes, zorder=height)
            lines.set_joinstyle("round")
            axes.add_collection(lines, autolim=False)


def _dots(axes: Axes, dots: Sequence[Dot], height: int) -> None:
    from matplotlib.collections import EllipseCollection

    sizes = [2.0 * dot.radius for dot in dots]
    places = [(dot.x, dot.y) for dot in dots]
    axes.add_collection(
        EllipseCollection(
            sizes, sizes, [0.0] * len(dots), units="x", offsets=places, offset_transform=axes.transData,
            zorder=height, **_paint(dots),
        ),
        autolim=False,
    )  # fmt: skip


def _texts(axes: Axes, texts: Sequence[Words], height: int) -> None:
    for words in texts:
        axes.text(
            words.x, words.y, words.text, fontsize=words.size * _POINTS, color=words.colour, zorder=height,
            ha=_ANCHORS[words.anchor], va="center", rotation=-words.turn, rotation_mode="anchor", parse_math=False,
            fontweight="bold" if words.is_bold else "normal",
        )  # fmt: skip


def _paint(shapes: Sequence[Box | Trace | Dot]) -> dict[str, Any]:
    """Return the colours of filled shapes as collections of matplotlib want them."""
    edges = [shape.colour if isinstance(shape, Trace) else shape.edge for shape in shapes]
    widths = [shape.width if isinstance(shape, Trace) else shape.edge_width for shape in shapes]
    return {
        "facecolors": [shape.fill or "none" for shape in shapes],
        "edgecolors": [edge or "none" for edge in edges],
        "linewidths": [width * _POINTS if edge else 0.0 for width, edge in zip(widths, edges, strict=True)],
    }


_DRAWN: dict[type[Shape], Any] = {Box: _boxes, Trace: _traces, Dot: _dots, Words: _texts}
