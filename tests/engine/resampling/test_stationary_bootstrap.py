"""The stationary bootstrap: geometric blocks that begin anywhere and run round the end."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from engine.errors import ConfigurationError
from engine.resampling import stationary_bootstrap_indices


def drawn(observations: int, mean_block: float, seed: int = 7) -> npt.NDArray[np.int64]:
    return stationary_bootstrap_indices(observations, mean_block, np.random.default_rng(seed))


def breaks(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return where a row does not follow the one before."""
    return rows[1:] != (rows[:-1] + 1) % len(rows)


@pytest.mark.parametrize("mean_block", [1.0, 2.5, 20.0, 240.0])
def test_blocks_have_the_mean_length_that_was_asked_for(mean_block: float) -> None:
    count = 400_000
    rows = drawn(count, mean_block)
    assert rows.dtype == np.int64
    assert rows.min() >= 0
    assert rows.max() < count
    begins = 1 + int(breaks(rows).sum())
    deviation = math.sqrt(count * (1 / mean_block) * (1 - 1 / mean_block))
    assert abs(begins - count / mean_block) <= 5 * deviation + 5


def test_the_lengths_of_blocks_are_geometric() -> None:
    rows = drawn(400_000, 4.0)
    lengths = np.diff(np.flatnonzero(breaks(rows)))
    share = np.array([(lengths == length).mean() for length in range(1, 8)])
    expected = 0.25 * 0.75 ** np.arange(7)
    assert np.abs(share - expected).max() < 0.005


def test_every_row_is_as_likely_as_any_other() -> None:
    counts = np.zeros(10)
    generator = np.random.default_rng(3)
    for _ in range(20_000):
        counts += np.bincount(stationary_bootstrap_indices(10, 3.0, generator), minlength=10)
    assert np.abs(counts / counts.sum() - 0.1).max() < 0.002


def test_the_first_row_comes_after_the_last_one() -> None:
    rows = drawn(9, math.inf)
    assert sorted(rows.tolist()) == [*range(9)]
    assert not breaks(rows).any()
    assert len({int(drawn(9, math.inf, seed)[0]) for seed in range(40)}) > 5


def test_blocks_of_one_row_are_independent_draws() -> None:
    rows = drawn(200_000, 1.0)
    assert abs(float((~breaks(rows)).mean()) - 1 / 200_000) < 1e-4


def test_the_same_seed_draws_the_same_rows() -> None:
    assert drawn(1000, 10.0).tobytes() == drawn(1000, 10.0).tobytes()
    assert drawn(1000, 10.0).tobytes() != drawn(1000, 10.0, seed=8).tobytes()


def test_fewer_or_more_rows_can_be_drawn_than_there_are() -> None:
    for draws in (0, 1, 7, 5000):
        rows = stationary_bootstrap_indices(60, 10.0, np.random.default_rng(1), draws)
        assert len(rows) == draws
        assert set(rows.tolist()) <= {*range(60)}
    assert len(set(rows.tolist())) == 60


def test_one_row_is_drawn_again_and_again() -> None:
    assert drawn(1, 5.0).tolist() == [0]


@pytest.mark.parametrize(
    ("observations", "mean_block", "text"),
    [(0, 5.0, "nothing to draw"), (-1, 5.0, "nothing to draw"), (5, 0.99, "0.99 rows"), (5, math.nan, "nan rows")],
)
def test_what_cannot_be_drawn_is_refused(observations: int, mean_block: float, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        drawn(observations, mean_block)
