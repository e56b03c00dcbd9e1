"""Statistics of closed trades: hand-made lists, and slow loops."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.result import FIGURES
from engine.result.closed_trades import (
    PARTS,
    expectancy_ratio,
    kelly_percent,
    longest_streaks,
    parts_by,
    payoff_ratio,
    system_quality,
    trade_figures,
    trade_statistics,
)
from engine.result.columns import BREAKDOWN
from tests.support.eventful_run import eventful_result
from tests.support.runs import buy, close, klines, market, run_script, sell


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize(
    ("pnl", "expected"),
    [
        ([], (0, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0)),
        ([0.0], (1, 0, 0, 0.0, None, 0.0, 0.0, 0.0, 0.0)),
        ([10.0, 30.0], (2, 2, 0, 100.0, None, 20.0, 0.0, 30.0, 0.0)),
        ([-10.0, -30.0], (2, 0, 2, 0.0, 0.0, 0.0, -20.0, 0.0, -30.0)),
        ([-10.0, 30.0, 0.0, 20.0], (4, 2, 1, 50.0, 5.0, 25.0, -10.0, 30.0, -10.0)),
    ],
)
def test_trade_statistics(pnl, expected):
    found = trade_statistics(pnl)
    assert found == trade_statistics(column(*pnl))
    assert tuple(found.values()) == expected
    assert set(found) <= set(FIGURES)


@pytest.mark.parametrize(
    ("pnl", "payoff", "quality"),
    [
        ([], None, None),
        ([10.0], None, None),
        ([10.0, 10.0], None, None),
        ([0.1, 0.3 - 0.2], None, None),  # equal but for rounding
        ([10.0, -10.0], 1.0, 0.0),
        ([-10.0, 30.0, 0.0, 20.0], 2.5, 2 * 10 / np.std([-10, 30, 0, 20], ddof=1)),
        ([-1.0, -3.0], None, 2**0.5 * -2 / 2**0.5),
    ],
)
def test_payoff_and_system_quality(pnl, payoff, quality):
    assert payoff_ratio(column(*pnl)) == pytest.approx(payoff)
    assert system_quality(column(*pnl)) == pytest.approx(quality)


@pytest.mark.parametrize(
    ("pnl", "kelly", "expected"),
    [
        ([], None, None),
        ([10.0], None, None),
        ([-10.0], None, -1.0),
        ([30.0, -10.0], 100 * (0.5 - 0.5 / 3), 1.0),
        ([10.0, -10.0, -10.0, 0.0], 100 * (0.25 - 0.75), -0.25),  # one of nothing is not won
    ],
)
def test_kelly_and_what_a_unit_of_loss_brings(pnl, kelly, expected):
    assert kelly_percent(column(*pnl)) == pytest.approx(kelly)
    assert expectancy_ratio(column(*pnl)) == pytest.approx(expected)
    if pnl and payoff_ratio(column(*pnl)) and 0.0 not in pnl:
        won = sum(each > 0 for each in pnl) / len(pnl)
        assert expectancy_ratio(column(*pnl)) == pytest.approx((1 + payoff_ratio(column(*pnl))) * won - 1)


@pytest.mark.parametrize(
    ("pnl", "longest"),
    [
        ([], (0, 0)),
        ([0.0, 0.0], (0, 0)),
        ([1.0, 2.0, -1.0, 3.0], (2, 1)),
        ([1.0, 0.0, 1.0, -1.0, -1.0, -0.0, -1.0], (1, 2)),  # exactly nothing ends a streak
    ],
)
def test_streaks(pnl, longest):
    assert longest_streaks(column(*pnl)) == longest


@given(st.lists(st.integers(-1, 1), max_size=40))
def test_streaks_are_those_of_a_slow_loop(signs):
    def longest(sign):
        ends = [-1, *(place for place, each in enumerate(signs) if each != sign), len(signs)]
        return max(end - start - 1 for start, end in pairwise(ends))

    assert longest_streaks(column(*signs)) == (longest(1), longest(-1))


def test_no_trades_have_no_averages():
    found = trade_figures([], 2.0)
    none = """expectancy expectancy_r expectancy_ratio sqn payoff_ratio kelly_percent avg_holding_ms longest_holding_ms
        avg_win_holding_ms avg_loss_holding_ms best_trade_percent worst_trade_percent avg_trade_percent avg_win_percent
        avg_loss_percent""".split()
    assert {found[name] for name in none} == {None}
    assert (found["gross_profit"], found["gross_loss"], found["trades_per_day"]) == (0.0, 0.0, 0.0)
    assert (found["breakdown"], found["r_count"]) == ([], 0)
    assert set(found) <= set(FIGURES)


def test_expectancy_in_r_counts_the_trades_with_a_stop():
    """Wins at a risk of 10 USD, loses at one of 10, and earns without a stop: half of 10,000 USD, a stop 0.2 % away."""
    decisions = {1: buy(stop_loss_price=99.8), 3: close(), 4: buy(stop_loss_price=99.8), 6: buy(), 8: close()}
    history = market(X=klines(100, 100, 100.4, 100, (100, 100, 99, 99), 100, 100, 100.6, 100.6))
    _, _, result = run_script(history, decisions, 9)
    first, second, third = result.trades
    assert (first.risk, first.r_multiple) == (pytest.approx(10.0), pytest.approx(first.pnl / 10.0))
    assert second.r_multiple == pytest.approx(-1.0)
    assert (third.risk, third.r_multiple) == (None, None)
    assert result.r_count == 2
    assert result.expectancy_r == pytest.approx((first.r_multiple + second.r_multiple) / 2)
    assert result.expectancy == pytest.approx((first.pnl + second.pnl + third.pnl) / 3)


@pytest.fixture(scope="module")
def result():
    return eventful_result()


def test_holding_times_run_from_the_first_fill_to_the_exit(result):
    held = [trade.exit_timestamp - trade.entry_timestamp for trade in result.trades]
    assert (result.avg_holding_ms, result.longest_holding_ms) == (round(np.mean(held)), max(held))


def test_percents_and_times_of_trades_are_those_of_their_records(result):
    trades = result.trades
    won, lost = [each for each in trades if each.pnl > 0], [each for each in trades if each.pnl < 0]
    percents = [each.pnl_percent for each in trades]
    assert (result.best_trade_percent, result.worst_trade_percent) == (max(percents), min(percents))
    assert result.avg_trade_percent == pytest.approx(np.mean(percents))
    for name, of in (("win", won), ("loss", lost)):
        assert getattr(result, f"avg_{name}_percent") == pytest.approx(np.mean([each.pnl_percent for each in of]))
        assert getattr(result, f"avg_{name}_holding_ms") == round(np.mean([each.holding_ms for each in of]))
    assert result.gross_profit == pytest.approx(sum(each.pnl for each in won))
    assert result.gross_loss == pytest.approx(sum(each.pnl for each in lost))
    assert result.profit_factor == pytest.approx(result.gross_profit / -result.gross_loss)
    assert result.trades_per_day == len(trades) / ((result.end_time - result.start_time) / 86_400_000)


def test_each_part_has_the_costs_and_times_of_its_trades(result):
    keys = {"symbol": lambda trade: trade.symbol, "side": lambda trade: trade.side}
    for word, key_of in keys.items():
        for row in parts_by(result.breakdown, word):
            trades = [each for each in result.trades if key_of(each) == row["part"]]
            assert row["fees"] == pytest.approx(sum(each.fee for each in trades))
            assert row["funding"] == pytest.approx(sum(each.funding for each in trades))
            assert row["avg_holding_ms"] == round(np.mean([each.holding_ms for each in trades]))
            assert row["avg_trade_percent"] == pytest.approx(np.mean([each.pnl_percent for each in trades]))
            assert (row["largest_win"], row["largest_loss"]) == (
                max(0.0, *(each.pnl for each in trades)),
                min(0.0, *(each.pnl for each in trades)),
            )
            assert row["losing_trades"] == sum(each.pnl < 0 for each in trades)


def test_parts_are_asked_for_by_the_words_that_exist(result):
    assert {row["by"] for word in PARTS for row in parts_by(result.breakdown, word)} == {*PARTS.values()}
    with pytest.raises(ValueError, match="'exit': by symbol, side, exit_reason, pool, month, weekday"):
        parts_by(result.breakdown, "exit")


def test_every_part_adds_up_to_all_trades(result):
    kinds = {row["by"] for row in result.breakdown}
    assert kinds == {"symbol", "side", "exit", "pool", "month", "weekday"}
    for kind in kinds:
        rows = [row for row in result.breakdown if row["by"] == kind]
        assert sum(row["total_trades"] for row in rows) == result.total_trades
        assert sum(row["winning_trades"] for row in rows) == result.winning_trades
        assert sum(row["pnl"] for row in rows) == pytest.approx(sum(trade.pnl for trade in result.trades))
        assert len({row["part"] for row in rows}) == len(rows)
    assert {column.key for column in BREAKDOWN} == set(result.breakdown[0])


def test_the_parts_of_a_hand_made_run():
    """2024-01-01 is a Monday; the position of the second day closes after midnight."""
    decisions = {1: buy(), 3: close(), 1_439: sell(), 1_441: close()}
    rows = [100.0] * 2 + [110.0] + [100.0] * 1_437 + [90.0] * 3
    _, _, result = run_script(market(X=klines(*rows)), decisions, 1_442)
    parts = {(row["by"], row["part"]): (row["total_trades"], row["pnl"]) for row in result.breakdown}
    up, down = (pytest.approx(trade.pnl) for trade in result.trades)
    assert result.trades[0].pnl == pytest.approx(500.0)
    assert parts["side", "long"] == (1, up)
    assert parts["side", "short"] == (1, down)
    assert parts["weekday", "Monday"] == (1, up)
    assert parts["weekday", "Tuesday"] == (1, down)
    assert parts["exit", "decision"] == parts["symbol", "X"] == parts["month", "2024-01"] == parts["pool", "scheduled"]
    weekdays = [row["part"] for row in result.breakdown if row["by"] == "weekday"]
    assert weekdays == ["Monday", "Tuesday"]
