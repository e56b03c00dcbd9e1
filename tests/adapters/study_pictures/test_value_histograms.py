"""Histograms of spreads."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures import ValueSpread, draw_histograms
from adapters.study_pictures.shapes import BEST, Box, Trace, Words
from engine import DataError


def spread(values, real=None):
    values = np.asarray(values, np.float64)
    found = np.percentile(values, (5, 25, 50, 75, 95)).tolist() if len(values) else [None] * 5
    return ValueSpread("drawdown, %", values, dict(zip(("5", "25", "50", "75", "95"), found, strict=True)), real)


def shown(picture):
    return [each.text for each in picture.scene.shapes if isinstance(each, Words)]


def test_every_value_stands_in_a_bar_and_quantiles_where_they_are():
    values = np.random.default_rng(3).normal(10, 3, 4_000)
    picture = draw_histograms("Trades", [spread(values, 9.0)])
    bars = [each for each in picture.scene.shapes if isinstance(each, Box)]
    assert sum(int(bar.tip.split("\n")[1].split()[0].replace(",", "")) for bar in bars) == 4_000
    left, right = bars[0].x, bars[-1].x + bars[-1].width
    dashed = [each.points[0, 0] for each in picture.scene.shapes if isinstance(each, Trace) and each.is_dashed]
    (real,) = (each.points[0, 0] for each in picture.scene.shapes if isinstance(each, Trace) and each.colour == BEST)
    assert dashed == sorted(dashed)
    assert left < dashed[0] < dashed[4] < right
    quantiles = np.percentile(values, (5, 25, 50, 75, 95))
    pixels = np.polyfit(quantiles, dashed, 1)
    assert np.allclose(np.polyval(pixels, quantiles), dashed)
    assert np.polyval(pixels, 9.0) == pytest.approx(real)
    assert picture.frame.loc["drawdown, %"].tolist() == pytest.approx([9.0, *quantiles])
    assert {"real 9", "5 %", "95 %"} <= {*shown(picture)}


def test_values_that_are_all_the_same_have_one_bar_and_one_name():
    picture = draw_histograms("Trades", [spread([5.0] * 30, 5.0), spread([0.0])])
    assert len([each for each in picture.scene.shapes if isinstance(each, Box)]) == 2
    assert shown(picture).count("5 to 95 %") == 2
    assert "nan" not in picture.svg.replace("dominant", "")


def test_without_a_value_there_is_an_empty_panel_and_without_a_spread_none():
    picture = draw_histograms("Trades", [spread([])])
    assert not [each for each in picture.scene.shapes if isinstance(each, Box)]
    assert "nan" not in picture.svg.replace("dominant", "")
    with pytest.raises(DataError, match="there is no spread to draw"):
        draw_histograms("Trades", [])


def test_a_real_value_far_from_the_others_is_within_the_picture():
    picture = draw_histograms("Trades", [spread(np.arange(20.0), -1_000.0)])
    (real,) = (each.points[0, 0] for each in picture.scene.shapes if isinstance(each, Trace) and each.colour == BEST)
    (name,) = (each for each in picture.scene.shapes if isinstance(each, Words) and each.text == "real -1,000")
    assert 84 < real < 870
    assert name.x > real  # within the area though the line stands at its edge
