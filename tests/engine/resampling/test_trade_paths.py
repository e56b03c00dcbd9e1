"""Trades in another order and drawn anew, against loops that go from trade to trade."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.resampling import TradePaths, place_among, reordered_trades, resampled_trades, trade_path

BALANCE = 1000.0


def by_hand(pnl: list[float], balance: float = BALANCE) -> tuple[float, float, float, bool]:
    """Return final equity, deepest fall in USD and in percent, and ruin of one path."""
    equity = peak = balance
    deepest = percent = 0.0
    for each in pnl:
        equity += each
        peak = max(peak, equity)
        deepest, percent = max(deepest, peak - equity), max(percent, 100.0 * (peak - equity) / peak)
        if equity <= 0.0:
            return equity, deepest, percent, True
    return equity, deepest, percent, False


def rows(paths: TradePaths) -> list[tuple[float, float, float, bool]]:
    return [*zip(*(column.tolist() for column in paths), strict=True)]


def generator(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    "pnl",
    [
        [10.0, -20.0, 30.0],
        [-20.0, 10.0],
        [5.0],
        [-1000.0, 500.0],
        [400.0, -1500.0, 2000.0, -10.0],
        [-400.0, -600.0, 3000.0],
        [0.0, 0.0],
    ],
)
def test_a_path_goes_from_trade_to_trade(pnl: list[float]) -> None:
    assert rows(trade_path(pnl, BALANCE)) == [pytest.approx(by_hand(pnl))]


def test_every_order_comes_as_often_as_any_other() -> None:
    pnl = [100.0, -700.0, 350.0, -20.0]
    orders = {tuple(np.round(by_hand(list(each)), 6)) for each in itertools.permutations(pnl)}
    paths = reordered_trades(pnl, BALANCE, 48_000, generator())
    found: dict[tuple[float, ...], int] = {}
    for row in rows(paths):
        key = tuple(np.round(row, 6))
        found[key] = found.get(key, 0) + 1
    assert found.keys() == orders
    expected: dict[tuple[float, ...], int] = {}
    for each in itertools.permutations(pnl):
        key = tuple(np.round(by_hand(list(each)), 6))
        expected[key] = expected.get(key, 0) + 2_000
    assert all(abs(count - expected[key]) < 6 * expected[key] ** 0.5 for key, count in found.items())


def test_another_order_ends_with_the_same_money() -> None:
    pnl = np.random.default_rng(1).normal(1, 5, 300)
    paths = reordered_trades(pnl, BALANCE, 500, generator())
    np.testing.assert_allclose(paths.final_equity, BALANCE + pnl.sum())
    assert not paths.ruined.any()
    assert len(np.unique(np.round(paths.max_drawdown, 9))) > 400


def test_every_trade_is_as_likely_as_any_other_at_each_place() -> None:
    pnl = np.array([1.0, -2.0, 7.0])
    paths = resampled_trades(pnl, BALANCE, 60_000, generator())
    sums: dict[float, int] = {}
    for each in itertools.product(pnl.tolist(), repeat=3):
        sums[BALANCE + sum(each)] = sums.get(BALANCE + sum(each), 0) + 1
    values, counts = np.unique(paths.final_equity, return_counts=True)
    assert sorted(sums) == values.tolist()
    assert all(
        abs(count - sums[value] * 60_000 / 27) < 6 * (sums[value] * 60_000 / 27) ** 0.5
        for value, count in zip(values.tolist(), counts.tolist(), strict=True)
    )


def test_a_ruined_account_trades_no_more() -> None:
    paths = resampled_trades([-600.0, 100.0], BALANCE, 4000, generator())
    assert paths.ruined.mean() == pytest.approx(0.25, abs=0.03)
    assert (paths.final_equity[paths.ruined] == BALANCE - 1200.0).all()
    assert (paths.max_drawdown_percent[paths.ruined] >= 100.0).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-500, 500), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_figures_of_drawn_paths_are_those_of_their_trades(pnl: list[float], seed: int) -> None:
    count = 40
    orders = np.random.default_rng(seed).permuted(np.broadcast_to(pnl, (count, len(pnl))), axis=1)
    expected = [by_hand(order) for order in orders.tolist()]
    found = rows(reordered_trades(pnl, BALANCE, count, generator(seed)))
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


def test_many_paths_are_worked_on_in_parts_and_are_the_same() -> None:
    pnl = np.random.default_rng(2).normal(0, 5, 20_000)
    paths = reordered_trades(pnl, 1e6, 5, generator())
    assert [len(column) for column in paths] == [5] * 4
    order = np.random.default_rng(5).permutation(pnl)
    assert paths.max_drawdown[0] != pytest.approx(by_hand(pnl.tolist(), 1e6)[1])
    assert len(set(paths.max_drawdown.tolist())) == 5
    assert by_hand(order.tolist(), 1e6)[0] == pytest.approx(paths.final_equity[0])


def test_the_same_seed_draws_the_same_paths() -> None:
    pnl = np.random.default_rng(2).normal(0, 5, 50)
    for draw in (reordered_trades, resampled_trades):
        one, same, other = (draw(pnl, BALANCE, 100, generator(seed)) for seed in (1, 1, 2))
        assert [column.tobytes() for column in one] == [column.tobytes() for column in same]
        assert one.max_drawdown.tobytes() != other.max_drawdown.tobytes()


def test_what_was_given_is_not_written_over() -> None:
    pnl = np.array([5.0, -10.0, 20.0])
    trade_path(pnl, BALANCE)
    reordered_trades(pnl, BALANCE, 10, generator())
    assert pnl.tolist() == [5.0, -10.0, 20.0]


@pytest.mark.parametrize(
    ("values", "value", "expected"),
    [
        ([1.0, 2.0, 3.0, 4.0], 2.5, 50.0),
        ([1.0, 2.0, 3.0, 4.0], 0.0, 0.0),
        ([1.0, 2.0, 3.0, 4.0], 9.0, 100.0),
        ([1.0, 2.0, 3.0, 4.0], 2.0, 37.5),
        ([7.0, 7.0, 7.0], 7.0 * (1 + 1e-13), 50.0),
        ([0.0, 0.0], 0.0, 50.0),
    ],
)
def test_the_place_among_others(values: list[float], value: float, expected: float) -> None:
    column: npt.NDArray[np.float64] = np.array(values)
    assert place_among(column, value) == expected


@pytest.mark.parametrize(
    ("pnl", "balance", "paths", "text"),
    [
        ([], 1000.0, 10, "no closed trades"),
        ([1.0], 0.0, 10, "balance is 0 USD"),
        ([1.0], np.inf, 10, "balance is inf USD"),
        ([1.0], 1000.0, 0, "0 paths are none: give at least 1"),
        ([np.nan], 1000.0, 5, "not finite"),
    ],
)
def test_what_cannot_be_drawn_is_refused(pnl: list[float], balance: float, paths: int, text: str) -> None:
    for draw in (reordered_trades, resampled_trades):
        with pytest.raises(ConfigurationError, match=text):
            draw(pnl, balance, paths, generator())
