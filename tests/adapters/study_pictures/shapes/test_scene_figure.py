"""Scenes as files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from adapters.study_pictures.shapes import Box, Dot, Picture, Scene, Trace, Words
from engine import DataError
from tests.conftest import ROOT

matplotlib_image = pytest.importorskip("matplotlib.image")


def picture():
    scene = Scene("test", 132, 66)
    scene.add(Box(0, 0, 66, 66, "#ff0000"), Dot(99, 33, 20, "#00ff00"), Box(20, 20, 26, 26, "#0000ff"))
    scene.add(
        Trace(np.array([(66.0, 5.0), (132.0, 5.0)]), "#000000", 4.0, is_dashed=True), Words(70, 60, "$x_1$ \\frac")
    )
    scene.add(Trace(np.array([(68.0, 9.0), (84.0, 9.0), (84.0, 25.0)]), "#123456", fill="#ffff00"))
    return Picture(scene, dict)


def test_a_png_has_every_shape_in_its_place_the_later_over_the_earlier(tmp_path: Path):
    picture().save(tmp_path / "made.png")
    pixels = matplotlib_image.imread(tmp_path / "made.png")
    assert pixels.shape[:2] == (100, 200)

    def at(x, y):
        return tuple(pixels[round(y / 66 * 100), round(x / 66 * 100), :3].round(2).tolist())

    assert at(10, 10) == (1, 0, 0)
    assert at(33, 33) == (0, 0, 1)
    assert at(99, 33) == (0, 1, 0)
    assert at(125, 33) == (1, 1, 1)
    assert at(81, 13) == (1, 1, 0)


def test_the_same_picture_is_the_same_bytes(tmp_path: Path):
    for ending in ("png", "svg", "pdf"):
        first, second = (tmp_path / f"{name}.{ending}" for name in "ab")
        picture().save(first)
        picture().save(second)
        assert first.read_bytes() == second.read_bytes()
        assert len(first.read_bytes()) > 500


def test_a_name_without_a_known_ending_and_a_folder_that_is_not_there_are_refused(tmp_path: Path):
    with pytest.raises(DataError, match=r"must end in \.png, \.svg, \.pdf"):
        picture().save(tmp_path / "made.gif")
    for name in ("no/made.png", "no/made.svg"):
        with pytest.raises(DataError, match="cannot be written"):
            picture().save(tmp_path / name)
    assert [*tmp_path.iterdir()] == []


BLOCKED = """
import sys
sys.modules["matplotlib"] = None
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "matplotlib" else find(name, *more)
from tests.support.trial_tables import grid_table
from adapters.study_pictures import draw_heat_map
from engine import DataError
picture = draw_heat_map(grid_table({"a": [1, 2], "b": [1, 2]}, lambda a, b: a), "a", "b")
picture.save("made.svg")
try:
    picture.save("made.png")
except DataError as error:
    print(error)
"""


def test_without_matplotlib_there_is_svg_and_a_sentence(tmp_path: Path):
    command = [sys.executable, "-c", BLOCKED]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "pictures need matplotlib: pip install 'perpsim[plot]'\n"
    assert [each.name for each in tmp_path.iterdir()] == ["made.svg"]
