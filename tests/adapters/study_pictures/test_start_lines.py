"""Figures over later starts."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures import StartFigure, draw_start_lines
from adapters.study_pictures.shapes import BEST, BLUE, Dot, Words
from engine import DataError

HOURS = np.array([4.0, 8.0, 12.0])


def test_each_start_is_a_dot_with_its_values_and_the_real_run_stands_at_nothing():
    figures = {
        "Net PnL, %": StartFigure(np.array([1.0, np.nan, 3.0]), 2.0),
        "Sharpe ratio": StartFigure(np.full(3, np.nan), None),
    }
    picture = draw_start_lines("Start", HOURS, figures, "real 2")
    dots = [each for each in picture.scene.shapes if isinstance(each, Dot)]
    assert [each.tip for each in dots if each.fill == BLUE] == [
        "4 hours later\nNet PnL, % 1", "12 hours later\nNet PnL, % 3",
    ]  # fmt: skip
    first, last = (each for each in dots if each.fill == BLUE)
    (real,) = (each for each in dots if each.fill == BEST)
    assert real.x < first.x < last.x
    assert real.y == pytest.approx((first.y + last.y) / 2)
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert texts.count("not defined") == 1
    assert "real 2" in texts
    assert picture.frame.index.tolist() == [0.0, 4.0, 8.0, 12.0]
    assert picture.frame["Net PnL, %"].tolist() == pytest.approx([2.0, 1.0, np.nan, 3.0], nan_ok=True)


@pytest.mark.parametrize("count", [0, 2])
def test_lengths_that_do_not_fit_are_refused(count):
    with pytest.raises(DataError, match="at least one start"):
        draw_start_lines("Start", HOURS[:count], {"a": StartFigure(np.zeros(3 if count else 0), 1.0)})


def test_one_start_and_many_are_drawn():
    for count in (1, 900):
        figure = StartFigure(np.linspace(5, 9, count), 5.0)
        picture = draw_start_lines("Start", np.arange(1.0, count + 1), {"Net PnL": figure})
        assert len([each for each in picture.scene.shapes if isinstance(each, Dot)]) == count + 1
        assert "nan" not in picture.svg.replace("dominant", "")
