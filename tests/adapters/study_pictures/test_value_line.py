"""The metric along one parameter."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures import draw_value_line
from adapters.study_pictures.shapes import BEST, Dot, Trace, Words
from tests.support.trial_tables import table_of


def test_every_trial_is_a_dot_and_the_line_goes_through_the_best():
    table = table_of({"a": [3, 1, 2, 2], "b": [0, 0, 0, 1]}, [1.0, 2.0, 9.0, 5.0], errors={0: "boom"})
    picture = draw_value_line(table, "a")
    assert picture.frame["sharpe_ratio"].tolist()[:2] == [2.0, 9.0]
    assert np.isnan(picture.frame.loc[3, "sharpe_ratio"])
    dots = [each for each in picture.scene.shapes if isinstance(each, Dot)]
    tips = [each.tip for each in dots if each.tip]
    assert tips[1] == "trial 102\na 2, b 0\nSharpe ratio 9"
    assert len(tips) == 3
    (ring,) = [each for each in dots if each.edge == BEST]
    assert (ring.x, ring.y) == next((each.x, each.y) for each in dots if each.tip and "Sharpe ratio 9" in each.tip)
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert texts.count("x") == 1
    assert any("x is a failed trial, of which there are 1" in each for each in texts)


def test_of_a_metric_of_which_less_is_better_the_line_goes_through_the_least():
    picture = draw_value_line(table_of({"a": [1, 1, 2]}, [5.0, 3.0, 4.0], is_least=True), "a")
    assert picture.frame["sharpe_ratio"].tolist() == [3.0, 4.0]


def test_texts_stand_side_by_side_as_they_came():
    picture = draw_value_line(table_of({"side": ["short", "long", "both"]}, [1.0, 2.0, 3.0]), "side")
    assert [*picture.frame.index] == ["short", "long", "both"]
    places = {each.text: each.x for each in picture.scene.shapes if isinstance(each, Words)}
    assert places["short"] < places["long"] < places["both"]
    (line,) = [each for each in picture.scene.shapes if isinstance(each, Trace) and each.width == 1.6]
    assert line.points[:, 0].tolist() == pytest.approx([places[name] for name in ("short", "long", "both")])
