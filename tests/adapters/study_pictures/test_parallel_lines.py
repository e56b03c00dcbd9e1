"""Parallel coordinates."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adapters.study_pictures import draw_parallel_lines
from adapters.study_pictures.parallel_lines import kept_trials, parallel_axes
from adapters.study_pictures.shapes import BEST, Trace, Words
from adapters.study_pictures.trial_table import TrialTable, VariedValues
from tests.support.trial_tables import table_of


def test_axes_have_numbers_by_size_texts_as_they_came_and_the_metric_last():
    table = table_of({"a": [10, 30, 20], "side": ["long", "short", "long"]}, [1.0, 3.0, 2.0])
    a, side, metric = parallel_axes(table)
    assert a.shares.tolist() == [0.0, 1.0, 0.5]
    assert side.shares.tolist() == [0.25, 0.75, 0.25]
    assert side.marks == [(0.25, "long"), (0.75, "short")]
    assert metric.shares.tolist() == [0.0, 1.0, 0.5]
    assert (a.marks[0], a.marks[-1]) == ((0.0, "10"), (1.0, "30"))
    assert metric.name == "Sharpe ratio"


def test_a_scale_of_logarithms_has_equal_factors_at_equal_distances():
    values = VariedValues("a", [0.01, 0.1, 1.0], None, True)
    table = TrialTable("t", "m", "m", False, [0, 1, 2], (values,), np.array([1.0, 2.0, 3.0]), [None] * 3)
    assert parallel_axes(table)[0].shares.tolist() == pytest.approx([0.0, 0.5, 1.0])


def test_the_best_lies_on_top_and_trials_without_a_metric_are_counted():
    table = table_of({"a": [1, 2, 3, 4]}, [5.0, math.nan, 7.0, 6.0], errors={3: "boom"}, is_least=True)
    picture = draw_parallel_lines(table)
    lines = [each for each in picture.scene.shapes if isinstance(each, Trace) and each.points.shape == (2, 2)]
    assert lines[-1].colour == BEST
    assert [*picture.frame.index] == [100, 102]
    texts = [each.text for each in picture.scene.shapes if isinstance(each, Words)]
    assert "2 trials, all, the best on top; 2 failed or without a metric" in texts


def test_of_many_trials_the_best_and_some_of_all_others_are_drawn_and_that_is_said():
    ranks = np.random.default_rng(1).permutation(10_000)
    table = table_of({"a": ranks.tolist()}, ranks.astype(float))
    kept = table.metric_values[kept_trials(table)]
    assert len(kept) == 3_000
    assert kept[-500:].tolist() == [*range(9_500, 10_000)]
    assert np.diff(kept[:-500]).max() <= 4
    assert kept[0] == 0
    texts = [each.text for each in draw_parallel_lines(table).scene.shapes if isinstance(each, Words)]
    assert "10,000 trials, the best 500 and 2,500 of the others, the best on top" in texts


def test_one_value_and_many_texts_can_be_drawn():
    names = [f"program {each}.py" for each in range(100)]
    table = table_of({"one": [5] * 100, "name": names}, [*map(float, range(100))])
    one, name, _ = parallel_axes(table)
    assert one.shares.tolist() == [0.5] * 100
    assert len(name.marks) <= 25
    assert draw_parallel_lines(table).svg.startswith("<svg")
