"""Trials in the cells of two parameters."""

from __future__ import annotations

import math

import numpy as np
import pandas
import pytest

from adapters.study_pictures.cell_grid import cell_axis, grid_of_cells
from adapters.study_pictures.trial_table import VariedValues
from engine import DataError
from tests.support.trial_tables import grid_table, table_of


def test_a_grid_has_each_trial_in_its_cell_numbers_in_order():
    table = grid_table({"b": [3, 1, 2], "a": [0.2, 0.1]}, lambda b, a: 10 * b + a)
    frame = grid_of_cells(table, "a", "b").frame()
    assert [*frame.columns] == [0.1, 0.2]
    assert [*frame.index] == [1, 2, 3]
    assert (frame.index.name, frame.columns.name) == ("b", "a")
    assert frame.loc[2, 0.1] == 20.1


@pytest.mark.parametrize(("of", "expected"), [("best", 5.0), ("mean", 3.0), ("worst", 1.0)])
@pytest.mark.parametrize("is_least", [False, True])
def test_of_several_trials_in_a_cell_the_best_the_mean_or_the_worst_is_shown(of, expected, is_least):
    table = table_of({"a": [1, 1, 1], "b": [1, 1, 1], "c": [1, 2, 3]}, [5.0, 1.0, 3.0], is_least=is_least)
    cells = grid_of_cells(table, "a", "b", of)
    if is_least and of != "mean":
        expected = 6.0 - expected
    assert cells.values.tolist() == [[expected]]
    assert cells.trials.tolist() == [[3]]


def test_missing_failed_and_undefined_cells_are_told_apart():
    table = table_of(
        {"a": [1, 2, 3, 3], "b": [1, 1, 1, 1]}, [1.0, math.nan, 9.0, 2.0], {"a": [1, 2, 3, 4]}, {2: "boom"}
    )
    cells = grid_of_cells(table, "a", "b")
    assert [*cells.x.labels] == ["1", "2", "3", "4"]
    assert cells.trials.tolist() == [[1, 1, 2, 0]]
    assert cells.failed.tolist() == [[0, 0, 1, 0]]
    assert cells.undefined.tolist() == [[0, 1, 0, 0]]
    np.testing.assert_equal(cells.values, [[1.0, math.nan, 2.0, math.nan]])
    assert cells.best == (0, 2)


def test_of_equals_the_first_trial_is_the_best():
    table = table_of({"a": [1, 1, 2], "b": [1, 1, 1]}, [2.0, 2.0, 2.0])
    cells = grid_of_cells(table, "a", "b")
    assert (cells.shown.tolist(), cells.best) == ([[0, 2]], (0, 0))


def test_texts_stand_as_they_came_and_flags_are_no_numbers():
    axis, places = cell_axis(VariedValues("side", ["short", "long", "short"], ["long", "short", "both"]))
    assert (axis.labels, places.tolist(), axis.is_number) == (("long", "short", "both"), [1, 0, 1], False)
    axis, _ = cell_axis(VariedValues("flag", [True, False]))
    assert (axis.labels, axis.is_number) == (("True", "False"), False)
    axis, places = cell_axis(VariedValues("symbols", [["BTC", "ETH"], ["BTC"]]))
    assert axis.labels == ("BTC + ETH", "BTC")
    axis, _ = cell_axis(VariedValues("mixed", [1, None, "x"]))
    assert axis.labels == ("1", "None", "x")


def test_whole_numbers_and_fractions_of_one_size_are_one_place():
    axis, places = cell_axis(VariedValues("a", [1, 2.5, 1.0]))
    assert (axis.labels, places.tolist()) == (("1", "2.5"), [0, 1, 0])


def test_many_numbers_of_a_search_are_put_together_but_those_of_a_list_are_not():
    random = np.random.default_rng(2)
    numbers = random.uniform(0.1, 5.0, 300).tolist()
    axis, places = cell_axis(VariedValues("a", numbers))
    assert len(axis) == 10
    index = axis.index()
    assert isinstance(index, pandas.IntervalIndex)
    assert all(number in index[place] for number, place in zip(numbers, places.tolist(), strict=True))
    assert len(cell_axis(VariedValues("a", numbers[:150], numbers[:150]))[0]) == 150


def test_whole_numbers_are_put_together_at_whole_numbers():
    axis, places = cell_axis(VariedValues("a", [*range(10, 110)]))
    assert axis.labels[0] == "10 to 29"
    assert axis.edges is not None
    assert axis.edges[-1] > 109
    assert (places.min(), places.max()) == (0, len(axis) - 1)


def test_a_scale_of_logarithms_is_put_together_by_factors():
    numbers = np.geomspace(0.001, 10.0, 80).tolist()
    axis, _ = cell_axis(VariedValues("a", numbers, None, True))
    assert axis.edges is not None
    ratios = axis.edges[1:] / axis.edges[:-1]
    assert ratios == pytest.approx(np.full(len(axis), ratios[0]))


@pytest.mark.parametrize(
    ("x", "y", "of", "said"),
    [
        ("treshold", "stop", "best", "treshold is no parameter of this study: did you mean threshold?"),
        ("zzz", "stop", "best", "zzz is no parameter of this study: there are threshold, stop"),
        ("stop", "stop", "best", "stop cannot be on both axes: name two parameters"),
        ("stop", "threshold", "median", "of='median': of several trials in a cell the best, the mean or the worst"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_way_out(x, y, of, said):
    with pytest.raises(DataError) as refused:
        grid_of_cells(grid_table({"threshold": [1, 2], "stop": [1, 2]}, lambda a, b: a), x, y, of)
    assert said in str(refused.value)
