"""Which parameter explains how much of the metric: exact on grids, estimated elsewhere, against known functions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from adapters.study_pictures import draw_importance, importance_frame
from adapters.study_pictures.importance_shares import CHANCE, ONE_VALUE, find_importance
from tests.support.trial_tables import grid_table, table_of

LEVELS = [-1.0, 0.0, 1.0]


def shares_of(table):
    return {share.name: share for share in find_importance(table).shares}


def test_an_additive_function_on_a_grid_is_split_by_the_variances_of_its_parts():
    table = grid_table({"a": LEVELS, "b": LEVELS, "c": ["x", "y"]}, lambda a, b, c: 3 * a + b + (c == "y"))
    found = shares_of(table)
    whole = 9 * 2 / 3 + 2 / 3 + 0.25
    assert found["a"].alone == pytest.approx(6 / whole)
    assert found["b"].alone == pytest.approx(2 / 3 / whole)
    assert found["c"].alone == pytest.approx(0.25 / whole)
    assert [each.name for each in find_importance(table).shares] == ["a", "b", "c"]
    assert all(each.together == pytest.approx(each.alone) for each in found.values())
    assert find_importance(table).rest == pytest.approx(0.0, abs=1e-12)


def test_what_two_do_together_only_is_said_to_be_interaction():
    importance = find_importance(grid_table({"a": LEVELS, "b": LEVELS}, lambda a, b: a * b))
    assert importance.holes == 0
    assert [each.alone for each in importance.shares] == pytest.approx([0.0, 0.0])
    assert [each.together for each in importance.shares] == pytest.approx([1.0, 1.0])
    assert importance.rest == pytest.approx(1.0)


def test_a_grid_of_sums_and_products_by_hand():
    # f = 2a + ab over {-1, 1}: Var = 4 + 1; a alone 4/5, together 1; b alone 0, together 1/5
    importance = find_importance(grid_table({"b": [-1, 1], "a": [-1, 1]}, lambda b, a: 2 * a + a * b))
    first, second = importance.shares
    assert (first.name, first.alone, first.together) == ("a", pytest.approx(0.8), pytest.approx(1.0))
    assert (second.name, second.alone, second.together) == ("b", pytest.approx(0.0), pytest.approx(0.2))


def test_the_order_of_trials_does_not_matter():
    table = grid_table({"a": LEVELS, "b": LEVELS}, lambda a, b: a**2 + a * b)
    mixed = np.random.default_rng(3).permutation(9)
    columns = {each.name: [each.values[place] for place in mixed] for each in table.parameters}
    again = shares_of(table_of(columns, table.metric_values[mixed]))
    assert {name: each.alone for name, each in again.items()} == pytest.approx(
        {name: each.alone for name, each in shares_of(table).items()}
    )


@pytest.mark.parametrize("count", [300, 3_000])
def test_scattered_trials_of_ishigamis_function_come_near_its_known_shares(count):
    """T. Ishigami, T. Homma, 1990, with a = 7, b = 0.1: first-order indices 0.3139, 0.4424 and 0."""
    errors = []
    for seed in range(8):
        x, y, z = np.random.default_rng(seed).uniform(-math.pi, math.pi, (3, count))
        metric = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
        found = shares_of(table_of({"x": x.tolist(), "y": y.tolist(), "z": z.tolist()}, metric))
        errors.append([found["x"].alone - 0.3139, found["y"].alone - 0.4424, found["z"].alone])
    most = 0.10 if count == 300 else 0.03
    assert np.abs(np.mean(errors, axis=0)).max() < most / 2
    assert np.abs(errors).max() < 2.5 * most


def test_shares_of_scattered_noise_are_told_to_be_chance():
    called = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        values = random.uniform(size=(2, 200)).tolist()
        importance = find_importance(table_of({"a": values[0], "b": values[1]}, random.standard_normal(200)))
        assert importance.holes is None
        assert max(share.alone for share in importance.shares) < 0.25
        called += sum(share.note == CHANCE for share in importance.shares)
    assert called >= 72


def test_texts_and_few_numbers_are_classes_of_their_own():
    random = np.random.default_rng(5)
    side, steps = random.choice(["long", "short"], 400), random.integers(0, 3, 400)
    metric = 2.0 * (side == "long") + steps + 0.5 * random.standard_normal(400)
    found = shares_of(table_of({"side": side.tolist(), "steps": steps.tolist()}, metric))
    whole = 1.0 + 2 / 3 + 0.25
    assert found["side"].alone == pytest.approx(1 / whole, abs=0.06)
    assert found["steps"].alone == pytest.approx(2 / 3 / whole, abs=0.06)


def test_a_parameter_with_one_value_explains_nothing_that_could_be_said():
    for table in (
        grid_table({"a": LEVELS, "b": [1]}, lambda a, b: a),
        table_of({"a": np.arange(50.0).tolist(), "b": [1] * 50}, np.arange(50.0) ** 2),
    ):
        frame = importance_frame(table)
        assert math.isnan(frame.loc["b", "share"])
        assert frame.loc["b", "note"] == ONE_VALUE
        assert frame.loc["a", "share"] > 0.9


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (table_of({"a": [1, 2, 3, 1, 2]}, [1.0, 2.0, 4.0, 1.5, 2.5]), "5 trials have the metric; 20 are needed"),
        (table_of({"a": [1, 2, 3]}, [2.0, 2.0, 2.0]), "the metric is the same for all trials"),
        (table_of({"a": [1, 2]}, [1.0, 2.0], errors={0: "boom", 1: "boom"}), "no trials have the metric"),
        (table_of({"a": [1, 2]}, [1.0, 2.0], errors={0: "boom"}), "1 trial has the metric"),
        (table_of({"a": [1, 1]}, [1.0, 2.0]), "no parameter has a second value"),
    ],
)
def test_where_it_is_not_defined_that_is_said_and_no_share_is_zero(table, why):
    frame = importance_frame(table)
    assert frame["share"].isna().all()
    assert frame["note"].str.startswith(why).all()
    assert why in " ".join(shape.text for shape in draw_importance(table).scene.shapes if hasattr(shape, "text"))


def test_a_few_combinations_that_failed_are_filled_in_and_more_are_not():
    values = {"a": [each for each in range(6) for _ in range(6)], "b": [*range(6)] * 6}
    metric = [2.0 * a + b for a, b in zip(*values.values(), strict=True)]
    holed = find_importance(table_of(values, metric, errors=dict.fromkeys((3, 17, 20), "boom")))
    assert (holed.trials, holed.holes) == (33, 3)
    assert [each.alone for each in holed.shares] == pytest.approx([0.8, 0.2], abs=1e-6)
    worse = find_importance(table_of(values, metric, errors=dict.fromkeys(range(0, 36, 4), "boom")))
    assert (worse.trials, worse.holes) == (27, None)
    assert worse.shares[0].alone == pytest.approx(0.8, abs=0.1)


def test_of_a_single_parameter_that_varies_that_is_said():
    frame = importance_frame(grid_table({"a": LEVELS}, lambda a: a**3))
    assert frame.loc["a"].tolist() == [1.0, 1.0, "nothing else varies"]


def test_the_frame_ends_with_what_no_parameter_explains_alone():
    frame = importance_frame(grid_table({"a": LEVELS, "b": LEVELS}, lambda a, b: a + a * b))
    assert [*frame.index] == ["a", "b", "(interactions)"]
    assert frame["share"].sum() == pytest.approx(1.0)
