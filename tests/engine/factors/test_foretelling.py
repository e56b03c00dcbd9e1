"""How well factors foretell, beside scipy's and pandas' own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from engine.factors import (
    coefficient_ratio,
    equal_signs,
    forward_returns,
    half_life_hours,
    information_coefficient,
    turnover,
    windowed_coefficients,
)


def drawn(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    values = np.round(random.normal(size=rows), 1)  # with ties
    returns = 0.3 * values + random.normal(size=rows)
    values[random.random(rows) < 0.1] = np.nan
    returns[-20:] = np.nan
    return values, returns


@pytest.mark.parametrize("seed", range(5))
def test_the_coefficient_is_spearmans(seed: int) -> None:
    values, returns = drawn(seed)
    frame = pd.DataFrame({"values": values, "returns": returns}).dropna()
    expected = frame["values"].rank().corr(frame["returns"].rank())
    assert information_coefficient(values, returns) == pytest.approx(expected, abs=1e-12)
    assert expected > 0.1


def test_a_coefficient_needs_ten_pairs_and_some_movement() -> None:
    values, returns = np.arange(9.0), np.arange(9.0)
    assert information_coefficient(values, returns) is None
    assert information_coefficient(np.zeros(50), np.arange(50.0)) is None
    assert information_coefficient(np.arange(10.0), -np.arange(10.0)) == pytest.approx(-1.0)


def test_forward_returns_are_those_that_follow() -> None:
    close = np.array([10.0, 11.0, 22.0, 11.0])
    assert forward_returns(close, 1)[:3].tolist() == pytest.approx([0.1, 1.0, -0.5])
    assert np.isnan(forward_returns(close, 1)[3])
    assert np.isnan(forward_returns(close, 4)).all()


def test_windows_end_at_the_end_and_the_ratio_is_of_the_last_thirty() -> None:
    values, returns = drawn(1, 1_000)
    found = windowed_coefficients(values, returns, 100, 24)
    ends = sorted(range(1_000, 99, -24))
    assert found == [information_coefficient(values[end - 100 : end], returns[end - 100 : end]) for end in ends]
    last = np.array(found[-30:])
    assert coefficient_ratio(found) == pytest.approx(last.mean() / np.sqrt(((last - last.mean()) ** 2).mean()))
    assert coefficient_ratio(found[:2]) is None
    assert coefficient_ratio([0.5] * 9) is None


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({1: 0.4, 4: 0.4 / 2 ** (3 / 6), 12: -0.4 / 2 ** (11 / 6), 24: 0.4 / 2 ** (23 / 6)}, 6),
        ({1: 0.1, 4: 0.05, 24: 0.1}, -1),
        ({1: 0.1, 4: 0.05}, None),
        ({1: 0.1, 4: 0.0, 24: 0.05}, None),
        ({1: 0.1, 4: 0.0999999, 24: 0.0999998}, -1),
        ({1: 0.5, 4: 1e-3, 24: 1e-9}, 1),
    ],
)
def test_a_half_life_is_that_of_the_fitted_decay(sizes: dict[int, float], expected: int | None) -> None:
    assert half_life_hours(sizes) == expected


def test_signs_and_turnover() -> None:
    assert equal_signs(np.array([1.0, -1.0, 0.0, np.nan, 2.0]), np.array([3.0, 1.0, 1.0, 1.0, 1.0])) == 2 / 3
    assert equal_signs(np.zeros(3), np.ones(3)) is None
    assert turnover(np.zeros(50)) == 0.0
    assert turnover(np.random.default_rng(2).random(20_000)) == pytest.approx(1 / 3, abs=0.01)
    assert turnover(np.arange(5.0)) is None
