"""A scene as SVG text, on white as on paper, whatever the page around it; its tips are titles."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .scene import Box, Dot, Scene, Shape, Trace, Words

#: What lies over a shape with a tip but says nothing itself is not what one points at.
_UNFELT = "pointer-events='none'"


def svg_text(scene: Scene) -> str:
    """Return a scene as one element."""
    width, height = _short(scene.width), _short(scene.height)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' height='{height}' "
        f"style='max-width:100%;height:auto' font-family='DejaVu Sans, system-ui, sans-serif' role='img' "
        f"aria-label='{escape(scene.name)}'><rect width='{width}' height='{height}' fill='#fff'/>"
        f"{''.join(_elements(scene.shapes))}</svg>"
    )


def _elements(shapes: list[Shape]) -> Iterator[str]:
    for shape in shapes:
        match shape:
            case Box():
                yield _box(shape)
            case Trace():
                yield _trace(shape)
            case Words():
                yield _words(shape)
            case Dot():
                yield _dot(shape)


def _box(box: Box) -> str:
    place = f"x='{_short(box.x)}' y='{_short(box.y)}' width='{_short(box.width)}' height='{_short(box.height)}'"
    return _element("rect", f"{place}{_paint(box.fill, box.edge, box.edge_width)}", box.tip)


def _dot(dot: Dot) -> str:
    place = f"cx='{_short(dot.x)}' cy='{_short(dot.y)}' r='{_short(dot.radius)}'"
    return _element("circle", f"{place}{_paint(dot.fill, dot.edge, dot.edge_width)}", dot.tip)


def _trace(trace: Trace) -> str:
    points = " ".join(f"{_short(x)},{_short(y)}" for x, y in trace.points.tolist())
    paint = _paint(trace.fill, trace.colour, trace.width)
    opacity = f" opacity='{trace.opacity:g}'" if trace.opacity < 1.0 else ""
    dashes = " stroke-dasharray='5 4'" if trace.is_dashed else ""
    name = "polygon" if trace.fill else "polyline"
    felt = "" if trace.tip else f" {_UNFELT}"
    return _element(name, f"points='{points}' stroke-linejoin='round'{paint}{opacity}{dashes}{felt}", trace.tip)


def _words(words: Words) -> str:
    x, y = _short(words.x), _short(words.y)
    turn = f" transform='rotate({words.turn:g} {x} {y})'" if words.turn else ""
    weight = " font-weight='bold'" if words.is_bold else ""
    return (
        f"<text x='{x}' y='{y}' font-size='{words.size:g}' text-anchor='{words.anchor}' dominant-baseline='central' "
        f"{_UNFELT} fill='{words.colour}'{weight}{turn}>{escape(words.text)}</text>"
    )


def _paint(fill: str | None, edge: str | None, width: float) -> str:
    stroke = f" stroke='{edge}' stroke-width='{width:g}'" if edge else ""
    return f" fill='{fill or 'none'}'{stroke}"


def _element(name: str, attributes: str, tip: str | None) -> str:
    return f"<{name} {attributes}><title>{escape(tip)}</title></{name}>" if tip else f"<{name} {attributes}/>"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
