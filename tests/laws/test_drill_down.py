"""Klines that touch two exits, decided on their 15-second rows: random worlds against a slow second opinion."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine import BacktestResult, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TradeRows
from tests.oracles.drill_oracle import ROW_MS, Bar, Entry, leave
from tests.support.runs import MINUTE, START, buy, run_script, sell

MINUTES = 40
Prints = list[tuple[int, float]]


def prints_of(world: random.Random) -> Prints:
    """Trades of a walk on a coarse grid of prices, so that triggers are met exactly; each of 1 coin."""
    price, found = 100.0, []
    for minute in range(MINUTES):
        for offset in sorted(world.sample(range(1, MINUTE), world.choice([1, 2, 4, 12, 30]))):
            price = min(max(price + world.choice([-1.0, -0.5, 0.0, 0.5, 1.0]), 80.0), 120.0)
            found.append((START + minute * MINUTE + offset, price))
    return found


def bars(prints: Prints, length: int) -> list[Bar]:
    found: dict[int, list[float]] = {}
    for time, price in prints:
        found.setdefault(-(-time // length) * length, []).append(price)
    return [Bar(end - length, end, max(each), min(each), len(each), each[0]) for end, each in found.items()]


def worsened(rows: list[Bar], world: random.Random) -> list[Bar]:
    """What happens to recorded rows: some are lost, some come from elsewhere, some are stamped beside the grid."""
    share = world.choice([0.0, 0.0, 0.1, 0.3])
    kept = []
    for row in rows:
        fate = world.random()
        if fate < share / 2:
            continue
        if fate < share * 0.75:
            row = row._replace(high=row.high + 3.0)
        elif fate < share:
            row = row._replace(start=row.start + 4_000, end=row.end + 4_000)
        kept.append(row)
    return kept


def market_of(klines: list[Bar], prints: Prints, rows: list[Bar]) -> MarketHistory:
    closes = {-(-time // MINUTE) * MINUTE: price for time, price in prints}
    columns = [[getattr(bar, name) for bar in klines] for name in ("start", "open", "high", "low")]
    base = KlineColumns(MINUTE, *columns, [closes[bar.end] for bar in klines], [bar.volume for bar in klines])
    half = np.array([row.volume / 2 for row in rows])
    middle = np.array([(row.high + row.low) / 2 for row in rows])
    sides = half, half, half * middle, half * middle
    times, high, low = (np.array([getattr(row, name) for row in rows]) for name in ("end", "high", "low"))
    flow = FlowHistory(trades=TradeRows(times, *sides, vwap=middle, high=high, low=low)) if rows else FlowHistory()
    return MarketHistory([SymbolHistory("X", base, flow=flow)])


def run(world: random.Random, number: int) -> tuple[BacktestResult, list[tuple[float, float, str]], set[str]]:
    prints = prints_of(world)
    klines, rows = bars(prints, MINUTE), worsened(bars(prints, ROW_MS), world)
    closes = {-(-time // MINUTE) * MINUTE: price for time, price in prints}
    at, sign = world.randrange(1, 8), world.choice([1, -1])
    price = closes[START + at * MINUTE]
    target = world.choice([None, price + sign * world.choice([1.0, 1.5, 2.0, 3.0])])
    loss = world.choice([None, price - sign * world.choice([1.0, 1.5, 2.0, 3.0])])
    trail = world.choice([None, None, 0.5, 1.0, 2.0, 2.5])
    rule, drill = world.choice(["pessimistic", "optimistic", "nearest_open"]), number % 4 > 0
    fields = {"take_profit_price": target, "stop_loss_price": loss, "trailing_stop_percent": trail}
    order = (buy if sign > 0 else sell)(**{name: value for name, value in fields.items() if value is not None})
    history = market_of(klines, prints, rows)
    _, _, result = run_script(history, {at: order}, MINUTES, intrabar=rule, drill_down=drill)
    later = [bar for bar in klines if bar.start >= START + at * MINUTE]
    left = leave(Entry(sign, price, target, loss, trail), later, rows, rule, drill)
    if left is None:
        return result, [], set()
    return result, [(left.at, pytest.approx(left.price, rel=1e-12), left.why)], {left.how}


@pytest.mark.parametrize("seed", range(8))
def test_exits_are_those_of_the_second_opinion(seed: int) -> None:
    world, seen = random.Random(seed), set()
    for number in range(120):
        result, expected, how = run(world, number)
        stops = {"sl", "trailing"} if expected and expected[0][2] == "stop" else set()
        found = [
            (trade.exit_timestamp, trade.exit_price, "stop" if trade.exit_reason in stops else trade.exit_reason)
            for trade in result.trades
        ]
        assert found == expected, (seed, number)
        assert (result.ambiguous_klines, result.drilled_klines) == ("open" in how, "decided" in how), (seed, number)
        seen |= how
    assert seen == {"plain", "decided", "open"}


def test_rows_after_the_kline_change_nothing_before_it_is_over() -> None:
    world = random.Random(3)
    prints = prints_of(world)
    klines, rows = bars(prints, MINUTE), bars(prints, ROW_MS)
    order = buy(take_profit_price=101.0, stop_loss_price=99.0)
    for kline in klines[2:12]:
        later = [row if row.end <= kline.end else row._replace(high=row.high + 7.0, low=row.low - 7.0) for row in rows]
        ends = [
            run_script(market_of(klines, prints, each), {1: order, 2: order, 4: order}, MINUTES, drill_down=True)[2]
            for each in (rows, later)
        ]
        before = [[trade.to_dict() for trade in end.trades if trade.exit_timestamp <= kline.end] for end in ends]
        assert before[0] == before[1]
