"""All of a study in one picture."""

from __future__ import annotations

import pytest

from adapters.study_pictures import draw_heat_map, ranked_names, study_picture
from adapters.study_pictures.shapes import Words
from engine import DataError
from tests.support.trial_tables import grid_table, table_of


def titles(picture):
    return [each.text for each in picture.scene.shapes if isinstance(each, Words) and each.y and " over " in each.text]


def test_of_one_parameter_there_is_a_line_of_two_a_heat_map_of_more_the_two_most_important():
    one = study_picture(grid_table({"a": [1, 2, 3]}, lambda a: a))
    assert titles(one) == ["Sharpe ratio over a"]
    two = study_picture(grid_table({"a": [1, 2], "b": [1, 2]}, lambda a, b: b))
    assert titles(two) == ["Sharpe ratio over a and b"]
    table = grid_table({"a": [1, 2], "b": [1, 2], "c": [1, 2, 3]}, lambda a, b, c: b + 3 * c + 0.1 * a)
    assert ranked_names(table) == ["c", "b", "a"]
    assert titles(study_picture(table)) == ["Sharpe ratio over c and b"]
    assert study_picture(table).scene.height > two.scene.height + 400


def test_further_pictures_stand_above():
    table = grid_table({"a": [1, 2], "b": [1, 2]}, lambda a, b: b)
    further = draw_heat_map(table, "b", "a")
    assert titles(study_picture(table, [further])) == ["Sharpe ratio over b and a", "Sharpe ratio over a and b"]


def test_a_study_of_failures_is_drawn_and_one_without_trials_or_parameters_is_refused():
    failed = table_of({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, [0.0, 0.0], errors={0: "boom", 1: "boom"})
    assert study_picture(failed).svg.count("<svg") == 1
    with pytest.raises(DataError, match="no trial is done: there is nothing to draw"):
        study_picture(table_of({"a": []}, []))
    with pytest.raises(DataError, match="nothing varies in this study"):
        study_picture(table_of({}, [1.0]))
