"""The bar that says which colour means which value."""

from __future__ import annotations

import numpy as np

from engine.market.series import FloatColumn

from .axis_ticks import brief, ticks
from .colour_scale import Shades
from .scene import FAINT, Box, Scene, Words, fitting

_STEPS = 64


def draw_legend(
    scene: Scene, shades: Shades, label: str, x: float, top: float, bottom: float, edges: FloatColumn | None = None
) -> None:
    """Draw a bar of colours with its values and the name of what they are, beside a picture; the higher, the larger.
    Between two `edges` there is one colour.
    """
    span = shades.high - shades.low
    steps = np.linspace(shades.low, shades.high, _STEPS + 1) if edges is None else edges
    heights = bottom - (steps - shades.low) / (span or 1.0) * (bottom - top) if span else np.array([bottom, top])
    colours = shades.colours((steps[1:] + steps[:-1]) / 2)
    for below, above, colour in zip(heights[:-1].tolist(), heights[1:].tolist(), colours, strict=False):
        scene.add(Box(x, above, 14, below - above + 0.5, colour))
    scene.add(Box(x, top, 14, bottom - top, None, FAINT))
    for value in ticks(shades.low, shades.high, 6):
        y = bottom - (value - shades.low) / span * (bottom - top) if span else (top + bottom) / 2
        scene.add(Words(x + 20, y, brief(value), 10))
    worse = ", less is better" if shades.is_least else ""
    scene.add(Words(x + 72, (top + bottom) / 2, fitting(label + worse, bottom - top, 11), 11, "middle", -90))
