"""A walk forward as a picture."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from adapters.study_pictures import WalkWindow, draw_walk_bands
from adapters.study_pictures.shapes import Box, Trace, Words
from engine import DataError

START, DAY = 1_704_067_200_000, 86_400_000


def window(place, chosen, inside=1.0, outside=0.5):
    test = START + (180 + 30 * place) * DAY
    return WalkWindow(f"{place + 1}", test - 180 * DAY, test, test, test + 30 * DAY, chosen, inside, outside)


def curve(windows):
    times = np.arange(windows[0].test_start_ms, windows[-1].test_end_ms, DAY)
    return times, 10_000.0 + np.arange(len(times))


WINDOWS = [
    window(0, {"threshold": 20, "side": "long"}),
    window(1, {"threshold": 40, "side": "short"}, 2.0, -1.0),
    window(2, None, None, None),
    window(3, {"threshold": 30, "side": "long"}),
]


def test_windows_are_shaded_and_say_what_was_chosen():
    picture = draw_walk_bands("Walk", "Sharpe ratio", *curve(WINDOWS), WINDOWS)
    shades = [each for each in picture.scene.shapes if isinstance(each, Box) and each.tip and "trained" in each.tip]
    assert [round(each.width, 1) for each in shades] == [191.5] * 4
    assert len({each.fill for each in shades}) == 2
    assert (
        shades[0].tip == "1\ntrained 2024-01-01 to 2024-06-29\ntested 2024-06-29 to 2024-07-29\nthreshold 20\nside long"
    )
    assert shades[2].tip.endswith("nothing could be chosen")


def test_each_parameter_has_a_panel_in_which_what_was_chosen_stands_by_its_size():
    picture = draw_walk_bands("Walk", "Sharpe ratio", *curve(WINDOWS), WINDOWS)
    steps = {
        each.tip.replace("\n", " "): each.points[0][1]
        for each in picture.scene.shapes
        if isinstance(each, Trace) and each.tip
    }
    assert steps["2 threshold 40"] < steps["4 threshold 30"] < steps["1 threshold 20"]
    assert steps["1 side long"] == steps["4 side long"] != steps["2 side short"]
    assert len(steps) == 6
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert {"threshold", "side", "20", "40", "long", "short", "in sample", "out of sample", "time (UTC)"} <= {*texts}


def test_the_metric_of_each_window_has_two_bars_from_nothing():
    picture = draw_walk_bands("Walk", "Sharpe ratio", *curve(WINDOWS), WINDOWS)
    bars = {
        each.tip: each for each in picture.scene.shapes if isinstance(each, Box) and each.tip and "sample" in each.tip
    }
    up, down = bars["2\nSharpe ratio in sample 2"], bars["2\nSharpe ratio out of sample -1"]
    assert up.y + up.height == pytest.approx(down.y)
    assert up.height == pytest.approx(2 * down.height)
    assert len(bars) == 6


def test_the_frame_is_the_table_of_windows():
    frame = draw_walk_bands("Walk", "Sharpe ratio", *curve(WINDOWS), WINDOWS).frame
    assert frame.loc["2", "threshold"] == 40
    assert frame.loc["1", "test_start"] == pandas.Timestamp("2024-06-29", tz="UTC")
    assert frame.loc["2", "out_of_sample"] == -1.0


def test_many_windows_and_parameters_can_be_drawn():
    windows = [window(place, {f"p{each}": each * place for each in range(20)}) for place in range(120)]
    picture = draw_walk_bands("Walk", "Sharpe ratio", *curve(windows), windows)
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert any(each.endswith("; 8 more parameters are not drawn") for each in texts)
    assert "p11" in texts
    assert "p12" not in texts
    assert all(each.y < picture.scene.height for each in picture.scene.shapes if isinstance(each, Words))


def test_without_parameters_the_times_stand_below_the_metric():
    windows = [window(place, {}) for place in range(3)]
    picture = draw_walk_bands("Walk", "Sharpe ratio", *curve(windows), windows)
    assert any(isinstance(each, Words) and each.text == "time (UTC)" for each in picture.scene.shapes)


def test_without_windows_or_a_curve_it_is_refused():
    times, equity = curve(WINDOWS)
    for parts in ((times, equity, []), (times[:0], equity[:0], WINDOWS), (times[1:], equity, WINDOWS)):
        with pytest.raises(DataError, match="at least one window, and the equity at each time"):
            draw_walk_bands("Walk", "Sharpe ratio", *parts)
