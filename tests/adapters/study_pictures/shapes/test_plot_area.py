"""From values to places."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures.shapes import Area, Plot, Scale, Scene, Words


def test_x_rises_to_the_right_and_y_upwards():
    plot = Plot(Scene("", 200, 100), Area(10, 20, 110, 70), Scale(0.0, 10.0), Scale(1.0, 100.0, True))
    found = plot.places(np.array([0.0, 5.0, 10.0]), np.array([1.0, 10.0, 100.0]))
    assert found.ravel().tolist() == pytest.approx([10, 70, 60, 45, 110, 20])


def test_a_scale_shows_all_values_and_leaves_out_what_is_none():
    scale = Scale.of(np.array([1.0, np.nan, 3.0]), np.array([[np.inf, 2.0]]))
    assert (scale.low, scale.high) == pytest.approx((0.92, 3.08))
    for values in (np.array([5.0]), np.array([0.0]), np.array([-2.0, -2.0]), np.array([np.nan])):
        scale = Scale.of(values)
        assert scale.low < scale.high
    wide = Scale.of(np.array([1.0, 1000.0]), is_log=True)
    assert 0.5 < wide.low < 1.0 < 1000.0 < wide.high < 2000.0


def test_axes_write_round_values_and_their_names():
    scene = Scene("", 600, 400)
    Plot(scene, Area(60, 20, 560, 340), Scale(0.0, 10.0), Scale(-1.0, 1.0)).draw_axes("threshold", "Sharpe ratio")
    texts = [each for each in scene.shapes if isinstance(each, Words)]
    assert {"0", "2", "10", "-1", "0.5", "threshold", "Sharpe ratio"} <= {each.text for each in texts}
    assert next(each for each in texts if each.text == "Sharpe ratio").turn == -90
