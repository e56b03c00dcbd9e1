"""The surface of a metric over two numbers."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.study_pictures import draw_surface
from adapters.study_pictures.shapes import BEST, Box, Dot
from engine import DataError
from tests.support.trial_tables import grid_table, table_of

LEFT, RIGHT, TOP, BOTTOM = 84, 790, 84, 560


def colour_at(picture, x, y):
    """The colour at a share of the way to the right and upwards."""
    at = LEFT + x * (RIGHT - LEFT), BOTTOM - y * (BOTTOM - TOP)
    found = [
        each.fill
        for each in picture.scene.shapes
        if isinstance(each, Box) and each.x <= at[0] < each.x + each.width and each.y <= at[1] < each.y + each.height
    ]
    return found[0] if found else None


def test_it_is_true_to_the_scale_of_both_axes_and_even_between_trials():
    # of values 0, 1 and 10 the second stands at a tenth of the way
    picture = draw_surface(grid_table({"x": [0, 1, 10], "y": [0.0, 1.0]}, lambda x, y: x), "x", "y")
    dots = sorted({round(each.x) for each in picture.scene.shapes if isinstance(each, Dot) and each.edge != BEST})
    assert dots == [84, 84 + 71, 790]
    along = [colour_at(picture, share, 0.5) for share in np.linspace(0.01, 0.99, 50)]
    levels = [*dict.fromkeys(along)]
    assert len(levels) >= 10
    assert along == sorted(along, key=levels.index)
    counts = [along.count(each) for each in levels[1:-1]]
    assert max(counts) - min(counts) <= 2


def test_where_a_trial_is_missing_or_failed_it_has_a_hole():
    axes = {"x": [0, 1, 2, 3, 4], "y": [0, 1, 2, 3, 4]}
    picture = draw_surface(grid_table(axes, lambda x, y: x + y, errors={12: "boom"}), "x", "y")
    assert colour_at(picture, 0.45, 0.55) is None
    assert colour_at(picture, 0.1, 0.1)
    assert np.isnan(picture.frame.loc[2, 2])


def test_the_best_is_ringed():
    picture = draw_surface(grid_table({"x": [0, 1, 2], "y": [0, 5]}, lambda x, y: -abs(x - 1) + y), "x", "y")
    (ring,) = [each for each in picture.scene.shapes if isinstance(each, Dot) and each.edge == BEST]
    assert (ring.x, ring.y) == (pytest.approx((LEFT + RIGHT) / 2), pytest.approx(TOP))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"x": [1, 2], "y": ["a", "b"]}, "y has values that are no numbers: a surface needs two numbers or more"),
        ({"x": [1, 2], "y": [3, 3]}, "y has a single value: a surface needs two numbers or more"),
    ],
)
def test_texts_and_single_values_have_no_surface(columns, said):
    with pytest.raises(DataError, match=said):
        draw_surface(table_of(columns, [1.0, 2.0]), "x", "y")
