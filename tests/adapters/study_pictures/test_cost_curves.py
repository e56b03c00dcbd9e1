"""Net PnL over costs."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures import CostCurve, draw_cost_curves
from adapters.study_pictures.shapes import BEST, BLUE, ORANGE, Dot, Trace, Words
from engine import DataError

POINTS = [(0.0, 50.0), (0.1, 40.0), (0.5, 0.5), (0.51, -0.5), (3.0, -250.0), (100.0, -900.0)]


def curve(points=POINTS, now=0.1, break_even=0.5):
    return CostCurve("fee", "%", points, now, break_even, 0.01, "fee: now 0.1 %, break-even 0.5 %")


def uprights(picture, colour):
    lines = [each for each in picture.scene.shapes if isinstance(each, Trace) and each.colour == colour]
    return [each.points[0, 0] for each in lines if np.ptp(each.points[:, 0]) == 0.0]


def test_what_is_far_beyond_the_break_even_is_left_out_and_the_lines_stand_at_their_costs():
    picture = draw_cost_curves("Costs", [curve()])
    dots = [each for each in picture.scene.shapes if isinstance(each, Dot)]
    assert [each.tip for each in dots][-1] == "fee 0.51 %\nnet PnL -0.5 USD"
    assert uprights(picture, BEST) == pytest.approx([dots[1].x])
    assert uprights(picture, ORANGE) == pytest.approx([dots[2].x])
    assert (dots[1].x - dots[0].x) / (dots[2].x - dots[0].x) == pytest.approx(0.2)
    assert picture.frame.loc["fee", "total_pnl"].to_dict() == dict(POINTS)


def test_without_a_break_even_all_costs_stand_by_their_logarithm():
    picture = draw_cost_curves("Costs", [curve(break_even=None, now=0.0)])
    places = [each.x for each in picture.scene.shapes if isinstance(each, Dot)]
    assert len(places) == len(POINTS)
    assert places[-1] - places[-2] == pytest.approx((places[4] - places[1]) * np.log(100 / 3) / np.log(30), rel=0.01)
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert {"0", "0.01", "0.1", "1", "10", "100"} <= {*texts}
    assert not uprights(picture, ORANGE)


def test_a_break_even_of_nothing_has_a_picture():
    picture = draw_cost_curves("Costs", [curve([(0.0, 1.0), (0.00001, -2.0), (1.0, -90.0)], 0.0, 0.0)])
    (line,) = (each for each in picture.scene.shapes if isinstance(each, Trace) and each.colour == BLUE)
    assert len(line.points) == 2
    assert "nan" not in picture.svg.replace("dominant", "")


def test_a_cost_that_is_far_more_now_than_what_is_borne_is_within():
    picture = draw_cost_curves("Costs", [curve(now=3.0)])
    assert uprights(picture, BEST) == [870.0]
    with pytest.raises(DataError, match="no cost to draw"):
        draw_cost_curves("Costs", [])
