"""Speed of signals: two symbols, two pools, three flow signals on in-memory columns of 15-second rows.

Goals: 30 days under 0.15 s, 180 days under 0.3 s; 30 days of a whole run, hourly schedule beside the pools and the
regime read at every trigger, under 1.0 s. Each round gets fresh histories, so that nothing worked out by the round
before is there. The incremental detector is shown by check point.
"""

from __future__ import annotations

import time
import tracemalloc

import pytest

from adapters import synthetic_flow_history, synthetic_klines
from engine import (
    BacktestConfig,
    FlowHistory,
    IncrementalDetector,
    KlineColumns,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    parse_condition,
)
from engine.signals import detect
from processes import PoolSource, ProgramBacktestEngine

START = 1_748_736_000_000
DAY = 86_400_000
SYMBOLS = ("BTC", "ETH")
CONDITIONS = (
    {"metric": "cvd", "operator": "abs_greater_than", "threshold": 2_500_000, "time_window": "5m"},
    {"metric": "oi_delta", "operator": ">", "threshold": 0.12, "time_window": "5m"},
    {
        "metric": "taker_volume",
        "direction": "any",
        "ratio_threshold": 1.8,
        "volume_threshold": 1e6,
        "time_window": "5m",
    },
)
SIGNALS = tuple(SignalDefinition(i, f"signal {i}", parse_condition(c)) for i, c in enumerate(CONDITIONS, 1))
POOLS = (SignalPool(1, "any", SIGNALS), SignalPool(2, "both", SIGNALS[::2], logic="AND"))

Rows = dict[str, tuple[KlineColumns, FlowHistory]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    made = {symbol: synthetic_klines(symbol, START, 180 * 1440, 7) for symbol in SYMBOLS}
    return {symbol: (klines, synthetic_flow_history(symbol, klines, 7)) for symbol, klines in made.items()}


def fresh(rows: Rows, days: int) -> MarketHistory:
    """Histories on the same columns that have worked nothing out yet."""
    histories = []
    for symbol, (klines, flow) in rows.items():
        count = days * 5760
        parts = [type(part)(*(getattr(part, name)[:count] for name in part.__dataclass_fields__)) for part in (
            flow.trades, flow.book, flow.mark_price.rows, flow.open_interest.rows, flow.funding_rate.rows,
        )]  # fmt: skip
        histories.append(SymbolHistory(symbol, klines.slice(0, days * 1440), flow=FlowHistory(*parts)))
    return MarketHistory(histories)


def all_triggers(market: MarketHistory, days: int) -> int:
    return sum(
        len(detect(pool, market.symbols[symbol], START, START + days * DAY).triggers)
        for symbol in SYMBOLS
        for pool in POOLS
    )


@pytest.mark.parametrize(("days", "goal"), [(30, 0.15), (180, 0.3)])
def test_pools_of_flow_signals(benchmark, rows: Rows, days: int, goal: float) -> None:
    found = benchmark.pedantic(all_triggers, setup=lambda: ((fresh(rows, days), days), {}), rounds=5)
    print(f"\n{days} days, 2 symbols, 2 pools: {benchmark.stats['median']:.3f} s (goal {goal} s), {found:,} triggers")


def test_memory_is_a_small_multiple_of_the_columns(rows: Rows) -> None:
    market = fresh(rows, 180)
    columns = sum(each.nbytes for _, flow in rows.values() for each in (
        *(getattr(flow.trades, name) for name in flow.trades.__dataclass_fields__),
        *(getattr(flow.book, name) for name in flow.book.__dataclass_fields__),
    ))  # fmt: skip
    tracemalloc.start()
    all_triggers(market, 180)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"\n180 days: columns {columns / 1e6:.0f} MB, more while detecting {peak / 1e6:.0f} MB")


class ReadsRegime:
    def should_trade(self, data):
        if data.trigger_type == "signal":
            self.last = data.trigger_market_regime.regime


def test_a_run_of_pools_and_schedule(benchmark, rows: Rows) -> None:
    config = BacktestConfig(
        strategy=ReadsRegime, symbols=SYMBOLS, start_time=START, end_time=START + 30 * DAY, scheduled_interval="1h",
    )  # fmt: skip

    def run(market: MarketHistory) -> int:
        return ProgramBacktestEngine(market, [PoolSource(pool) for pool in POOLS]).run(config).total_triggers

    found = benchmark.pedantic(run, setup=lambda: ((fresh(rows, 30),), {}), rounds=3)
    print(f"\na run of 30 days, regime at every signal: {benchmark.stats['median']:.3f} s, {found:,} triggers")


def test_a_running_market(rows: Rows) -> None:
    trades, interest = rows["BTC"][1].trades, rows["BTC"][1].open_interest.rows
    names = ("timestamp_ms", "buy_notional", "sell_notional", "high", "low")
    columns = [column[: 5 * 5760].tolist() for column in (*(getattr(trades, name) for name in names), interest.value)]
    detector, fired = IncrementalDetector(POOLS[0], "BTC"), 0
    began = time.perf_counter()
    for at, buy, sell, high, low, coins in zip(*columns, strict=True):
        detector.add_trade_row(at, buy, sell, high, low)
        detector.add_value("open_interest", at, coins)
        fired += detector.check(at) is not None
    took = (time.perf_counter() - began) / len(columns[0]) * 1e6
    whole = detect(POOLS[0], fresh(rows, 5).symbols["BTC"], START, columns[0][-1])
    assert fired == len(whole.triggers)
    print(f"\nrow by row, three signals: {took:.1f} microseconds a check point, {fired:,} triggers")
