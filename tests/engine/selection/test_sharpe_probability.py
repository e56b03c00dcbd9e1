"""Probabilistic and deflated Sharpe ratios beside those of others, of the papers, and of a simulation."""

from math import sqrt

import numpy as np
import pytest

from engine import ConfigurationError, DataError
from engine.selection import (
    SharpeMoments,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
    sharpe_moments,
    sharpe_ratios,
)
from tests.support.selection_cases import CASES, best_of, study


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_figures_are_those_of_skfolio_and_holdout(case):
    returns = study(*case.made)
    assert best_of(returns) == case.best
    moments, variance = sharpe_moments(returns[:, case.best]), float(sharpe_ratios(returns).var(ddof=1))
    assert probabilistic_sharpe_ratio(moments) == pytest.approx(case.probabilistic, abs=1e-12)
    deflated = deflated_sharpe_ratio(moments, returns.shape[1], variance)
    assert deflated == pytest.approx(case.deflated, abs=1e-10)
    assert deflated == pytest.approx(case.holdout_deflated, abs=1e-10)
    assert minimum_track_record_length(moments) == pytest.approx(case.track_record, rel=1e-10)


def test_the_example_of_the_paper_comes_out():
    """Bailey and Lopez de Prado 2014: 1,250 days, annual Sharpe ratio 2.5, 100 trials with annual variance 0.5."""
    moments = SharpeMoments(2.5 / sqrt(250), 1250, -3.0, 10.0)
    assert expected_maximum_sharpe(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe_ratio(moments, 100, 0.5 / 250) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe_ratio(moments, 46, 0.5 / 250) == pytest.approx(0.9505, abs=5e-4)


def test_the_expected_maximum_is_that_of_a_simulation():
    highest = 0.1 * np.random.default_rng(1).standard_normal((20_000, 50)).max(axis=1)
    assert expected_maximum_sharpe(50, 0.01) == pytest.approx(highest.mean(), rel=0.02)
    assert expected_maximum_sharpe(1, 0.01) == 0.0
    assert expected_maximum_sharpe(7, 0.0) == 0.0


def test_one_trial_is_deflated_by_nothing():
    moments = SharpeMoments(0.1, 400, -0.5, 5.0)
    assert deflated_sharpe_ratio(moments, 1, 0.0) == probabilistic_sharpe_ratio(moments)


def test_each_trial_more_costs():
    moments = SharpeMoments(0.15, 400)
    probabilities = [deflated_sharpe_ratio(moments, trials, 0.003) for trials in (1, 2, 3, 10, 100, 10_000)]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[0] > 0.99 > 0.2 > probabilities[-1]


@pytest.mark.parametrize(("hurdle", "confidence"), [(0.0, 0.95), (0.03, 0.99), (-0.1, 0.6)])
def test_the_track_record_is_just_long_enough(hurdle, confidence):
    moments = SharpeMoments(0.11, 50, 0.7, 6.0)
    length = minimum_track_record_length(moments, hurdle, confidence)
    shorter, longer = (
        probabilistic_sharpe_ratio(SharpeMoments(0.11, count, 0.7, 6.0), hurdle)
        for count in (int(length), int(length) + 1)
    )
    assert shorter < confidence <= longer


def test_nothing_confirms_a_ratio_that_is_not_above_the_benchmark():
    for ratio in (0.05, 0.02, -0.3):
        with pytest.raises(DataError, match=r"is not above 0\.05.*nothing to confirm"):
            minimum_track_record_length(SharpeMoments(ratio, 100), 0.05)


def test_returns_without_an_error_are_refused():
    with pytest.raises(DataError, match="two values alone"):
        probabilistic_sharpe_ratio(SharpeMoments(1.0, 50, 2.0, 5.0))  # 1 - 2 + (5 - 1) / 4 = 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: expected_maximum_sharpe(0, 0.1),
        lambda: expected_maximum_sharpe(5, -0.1),
        lambda: expected_maximum_sharpe(5, float("nan")),
        lambda: probabilistic_sharpe_ratio(SharpeMoments(0.1, 50), float("inf")),
        lambda: minimum_track_record_length(SharpeMoments(0.1, 50), confidence=95.0),
        lambda: minimum_track_record_length(SharpeMoments(0.1, 50), confidence=0.5),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigurationError):
        wrong()
