"""In sample against out of sample."""

from __future__ import annotations

import math

import pytest

from adapters.study_pictures import SamplePoint, draw_sample_scatter
from adapters.study_pictures.shapes import BLUE, ORANGE, Dot, Trace, Words
from engine import DataError

POINTS = [
    SamplePoint("1", 2.0, 1.0),
    SamplePoint("2", 1.0, 1.5),
    SamplePoint("3", 2.0, None),
    SamplePoint("4", 1.0, 1.0),
]


def dots(picture):
    return {each.tip.splitlines()[0]: each for each in picture.scene.shapes if isinstance(each, Dot) and each.tip}


def test_what_is_worse_out_of_sample_lies_below_the_diagonal_in_another_colour():
    picture = draw_sample_scatter("Walk", "Sharpe ratio", POINTS)
    found = dots(picture)
    assert {name: each.fill for name, each in found.items()} == {"1": ORANGE, "2": BLUE, "4": BLUE}
    (diagonal,) = [
        each for each in picture.scene.shapes if isinstance(each, Trace) and each.is_dashed and each.points[0][0] < 600
    ]
    (x0, y0), (x1, y1) = diagonal.points.tolist()

    def height(x):
        return y0 + (x - x0) * (y1 - y0) / (x1 - x0)

    assert found["1"].y > height(found["1"].x) + 10
    assert found["2"].y < height(found["2"].x) - 10
    assert found["4"].y == pytest.approx(height(found["4"].x), abs=0.1)
    said = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert "1 of 3 are not as good out of sample as in sample; correlation -0.5; 1 without a value" in said
    assert {"1", "2", "4"} <= {*said}
    assert picture.frame.loc["3", "in_sample"] == 2.0


def test_of_a_metric_of_which_less_is_better_the_other_side_is_worse():
    found = dots(draw_sample_scatter("Walk", "Drawdown", POINTS, is_least=True))
    assert {name: each.fill for name, each in found.items()} == {"1": BLUE, "2": ORANGE, "4": BLUE}


def test_many_points_have_no_names_beside_them_but_say_them():
    points = [SamplePoint(f"trial {each}", float(each), 1.0) for each in range(500)]
    picture = draw_sample_scatter("Walk", "Sharpe ratio", points)
    assert not [each for each in picture.scene.shapes if isinstance(each, Words) and each.text.startswith("trial")]
    assert len(dots(picture)) == 500


def test_where_nothing_is_defined_that_is_said():
    with pytest.raises(DataError, match="Sharpe ratio is defined in sample and out of sample for no window"):
        draw_sample_scatter("Walk", "Sharpe ratio", [SamplePoint("1", None, 1.0), SamplePoint("2", 1.0, math.nan)])
