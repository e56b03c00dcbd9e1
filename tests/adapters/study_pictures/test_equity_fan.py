"""The fan of an ensemble."""

from __future__ import annotations

import numpy as np
import pandas
import pytest

from adapters.study_pictures import draw_equity_fan
from adapters.study_pictures.shapes import Trace, Words
from engine import DataError

START, DAY = 1_704_067_200_000, 86_400_000
TIMES = START + DAY * np.arange(100)


def test_the_bands_are_those_of_the_curves_at_each_time():
    curves = 10_000 + np.arange(101.0)[:, None] * np.arange(100)
    picture = draw_equity_fan("Monte Carlo", TIMES, curves, curves[20])
    frame = picture.frame
    names = ["5 %", "25 %", "50 %", "75 %", "95 %", "real"]
    assert [*frame.columns] == [*names, *(f"drawdown {each}" for each in names)]
    assert frame.iloc[-1, :6].tolist() == [10_495, 12_475, 14_950, 17_425, 19_405, 11_980]
    assert frame.index[1] == pandas.Timestamp("2024-01-02", tz="UTC")
    said = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert "at the end (USD): 5 % 10,495, 25 % 12,475, 50 % 14,950, 75 % 17,425, 95 % 19,405; real 11,980" in said
    ends = {
        each.text: each.y for each in picture.scene.shapes if isinstance(each, Words) and each.x > 800 and each.y < 460
    }
    assert ends["95 %"] < ends["75 %"] < ends["50 %"] < ends["25 %"] < ends["real"] < ends["5 %"]


def test_what_curves_have_fallen_stands_below_them():
    curves = np.array([[100.0, 50.0, 75.0, 200.0], [100.0, 110.0, -11.0, 5.0], [0.0, -5.0, 10.0, 10.0]])
    picture = draw_equity_fan("Monte Carlo", TIMES[:4], curves, np.array([100.0, 90.0, 120.0, 60.0]))
    frame = picture.frame
    assert frame["drawdown real"].tolist() == [0, -10, 0, -50]
    falls = np.array([[0, -50, -25, 0], [0, 0, -110, 100 * (5 - 110) / 110], [0, 0, 0, 0]])
    for level in (5, 25, 50, 75, 95):
        assert np.allclose(frame[f"drawdown {level} %"], np.percentile(falls, level, axis=0))
    assert "drawdown (%)" in {each.text for each in picture.scene.shapes if isinstance(each, Words)}


def test_many_curves_stay_thin_and_every_extreme_of_the_real_one_is_drawn():
    random = np.random.default_rng(2)
    curves = 10_000 * np.exp(np.cumsum(0.001 * random.standard_normal((500, 20_000)), axis=1))
    real = np.full(20_000, 10_000.0)
    real[7_777] = 30_000.0
    times = START + 60_000 * np.arange(20_000)
    picture = draw_equity_fan("Monte Carlo", times, curves, real)
    lines = [each for each in picture.scene.shapes if isinstance(each, Trace)]
    assert sum(len(each.points) for each in lines) < 50_000
    assert len([each for each in lines if each.opacity < 0.3]) == 60
    thick = max(lines, key=lambda each: each.width)
    assert thick.points[:, 1].min() < 150


def test_a_fan_over_trades_has_numbers_along_it():
    picture = draw_equity_fan("Trades", np.arange(50), np.full((3, 50), 5.0) + np.arange(50), None, "trades")
    assert picture.frame.index[-1] == 49
    said = {each.text for each in picture.scene.shapes if isinstance(each, Words)}
    assert {"trades", "10", "40"} <= said


@pytest.mark.parametrize(
    ("times", "curves", "real"),
    [
        (3, np.zeros((2, 4)), None),
        (4, np.zeros((0, 4)), None),
        (4, np.zeros((2, 4)), np.zeros(3)),
        (4, np.zeros(4), None),
    ],
)
def test_lengths_that_do_not_fit_are_refused(times, curves, real):
    with pytest.raises(DataError, match="a fan needs a row for each curve"):
        draw_equity_fan("t", START + np.arange(times), curves, real)


def test_curves_that_fall_below_nothing_have_an_even_scale():
    curves = np.linspace(10_000, -500, 50)[None, :] * np.ones((3, 1))
    assert draw_equity_fan("t", START + np.arange(50), curves).svg.count("NaN") == 0
