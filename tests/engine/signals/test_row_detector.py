"""Pools judged row by row: the triggers of the whole, bounded memory, and a market that is still being made."""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simpy import Environment, Event

from engine import PERIOD_MS, ConfigurationError, DataError, IncrementalDetector, Kline
from engine.market import aggregate
from engine.signals import detect
from engine.signals.detection import check_times
from tests.oracles.signal_oracle import SlowMarket, kline_based
from tests.support.signal_markets import EVENTS, METRICS, START, history_of, pool_of, random_market
from tests.support.signal_triggers import assert_same_triggers, case, told

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


seeds = st.integers(0, 2**32)


def replay(market: SlowMarket, conditions: list[dict[str, Any]], detector: IncrementalDetector, instants: list[int]):
    """Feed a detector every row at its time and check it at the instants; the triggers."""
    base = history_of(market).base.columns
    periods = sorted({c.get("time_window", "5m") for c in conditions if kline_based(c)})
    series = {period: base if period == "1m" else aggregate(base, PERIOD_MS[period]) for period in periods}
    events: list[tuple[int, Any, tuple[Any, ...]]] = [(row[0], detector.add_trade_row, row) for row in market.trades]
    events += [(row[0], detector.add_book_row, row) for row in market.book]
    for name, rows in (
        ("open_interest", market.open_interest), ("funding_rate", market.funding), ("mark_price", market.mark),
    ):  # fmt: skip
        events += [(row[0], detector.add_value, (name, *row)) for row in rows]
    for period, columns in series.items():
        for i, opened in enumerate(columns.open_ms.tolist()):
            prices = (columns.open[i], columns.high[i], columns.low[i], columns.close[i], columns.volume[i])
            kline = Kline(opened // 1000, *map(float, prices))
            events.append((opened + columns.period_ms, detector.add_kline, (period, kline)))
    events.sort(key=lambda event: event[0])
    at, out = 0, []
    for instant in instants:
        while at < len(events) and events[at][0] <= instant:
            _, add, arguments = events[at]
            add(*(math.nan if each is None else each for each in arguments))
            at += 1
        out.append(detector.check(instant))
    return [trigger for trigger in out if trigger is not None]


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_row_by_row_gives_the_same_triggers(seed: int) -> None:
    market, conditions, logic, start, end = case(seed)
    pool, history = pool_of(conditions, logic), history_of(market)
    instants = check_times(pool, history, start, end).tolist()
    found = replay(market, conditions, IncrementalDetector(pool, "BTC"), instants)
    whole = detect(pool, history, start, end).triggers
    assert_same_triggers([(t.timestamp, told(t)) for t in found], [(t.timestamp, told(t)) for t in whole])
    for one, other in zip(found, whole, strict=True):
        assert [fact.keys() for fact in one.triggered_signals] == [fact.keys() for fact in other.triggered_signals]


def test_row_by_row_over_more_klines_than_a_window() -> None:
    market = random_market(5, hours=1, minutes_before=1_400)
    conditions = [{"metric": "indicator:RSI14", "operator": ">", "threshold": 60.0, "time_window": "1m"}]
    conditions += [{"metric": "macd", "event_types": EVENTS, "time_window": "1m"}]
    history = history_of(market)
    for condition in conditions:
        pool = pool_of([condition])
        start, end = START - 1_400 * 60_000, START + 3_600_000
        instants = [row[0] + 60_000 for row in market.minutes]
        found = replay(market, [condition], IncrementalDetector(pool, "BTC"), instants)
        whole = detect(pool, history, start, end).triggers
        assert whole
        assert_same_triggers([(t.timestamp, told(t)) for t in found], [(t.timestamp, told(t)) for t in whole])


def test_the_memory_of_the_incremental_detector_is_bounded() -> None:
    conditions = [{"metric": m, "operator": ">", "threshold": 0, "time_window": "1m"} for m in METRICS]
    conditions.append({"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"})
    detector = IncrementalDetector(pool_of(conditions), "BTC")
    for i in range(1, 5_000):
        time = START + i * 15_000
        detector.add_trade_row(time, 1.0, 2.0, 100.0, 99.0)
        detector.add_book_row(time, 1.0, 2.0)
        for name in ("open_interest", "funding_rate", "mark_price"):
            detector.add_value(name, time, 1.0 + i)
        if i % 4 == 0:
            detector.add_kline("1m", Kline((time - 60_000) // 1000, 1.0, 1.0, 1.0, 1.0, 1.0))
        detector.check(time)
    flow = detector._points.flow
    kept = sum(len(bucket._rows._rows) for bucket in flow._buckets.values()) + len(flow._marks._marks)
    assert kept <= 4 * len(flow._buckets) + 50
    assert len(detector._points.klines["1m"]._klines) == 501


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda d: d.add_trade_row(START, 1.0, 1.0, 1.0, 1.0), "trades: the row at"),
        (lambda d: d.add_value("mark", START + 1, 1.0), "there is no value 'mark'"),
        (lambda d: d.check(START), "does not come after"),
        (lambda d: (d.add_book_row(START + 20, 1.0, 1.0), d.check(START + 10)), "was added before the check"),
        (lambda d: d.add_kline("1m", Kline(START // 1000 - 120, 1.0, 1.0, 1.0, 1.0, 1.0)), "1m klines"),
    ],
)
def test_rows_and_checks_must_come_in_order(act: Any, text: str) -> None:
    conditions = [
        {"metric": "cvd", "operator": ">", "threshold": 0},
        {"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"},
    ]
    detector = IncrementalDetector(pool_of(conditions), "BTC")
    detector.add_trade_row(START, 1.0, 1.0, 1.0, 1.0)
    detector.add_kline("1m", Kline(START // 1000 - 60, 1.0, 1.0, 1.0, 1.0, 1.0))
    detector.check(START)
    with pytest.raises(DataError, match=text):
        act(detector)


def test_a_detector_refuses_a_symbol_that_its_pool_does_not_watch() -> None:
    pool = pool_of([{"metric": "cvd", "operator": ">", "threshold": 0}], symbols=("ETH",))
    with pytest.raises(ConfigurationError, match=r"signal pool 7 \('pool'\): does not watch BTC"):
        IncrementalDetector(pool, "BTC")
