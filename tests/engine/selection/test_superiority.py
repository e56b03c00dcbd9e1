"""Reality check and SPA beside arch and holdout, and what they must be."""

import numpy as np
import pytest

from engine import ConfigurationError, DataError
from engine.selection import reality_check, superior_predictive_ability
from engine.selection.superiority import long_run_deviations, shares
from tests.support.selection_cases import CASES, study


def counts_of_arch(days, paths, block, seed):
    """How often each path draws each day, with the draws of arch's stationary bootstrap."""
    random = np.random.RandomState(seed)
    for _ in range(paths):
        rows, chances = random.randint(days, size=days), random.random_sample(days)
        for place in range(1, days):
            if chances[place] > 1.0 / block:
                rows[place] = (rows[place - 1] + 1) % days
        yield np.bincount(rows, minlength=days)[None, :].astype(float)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_on_the_paths_of_arch_the_p_values_are_those_of_arch(case):
    returns = study(*case.made)
    found = shares(returns, counts_of_arch(len(returns), 500, 5, 7), np.ones(returns.shape[1]), 5.0)
    assert (found.lower, found.consistent, found.upper) == case.arch


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_on_paths_of_our_own_the_p_values_are_those_of_others(case):
    returns = study(*case.made)
    found = superior_predictive_ability(returns, resamples=4000, mean_block=5)
    assert (found.lower, found.consistent, found.upper) == pytest.approx(case.spa, abs=0.035)
    assert found.best == case.best
    check = reality_check(returns, resamples=4000, mean_block=5)
    assert check.p_value == pytest.approx(case.check, abs=0.035)
    assert check.p_value == pytest.approx(case.arch[2], abs=0.07)  # of 500 paths
    assert found.lower <= found.consistent <= found.upper


def test_the_deviation_is_that_of_resampled_means():
    returns = study(1, 60, 3)
    returns[1:] += 0.5 * returns[:-1]
    means = np.concatenate([counts @ returns / 60 for counts in counts_of_arch(60, 8000, 4, 1)])
    assert long_run_deviations(returns, 4.0) == pytest.approx(np.sqrt(60) * means.std(axis=0), rel=0.03)
    assert long_run_deviations(returns, 1.0) == pytest.approx(returns.std(axis=0), rel=1e-12)


def test_clear_losers_do_not_hide_a_good_one_from_the_consistent_p():
    good = study(5, 365, 1, (0.0011,))
    alone = superior_predictive_ability(good)
    crowded = superior_predictive_ability(np.column_stack((good, 5 * study(6, 365, 60, (-0.004,) * 60))))
    assert alone.consistent <= 0.05
    assert crowded.consistent == pytest.approx(alone.consistent, abs=0.02)
    assert crowded.upper > crowded.consistent + 0.05


def test_the_same_seed_draws_the_same_and_another_does_not():
    returns = study(2, 100, 5)
    first, again, other = (superior_predictive_ability(returns, seed=seed) for seed in (3, 3, 4))
    assert first == again != other


def test_luck_is_told_as_such_as_often_as_it_says():
    """Of 200 studies of noise about 1 in 20 has a p-value of at most 0.05, and half have one below 0.5."""
    studies = [study(seed, 150, 10) for seed in range(200)]
    for found in (
        np.array([superior_predictive_ability(each, resamples=200).consistent for each in studies]),
        np.array([reality_check(each, resamples=200).p_value for each in studies]),
    ):
        assert 0.01 <= (found <= 0.05).mean() < 0.1
        assert 0.38 < (found <= 0.5).mean() < 0.62


def test_one_configuration_is_a_plain_test_of_its_mean():
    found = superior_predictive_ability(study(1, 200, 1, (0.005,)))
    assert found.consistent == found.upper <= 0.01
    assert reality_check(study(1, 200, 1, (0.005,))).p_value <= 0.01


def test_who_earns_nothing_is_no_better_than_nothing():
    idle = np.zeros((50, 3))
    assert superior_predictive_ability(idle).consistent == 1.0
    assert reality_check(idle).p_value == 1.0
    losing = superior_predictive_ability(study(1, 100, 4, (-0.01,) * 4))
    assert (losing.statistic, losing.consistent) == (0.0, 1.0)
    beside = np.column_stack((study(1, 200, 1, (0.005,)), np.zeros(200)))
    assert superior_predictive_ability(beside).consistent <= 0.01


def test_many_columns_and_paths_are_taken_in_parts(monkeypatch):
    returns = study(2, 60, 9)
    spa, check = superior_predictive_ability(returns), reality_check(returns)
    monkeypatch.setattr("engine.selection.block_length._AT_ONCE", 500)
    parts = superior_predictive_ability(returns)
    assert (parts.lower, parts.consistent, parts.upper) == (spa.lower, spa.consistent, spa.upper)
    assert reality_check(returns).p_value == check.p_value


@pytest.mark.parametrize("test", [reality_check, superior_predictive_ability])
@pytest.mark.parametrize(
    ("returns", "said"),
    [
        (study(1, 9, 2), "9 observation.s. are too few, it takes 10"),
        (study(1, 40, 200), "transposed"),
        (np.column_stack((study(1, 40, 2), np.full(40, 0.01))), "configuration 2 earns the same"),
        (np.where(study(1, 40, 2) > 0.03, np.nan, 0.01), "nan"),
    ],
)
def test_what_cannot_be_tested_is_refused(test, returns, said):
    with pytest.raises(DataError, match=said):
        test(returns)


@pytest.mark.parametrize("test", [reality_check, superior_predictive_ability])
@pytest.mark.parametrize(
    "options", [{"resamples": 99}, {"mean_block": 0.5}, {"mean_block": 21}, {"mean_block": np.inf}]
)
def test_what_draws_nothing_is_refused(test, options):
    with pytest.raises(ConfigurationError, match=r"resamples tell nothing|blocks of"):
        test(study(1, 40, 2), **options)
