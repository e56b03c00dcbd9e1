"""A picture of a study as users hold it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .scene import Scene
from .scene_figure import save_scene
from .scene_svg import svg_text

if TYPE_CHECKING:
    import pandas


class Picture:
    """A picture: the last expression of a notebook's cell shows it, `save` writes it as a file, and `frame` has the
    numbers that it shows.
    """

    def __init__(self, scene: Scene, made: Callable[[], pandas.DataFrame]) -> None:
        self.scene = scene
        self._made = made

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """The numbers of the picture as a frame of pandas."""
        return self._made()

    @property
    def svg(self) -> str:
        """The picture as an SVG element."""
        return svg_text(self.scene)

    def save(self, path: str | Path) -> None:
        """Write the picture into a file: .svg, or with matplotlib .png and .pdf. Raises `DataError` for another ending
        of the name, without matplotlib, and when the file cannot be written.
        """
        save_scene(self.scene, path)

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<{self.scene.name}: .save(path) writes it, .frame has its numbers>"
