"""The probability of overfitting beside a CSCV written out by hand, that of holdout, and what it must be."""

from itertools import combinations
from math import log

import numpy as np
import pytest

from engine import ConfigurationError, DataError
from engine.selection import overfitting_probability
from tests.support.selection_cases import CASES, study


def ratio(values):
    """The Sharpe ratio of a list, 0 without a spread."""
    mean = sum(values) / len(values)
    spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return mean / spread**0.5 if spread > 0 else 0.0


def by_hand(returns, blocks):
    """CSCV step by step, as the paper tells it: the logit of each way to choose half of the blocks."""
    parts, logits = np.array_split(np.arange(len(returns)), blocks), []
    for chosen in combinations(range(blocks), blocks // 2):
        inside = [row for block in chosen for row in parts[block]]
        outside = [row for block in range(blocks) if block not in chosen for row in parts[block]]
        trained = [ratio([float(returns[row, column]) for row in inside]) for column in range(returns.shape[1])]
        tested = [ratio([float(returns[row, column]) for row in outside]) for column in range(returns.shape[1])]
        best = tested[trained.index(max(trained))]
        share = (sum(other < best for other in tested) + (tested.count(best) + 1) / 2) / (len(tested) + 1)
        logits.append(log(share / (1 - share)))
    return logits


@pytest.mark.parametrize(
    ("seed", "days", "trials", "blocks"), [(1, 48, 5, 6), (2, 50, 4, 8), (3, 23, 3, 4), (4, 9, 7, 2)]
)
def test_every_logit_is_that_of_a_cscv_by_hand(seed, days, trials, blocks):
    returns = study(seed, days, trials, (0.004,))
    found, expected = overfitting_probability(returns, blocks), by_hand(returns, blocks)
    assert found.logits.tolist() == pytest.approx(expected, abs=1e-12)
    assert found.probability == sum(logit <= 0 for logit in expected) / len(expected)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_figures_are_those_of_holdout(case):
    found = overfitting_probability(study(*case.made), 10)
    assert found.probability == pytest.approx(case.overfitting, abs=1e-12)
    assert found.loss_probability == pytest.approx(case.loss, abs=1e-12)
    assert found.logits.sum() == pytest.approx(case.logits, abs=1e-8)


def test_noise_is_overfitted_half_of_the_time_and_an_edge_never():
    noise = [overfitting_probability(study(seed, 240, 20), 8).probability for seed in range(40)]
    assert 0.4 < float(np.mean(noise)) < 0.65
    edge = overfitting_probability(study(1, 240, 20, (0.02,)), 8)
    assert (edge.probability, edge.loss_probability, set(edge.chosen.tolist())) == (0.0, 0.0, {0})


def test_what_wins_in_one_half_by_losing_in_the_other_is_always_overfitted():
    first = np.concatenate((np.full(20, 0.01), np.full(20, -0.01))) + study(1, 40, 1)[:, 0] / 100
    assert overfitting_probability(np.column_stack((first, -first)), 2).probability == 1.0


def test_trials_that_did_nothing_earn_nothing_and_share_a_rank():
    returns = study(3, 40, 4)
    returns[:20, 0] = 0.0  # no trade in two of four blocks
    idle = np.column_stack((returns, np.zeros((40, 3))))
    assert overfitting_probability(idle, 4).logits.tolist() == pytest.approx(by_hand(idle, 4), abs=1e-12)
    same = overfitting_probability(np.repeat(returns[:, 1:2], 5, axis=1), 4)
    assert same.logits.tolist() == [0.0] * 6  # the middle of all


def test_many_trials_are_taken_in_parts(monkeypatch):
    returns = study(6, 96, 12)
    whole = overfitting_probability(returns, 8)
    monkeypatch.setattr("engine.selection.block_length._AT_ONCE", 100)
    parts = overfitting_probability(returns, 8)
    assert parts.logits.tolist() == whole.logits.tolist()
    assert parts.in_sample.tolist() == pytest.approx(whole.in_sample.tolist(), abs=1e-14)


def test_the_transposed_matrix_is_refused():
    with pytest.raises(DataError, match="transposed"):
        overfitting_probability(study(1, 250, 40).T)
    with pytest.raises(DataError, match="transposed"):
        overfitting_probability(study(1, 250, 40).T, configurations=40)


@pytest.mark.parametrize(
    ("returns", "blocks", "said"),
    [
        (study(1, 31, 4), 16, "31 observation.s. are too few, it takes 32"),
        (study(1, 64, 1), 16, "one configuration was chosen among none"),
        (np.column_stack((study(1, 64, 2), np.full(64, 0.01))), 16, "configuration 2 earns the same in each"),
        (
            np.where(np.arange(128).reshape(64, 2) == 77, np.nan, study(1, 64, 2)),
            16,
            "observation 38 of configuration 1",
        ),
    ],
)
def test_what_cannot_be_validated_is_refused(returns, blocks, said):
    with pytest.raises(DataError, match=said):
        overfitting_probability(returns, blocks)


@pytest.mark.parametrize("blocks", [0, -2, 7, 22])
def test_blocks_that_cannot_be_halved_are_refused(blocks):
    with pytest.raises(ConfigurationError, match=f"{blocks} blocks.*even number, 2 to 20"):
        overfitting_probability(study(1, 64, 2), blocks)
