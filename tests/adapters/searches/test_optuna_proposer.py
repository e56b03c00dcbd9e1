"""The samplers of Optuna, asked and told."""

from __future__ import annotations

import subprocess
import sys

import optuna
import pytest

from adapters.searches.optuna_proposer import OptunaProposer
from adapters.searches.proposer import Answer
from adapters.searches.search_space import SearchSpace
from adapters.studies import parse_metric, parse_parameter
from tests.conftest import ROOT

TEXTS = (
    "a=int(1,300)", "b=x,y", "c=float(0.1,10,log)", "d=5", "e=float(0.1,0.9,0.1)", "f=int(1,100,log)", "g=int(0,99,10)",
)  # fmt: skip
SPACE = SearchSpace([parse_parameter(text) for text in TEXTS])


def height(values):
    return -abs(values["a"] - 77) - 50 * (values["b"] == "x") - 10 * abs(values["c"] - 3)


def searched(sampler, seed, answer, metrics=("sharpe_ratio",), batches=30, space=SPACE):
    proposer = OptunaProposer(space, sampler, [parse_metric(each) for each in metrics], seed)
    found = []
    for _ in range(batches):
        for values in proposer.ask(8):
            found.append(values)
        for number in range(len(found) - 8, len(found)):
            proposer.tell(number, answer(found[number]))
    return found


@pytest.mark.parametrize("sampler", ["tpe", "random", "nsga2"])
def test_it_proposes_values_that_are_there_and_the_same_for_a_seed(sampler):
    found = searched(sampler, 3, lambda values: Answer((height(values),)))
    for values in found:
        assert isinstance(values["a"], int)
        assert 1 <= values["a"] <= 300
        assert values["b"] in ("x", "y")
        assert 0.1 <= values["c"] <= 10
        assert values["d"] == 5
        assert values["e"] in [place / 10 for place in range(1, 10)]
        assert values["f"] in range(1, 101)
        assert values["g"] in range(0, 100, 10)
    assert found == searched(sampler, 3, lambda values: Answer((height(values),)))
    assert found != searched(sampler, 4, lambda values: Answer((height(values),)))


def test_tpe_learns_what_is_better_and_random_does_not():
    def late(sampler):
        return sum(height(each) for each in searched(sampler, 1, lambda values: Answer((height(values),)))[160:]) / 80

    assert late("tpe") > late("random") + 40


def test_less_of_a_metric_that_is_bad_is_better():
    found = searched("tpe", 1, lambda values: Answer((float(values["a"]),)), ["max_drawdown_percent"])
    assert sum(each["a"] for each in found[160:]) / 80 < 60


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_it_stays_away_from_what_leaves_a_constraint(sampler):
    def answer(values):
        return Answer((float(values["a"]),), None, {"limit": max(0.0, values["a"] - 100.0)})

    late = [each["a"] for each in searched(sampler, 1, answer)[160:]]
    assert sum(each <= 100 for each in late) > len(late) / 2  # 1 in 3 by chance


def test_it_stays_away_from_what_has_no_value():
    late = [
        each["a"]
        for each in searched("tpe", 1, lambda each: Answer(None if each["a"] > 50 else (float(each["a"]),)))[160:]
    ]
    assert sum(each <= 50 for each in late) > len(late) / 2  # 1 in 6 by chance
    assert sum(late) / len(late) > 30


def test_it_learns_from_the_first_part_of_what_was_pruned():
    def late(sampler):
        found = searched(sampler, 1, lambda values: Answer(None, height(values)))
        return sum(height(each) for each in found[160:]) / 80

    assert late("tpe") > late("random") + 40


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
def test_two_metrics_are_taken_together(sampler):
    def answer(values):
        return Answer(None if values["a"] % 7 == 0 else (float(values["a"]), values["c"] * values["a"]))

    found = searched(sampler, 2, answer, ["sharpe_ratio", "max_drawdown_percent"], 12)
    assert found == searched(sampler, 2, answer, ["sharpe_ratio", "max_drawdown_percent"], 12)


def test_a_space_of_one_combination_is_proposed():
    one = SearchSpace([parse_parameter("d=5")])
    assert searched("tpe", 0, lambda values: Answer((1.0,)), space=one, batches=2) == [{"d": 5}] * 16


def test_it_tells_nothing_and_leaves_what_the_user_has_optuna_tell(capfd):
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    try:
        searched("tpe", 0, lambda values: Answer((1.0,)), batches=2)
        assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_it_proposes_the_same_under_another_hash_seed():
    code = (
        "import hashlib\n"
        "from tests.adapters.searches.test_optuna_proposer import Answer, height, searched\n"
        "found = searched('tpe', 3, lambda values: Answer((height(values),)), batches=6)\n"
        "print(hashlib.sha256(repr(found).encode()).hexdigest())\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
