"""Prices that walk on from the last known one, and amounts and values of the shape of the recorded ones."""

from __future__ import annotations

import numpy as np
import pytest

from adapters import synthetic_klines
from engine import KlineColumns
from engine.resampling.noise_walk import NoiseWalk, in_steps, noise_amounts, noise_values

START, MINUTE = 1_704_067_200_000, 60_000
KLINES = synthetic_klines("BTC", START, 3 * 1440, seed=2)


def walk(after_ms, columns=KLINES, seed=1):
    return NoiseWalk(columns, after_ms, np.random.default_rng(seed))


@pytest.mark.parametrize("after", [START + 1440 * MINUTE, START + 1440 * MINUTE + 12_345])
def test_it_goes_on_from_the_last_known_price(after):
    made = walk(after)
    times = np.array([after - 1, after, after + 1, after + MINUTE, after + MINUTE + 1])
    prices = made.at(times)
    assert prices[0] == prices[1] == pytest.approx(KLINES.close[1439])
    assert prices[2] == prices[3] != prices[1]
    assert prices[4] != prices[3]


def test_before_all_klines_it_begins_with_the_first_open():
    assert walk(START - 1).at(np.array([START - 1]))[0] == pytest.approx(KLINES.open[0])


def test_its_steps_are_larger_than_recorded_ones_and_it_turns_back():
    after = START + 2 * 1440 * MINUTE
    made = walk(after)
    usual = np.diff(np.log(KLINES.close[880:2880])).std()
    assert 1.5 * usual <= made.move <= 3.0 * usual
    wild = KlineColumns(MINUTE, KLINES.open_ms, *[np.exp(np.random.default_rng(3).normal(0, 1, len(KLINES)))] * 5)
    prices = walk(after, wild).at(after + MINUTE * np.arange(1440))
    price = wild.close[2879]
    assert prices.max() <= 3.0001 * price
    assert prices.min() >= price / 3.0001
    steps = np.abs(np.diff(np.log(prices)))
    assert np.median(steps) > 0.3


def test_flat_prices_move_too():
    flat = KlineColumns(MINUTE, KLINES.open_ms, *[np.full(len(KLINES), 100.0)] * 5)
    assert len(np.unique(walk(START + MINUTE, flat).at(START + MINUTE * np.arange(2, 50)))) > 40


def test_values_come_in_steps_and_never_at_zero():
    assert in_steps(np.array([0.001, 1.26, 7.0]), 0.1).tolist() == [0.1, 1.3, 7.0]
    assert in_steps(np.array([0.001, 1.26]), 0.0).tolist() == [0.001, 1.26]
    assert in_steps(np.array([0.2, 12.7]), 1.0).tolist() == [1.0, 13.0]


def test_amounts_are_above_zero_in_steps_and_missing_where_they_were():
    recorded = np.array([1.5, 0.0, np.nan, 2.5, np.nan, 0.0, 4.0])
    drawn = noise_amounts(recorded, 3, np.random.default_rng(1))
    assert np.isnan(drawn).tolist() == [False, True, False, False]
    there = drawn[~np.isnan(drawn)]
    assert (there > 0.0).all()
    np.testing.assert_allclose(there * 10, np.round(there * 10))
    assert noise_amounts(np.zeros(5), 2, np.random.default_rng(1)).tolist() == [0.0] * 3


def test_values_are_drawn_from_recorded_ones():
    classes = np.array([-1.0, 0.0, 1.0] * 200)
    drawn = noise_values(classes, 300, np.random.default_rng(1))
    assert set(drawn.tolist()) == {-1.0, 0.0, 1.0}
    assert (drawn != classes[300:]).mean() > 0.5
    many = np.random.default_rng(2).standard_normal(600)
    drawn = noise_values(many, 300, np.random.default_rng(1))
    assert not set(drawn.tolist()) & set(many.tolist())
    assert 0.7 < drawn.std() / many.std() < 1.4
