"""The heat map: cells, marks and labels, at ordinary and extreme sizes."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from adapters.study_pictures import draw_heat_map
from adapters.study_pictures.shapes import BEST, Box, Words, text_width
from tests.support.trial_tables import grid_table, table_of


def boxes(picture):
    return [each for each in picture.scene.shapes if isinstance(each, Box) and each.tip]


def words(picture):
    return [each for each in picture.scene.shapes if isinstance(each, Words)]


def overlap(one, other):
    """Whether two upright texts of one line touch."""
    wide, other_wide = text_width(one.text, one.size), text_width(other.text, other.size)
    return abs(one.x - other.x) < (wide + other_wide) / 2 and abs(one.y - other.y) < 10


def test_numbers_rise_to_the_right_and_upwards_and_texts_are_read_downwards():
    picture = draw_heat_map(grid_table({"x": [2, 1], "y": [10, 30, 20]}, lambda x, y: x * y), "x", "y")
    place = {tuple(each.tip.splitlines()[:2]): (each.x, each.y) for each in boxes(picture)}
    assert place["x 1", "y 10"][0] < place["x 2", "y 10"][0]
    assert place["x 1", "y 30"][1] < place["x 1", "y 20"][1] < place["x 1", "y 10"][1]
    picture = draw_heat_map(grid_table({"x": [1], "y": ["long", "short"]}, lambda x, y: len(y)), "x", "y")
    place = {each.tip.splitlines()[1]: each.y for each in boxes(picture)}
    assert place["y long"] < place["y short"]


def test_a_cell_says_its_values_its_metric_and_its_trial():
    table = table_of(
        {"a": [1, 2, 3, 3, 4], "b": ["x"] * 5},
        [1.5, math.nan, 9.0, 2.0, 1.0],
        {"a": [1, 2, 3, 4, 5]},
        {2: "boom", 4: "z"},
    )
    tips = [each.tip.splitlines() for each in boxes(draw_heat_map(table, "a", "b"))]
    assert tips == [
        ["a 1", "b x", "Sharpe ratio 1.5 (trial 100)"],
        ["a 2", "b x", "no Sharpe ratio: not defined, or the trial does not count"],
        ["a 3", "b x", "Sharpe ratio 2 (trial 103)", "2 trials, the best is shown", "1 of them failed"],
        ["a 4", "b x", "failed"],
        ["a 5", "b x", "no trial"],
    ]
    fills = [each.fill for each in boxes(draw_heat_map(table, "a", "b"))]
    assert len(set(fills)) == 5
    assert fills[-1] is None
    said = [each.text for each in words(draw_heat_map(table, "a", "b"))]
    assert {"best cell", "failed", "without the metric", "no trial", "x", "-"} <= {*said}


@pytest.mark.parametrize("is_least", [False, True])
def test_the_best_cell_is_ringed_and_named(is_least):
    axes = {"threshold": [20, 30, 40], "stop": [0.01, 0.02]}
    picture = draw_heat_map(grid_table(axes, lambda a, b: a * b, is_least=is_least), "threshold", "stop")
    (ring,) = [each for each in picture.scene.shapes if isinstance(each, Box) and each.edge == BEST and each.width > 20]
    wanted = ["threshold 20", "stop 0.01"] if is_least else ["threshold 40", "stop 0.02"]
    (cell,) = [each for each in boxes(picture) if each.tip.splitlines()[:2] == wanted]
    assert (ring.x, ring.y) == (pytest.approx(cell.x, abs=2), pytest.approx(cell.y, abs=2))
    number = 100 if is_least else 105
    assert any(f"at {', '.join(wanted)} (trial {number})" in each.text for each in words(picture))
    darkest = min(boxes(picture), key=lambda each: sum(int(each.fill[at : at + 2], 16) for at in (1, 3, 5)))
    assert darkest == cell


@pytest.mark.parametrize("of", ["best", "mean", "worst"])
def test_what_is_shown_of_several_trials_is_said(of):
    table = grid_table({"a": [1, 2], "b": [1, 2], "c": [1, 2, 3]}, lambda a, b, c: a + b + c)
    said = [each.text for each in words(draw_heat_map(table, "a", "b", of))]
    assert any(text.endswith(f"of several trials in a cell the {of}") for text in said)
    values = {"best": 7.0, "mean": 6.0, "worst": 5.0}
    assert draw_heat_map(table, "a", "b", of).frame.loc[2, 2] == values[of]


@pytest.mark.parametrize("size", [2, 12, 50, 100])
def test_labels_do_not_touch_whatever_the_size(size):
    axis = [round(0.001 * each, 3) for each in range(size)]
    wide = [each * 1_000.25 for each in range(size)]
    picture = draw_heat_map(grid_table({"x": wide, "y": axis}, lambda x, y: x - y), "x", "y")
    labels = [each for each in words(picture) if each.text in {*map(str, axis), *(f"{each:.6g}" for each in wide)}]
    upright = sorted((each for each in labels if not each.turn and each.anchor == "middle"), key=lambda each: each.x)
    beside = sorted((each for each in labels if each.anchor == "end" and not each.turn), key=lambda each: each.y)
    turned = sorted((each for each in labels if each.turn), key=lambda each: each.x)
    assert len(beside) >= min(size, 20)
    assert len(upright) + len(turned) >= min(size, 10)
    assert not any(overlap(one, other) for one, other in pairwise(upright))
    assert all(other.y - one.y >= 10 for one, other in pairwise(beside))
    assert all(other.x - one.x >= 10 for one, other in pairwise(turned))
    assert all(0 <= each.x <= picture.scene.width and 0 <= each.y <= picture.scene.height for each in words(picture))


def test_long_texts_are_turned_and_cut():
    names = [f"a very long name of a program, {each}" for each in range(12)]
    picture = draw_heat_map(grid_table({"x": names, "y": names}, lambda x, y: len(x)), "x", "y")
    turned = [each for each in words(picture) if each.text.startswith("a very") and each.turn]
    assert len(turned) == 12
    assert all(each.text.endswith("...") for each in turned)


def test_letters_can_be_read_on_every_colour():
    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for low in (-20, 0):
        picture = draw_heat_map(grid_table({"x": [*range(low, low + 41)][::4], "y": [0]}, lambda x, y: x), "x", "y")
        fills = {(round(each.x + each.width / 2)): each.fill for each in boxes(picture)}
        inside = [each for each in words(picture) if each.colour in ("#1b2130", "#ffffff")]
        assert len(inside) == 11
        for each in inside:
            ground = min(fills, key=lambda x, at=each.x: abs(x - at))
            light, dark = sorted((luminance(each.colour), luminance(fills[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) > 3.5


def test_a_study_of_failures_alone_is_drawn_and_says_so():
    table = table_of({"a": [1, 2], "b": [1, 1]}, [0.0, 0.0], errors={0: "boom", 1: "boom"})
    picture = draw_heat_map(table, "a", "b")
    assert any(each.text == "the metric is defined for no trial" for each in words(picture))
    assert np.isnan(picture.frame.to_numpy()).all()


def test_a_single_value_and_an_outlier_keep_their_colours_apart():
    same = draw_heat_map(grid_table({"a": [1, 2], "b": [1]}, lambda a, b: 3.0), "a", "b")
    assert len({each.fill for each in boxes(same)}) == 1
    wild = draw_heat_map(grid_table({"a": [*range(100)], "b": [1]}, lambda a, b: 1e9 if a == 50 else a), "a", "b")
    assert len({each.fill for each in boxes(wild)}) > 90
