"""Speed of a run alone, with the market in memory, against the goals: the programs stand in `programs`.

Each round gets a fresh market history, so that nothing worked out by the round before is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import process_time  # by its name: while a program runs, the clocks of `time` are simulated
from typing import Any

import pytest

from adapters import synthetic_klines
from engine import BacktestConfig, BacktestResult, IndicatorCondition, KlineColumns, MarketHistory, Simulation
from processes import ProgramBacktestEngine, make_executor, start_standard_processes
from tests.laws.test_costs import MINUTE, Holds, Orders, Trades, simulation
from tests.oracles.trade_oracle import Bars, Settings, run_oracle

from .conftest import AddRow
from .measuring import TIMES, Cost, cpu_s, in_turns, timeouts, times_row
from .programs import (
    END,
    HIGH,
    LOW,
    MINUTES,
    START,
    SYMBOLS,
    AlwaysReadsRsi,
    CrossingsOnThree,
    ReversionOnRsi,
    bracket_order,
    rsi_signals,
)

TITLE = "Runs (x SimPy: of 100,000 timeouts of SimPy, which are measured in turns with them)"
ROUNDS = 7

#: Each run: its program, symbols, how often it is called (None: by signals), rounds, and the goal in ms.
RUNS: dict[str, tuple[type, Sequence[str], str | None, int, float | None]] = {
    "W1, hourly decisions": (ReversionOnRsi, SYMBOLS[:1], "1h", ROUNDS, 58.0),
    "hold, hourly": (Holds, SYMBOLS[:1], "1h", ROUNDS, 16.0),
    "W1b, three symbols": (CrossingsOnThree, SYMBOLS, "1h", ROUNDS, 220.0),
    "W1c, woken by signals": (ReversionOnRsi, SYMBOLS[:1], None, ROUNDS, 40.0),
    "hold, every minute": (Holds, SYMBOLS[:1], "1m", 3, 1_900.0),
    "W1 that reads at every tick": (AlwaysReadsRsi, SYMBOLS[:1], "1h", ROUNDS, None),
    "W1, every minute": (ReversionOnRsi, SYMBOLS[:1], "1m", 1, None),
    "W1, once a day": (ReversionOnRsi, SYMBOLS[:1], "1d", ROUNDS, None),
}


@pytest.fixture(scope="module")
def klines() -> dict[str, KlineColumns]:
    return {symbol: synthetic_klines(symbol, START, MINUTES, 7) for symbol in SYMBOLS}


def year_of(strategy: type, symbols: Sequence[str], interval: str | None) -> BacktestConfig:
    return BacktestConfig(
        strategy=strategy, symbols=symbols, start_time=START, end_time=END, scheduled_interval=interval
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_run(name: str, klines: dict[str, KlineColumns], add_row: AddRow) -> None:
    strategy, symbols, interval, rounds, goal_ms = RUNS[name]
    config = year_of(strategy, symbols, interval)
    results: list[BacktestResult] = []

    def prepare() -> Callable[[], object]:
        results.clear()  # what a round has left is no part of the next one
        market = MarketHistory.from_klines({symbol: klines[symbol] for symbol in symbols})
        engine = ProgramBacktestEngine(market, [] if interval else rsi_signals())
        return lambda: results.append(engine.run(config))

    cost = in_turns({name: prepare}, rounds)[name]
    (result,) = results
    assert result.success
    what = f"{name} ({result.total_triggers:,} triggers, {result.total_trades:,} trades)"
    add_row(TITLE, TIMES, times_row(what, cost, result.total_triggers, goal_ms))


def test_what_comes_after_the_run(klines: dict[str, KlineColumns], add_row: AddRow) -> None:
    """The equity curve, statistics and coverage of W1: `Simulation.result` alone."""
    config = year_of(ReversionOnRsi, SYMBOLS[:1], "1h")

    def prepare() -> Callable[[], object]:
        sim = Simulation(MarketHistory.from_klines({"BTC": klines["BTC"]}), config)
        start_standard_processes(sim, make_executor(config))
        sim.start()
        sim.env.run(until=sim.done)
        return sim.result

    add_row(TITLE, TIMES, times_row("after the run of W1", in_turns({"": prepare}, ROUNDS)[""], 0, 7.0))


def test_a_round_trip(add_row: AddRow) -> None:
    """What a trade adds to the triggers: the slope between few and many of them."""
    few, many = 100, 700
    traded = {}

    def run_of(strategy: type, triggers: int) -> Callable[[], Callable[[], object]]:
        def prepare() -> Callable[[], object]:
            sim = simulation(strategy, triggers)
            if strategy is Trades:
                traded[triggers] = sim.account.trades
            return sim.run

        return prepare

    runs = {
        f"{strategy.__name__} {triggers}": (strategy, triggers)
        for strategy in (Trades, Holds)
        for triggers in (few, many)
    }
    costs = in_turns({name: run_of(*run) for name, run in runs.items()}, 3 * ROUNDS)
    before, trades, nothing, holds = costs.values()
    count = len(traded[many]) - len(traded[few])
    assert count > 400
    added = (trades - before - (holds - nothing)) * (1_000 / count)
    add_row(TITLE, TIMES, times_row("1,000 round-trip trades: added", added, 1_000, 50.0))


class TimedOrders(Orders):
    """Notes the CPU time of the first trigger after the orders were left, and of the last one; trades or holds then."""

    began_s = 0.0
    triggers = 0

    def __init__(self, count: int, trades: bool) -> None:
        super().__init__(count)
        self.trades = trades

    def should_trade(self, data: Any) -> Any:
        if not self.left:
            self.now_s = process_time()
            self.began_s = self.began_s or self.now_s
            self.triggers += 1
        return super().should_trade(data) if self.left or self.trades else None


@pytest.mark.parametrize("trades", [False, True], ids=["holds", "trades"])
def test_pending_orders(trades: bool, add_row: AddRow) -> None:
    """What a thousand pending orders add to the triggers after them."""
    triggers = 8_000
    seconds: dict[int, list[float]] = {1_000: [], 20: []}
    for _ in range(ROUNDS):
        for count, rounds in seconds.items():
            strategy = TimedOrders(count, trades)
            cpu_s(simulation(strategy, count + triggers, MINUTE).run)
            assert strategy.triggers == triggers
            rounds.append((strategy.now_s - strategy.began_s) * 1_000 / (triggers - 1))
    simpy_s = min(cpu_s(timeouts) for _ in range(ROUNDS))
    many, few = (Cost.of(rounds, simpy_s) for rounds in seconds.values())
    what = "that trade another symbol" if trades else "that hold"
    name = f"1,000 pending orders: added to 1,000 triggers {what}"
    add_row(TITLE, TIMES, times_row(name, many - few, 1_000, 2.0))


def test_w1_as_a_brute_force_loop_over_every_kline(klines: dict[str, KlineColumns], add_row: AddRow) -> None:
    """The oracle of the tests on the same market; its strategy gets the same RSI from a table."""
    market = MarketHistory.from_klines({"BTC": klines["BTC"]})
    history = market.symbols["BTC"]
    table = IndicatorCondition("indicator:RSI14", "<", LOW, "1h")
    series = history.series("1h")
    assert series is not None
    values = history.indicator(series, table.indicator).values["value"]
    rsi_at = dict(zip((series.columns.open_ms + series.period_ms).tolist(), values.tolist(), strict=True))
    columns = klines["BTC"]
    bars = Bars(*(getattr(columns, name).tolist() for name in ("open_ms", "open", "high", "low", "close")))

    def decide(now: int, view: Any) -> dict[str, Any] | None:
        rsi = rsi_at[now]
        if view.positions or LOW <= rsi <= HIGH:
            return None
        return bracket_order("BTC", "buy" if rsi < LOW else "sell", view.price("BTC")).to_dict()

    settings = Settings(symbols=["BTC"], start=START, end=END, interval_ms=3_600_000)
    found: list[Any] = []
    seconds = cpu_s(lambda: found.append(run_oracle({"BTC": bars}, settings, decide)))
    (expected,) = found
    config = replace(year_of(ReversionOnRsi, ["BTC"], "1h"), warm_up="trade")
    result = ProgramBacktestEngine(market).run(config)
    assert result.total_trades == len(expected.trades)
    cost = Cost.of([seconds], cpu_s(timeouts))
    add_row(TITLE, TIMES, times_row("W1 as a loop over every kline (the oracle of the tests)", cost))
