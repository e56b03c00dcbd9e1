"""A market that is made while the simulation runs: one SimPy process trades, another watches a pool row by row."""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

from simpy import Environment, Event

from engine import IncrementalDetector, Kline
from engine.signals import detect
from tests.oracles.signal_oracle import SlowMarket
from tests.support.signal_markets import START, history_of, pool_of

HOUR = 3_600_000
PRESSURE = {"metric": "taker_volume", "direction": "any", "ratio_threshold": 2.0, "time_window": "1m"}
FAR_FROM_HOME = {"metric": "indicator:RSI14", "operator": ">", "threshold": 55, "time_window": "1m"}


def market_maker(env: Environment, detector: IncrementalDetector, mood: dict[str, float], told: SlowMarket) -> Any:
    """Every 15 seconds: trades that follow the mood, and each minute a kline of them."""
    rng = random.Random(4)
    price, prices = 100.0, [100.0]
    while True:
        yield env.timeout(15_000)
        price += 0.05 * mood["lean"] + rng.gauss(0, 0.02)
        prices.append(price)
        buy, sell = rng.random() * (1 + mood["lean"]), rng.random() * (1 - mood["lean"])
        row = (env.now, buy, sell, max(prices[-2:]), min(prices[-2:]))
        detector.add_trade_row(*row)
        told.trades.append(row)
        if env.now % 60_000 == 0:
            kline = (prices[0], max(prices), min(prices), price, buy + sell)
            detector.add_kline("1m", Kline((env.now - 60_000) // 1000, *kline))
            told.minutes.append((env.now - 60_000, *kline))
            prices = [price]


def watcher(
    env: Environment, detector: IncrementalDetector, mood: dict[str, float], fired: list[Any]
) -> Generator[Event, object, None]:
    """Check the pool at every grid point, after the rows of that instant; each trigger turns the mood round."""
    while True:
        yield env.timeout(15_000)
        trigger = detector.check(env.now)
        if trigger is not None:
            fired.append(trigger)
            mood["lean"] *= -1


def test_a_pool_that_acts_back_on_its_market_fires_as_on_the_recorded_rows() -> None:
    env = Environment(initial_time=START)
    pool = pool_of([PRESSURE, FAR_FROM_HOME], "AND")
    detector, told, fired = IncrementalDetector(pool, "BTC"), SlowMarket(), []
    mood = {"lean": 0.3}
    env.process(market_maker(env, detector, mood, told))
    env.process(watcher(env, detector, mood, fired))
    env.run(until=START + 6 * HOUR + 1)
    assert len(fired) > 10
    again = detect(pool, history_of(told), START + 15_000, START + 6 * HOUR).triggers
    assert [t.timestamp for t in fired] == [t.timestamp for t in again]
    assert [[s["signal_id"] for s in t.triggered_signals] for t in fired] == [[0, 1]] * len(fired)
