"""Scenes are put together of others."""

from __future__ import annotations

import numpy as np

from adapters.study_pictures.shapes import Box, Scene, Trace, Words, fitting, stacked


def test_each_scene_stands_below_the_one_before():
    above, below = Scene("a", 100, 40, [Box(1, 2, 3, 4, "#fff")]), Scene("b", 200, 50)
    below.add(Words(5, 6, "text"), Trace(np.array([(0.0, 1.0), (2.0, 3.0)]), "#000"))
    whole = stacked("both", [above, below])
    assert (whole.width, whole.height) == (200, 90)
    box, words, trace = whole.shapes
    assert (box.y, words.y, trace.points.tolist()) == (2, 46, [[0, 41], [2, 43]])
    assert below.shapes[0].y == 6


def test_texts_are_cut_to_their_room():
    assert fitting("short", 100, 10) == "short"
    cut = fitting("a very long text", 60, 10)
    assert cut.endswith("...")
    assert len(cut) <= 10
