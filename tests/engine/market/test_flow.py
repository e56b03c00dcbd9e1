"""Flow metrics, the market regime and forming klines against slow versions of the contract's rules."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    PERIOD_MS,
    BookRows,
    FlowHistory,
    HistoricalDataProvider,
    KlineColumns,
    MarketHistory,
    SymbolHistory,
    TimedValues,
    TradeRows,
)
from engine.market import RegimeConfig, market_regime
from engine.market.flow import FLOW_METRICS, flow_metric
from tests.oracles.flow_oracle import THRESHOLDS, slow_flow, slow_regime
from tests.oracles.signal_oracle import SlowMarket
from tests.support.signal_markets import START, columns_of, history_of, random_market

seeds = st.integers(0, 2**32)


def assert_same(where: str, ours: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), where
        for key, value in theirs.items():
            assert_same(f"{where} {key}", ours[key], value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for one, other in zip(ours, theirs, strict=True):
            assert_same(where, one, other)
    elif isinstance(theirs, float):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9), (where, ours, theirs)
    else:
        assert ours == theirs, where


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_every_metric_is_that_of_the_slow_loop(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    flow = history_of(market).flow
    for _ in range(12):
        now = START + rng.randrange(-900_000, 9_000_000) // rng.choice([1, 15_000, 60_000]) * rng.choice([1, 15_000])
        for metric in FLOW_METRICS:
            for period in ("1m", "5m", "15m"):
                ours = flow_metric(flow, metric, PERIOD_MS[period], now)
                assert_same(f"{metric} {period} {now}", ours, slow_flow(market, metric, PERIOD_MS[period], now))


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_questions_in_any_order_get_the_same_answers(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    times = [START + rng.randrange(0, 7_200_000) for _ in range(20)]
    asked = [(time, metric) for time in times for metric in FLOW_METRICS]
    first, second = history_of(market).flow, history_of(market).flow
    forward = {(t, m): flow_metric(first, m, 300_000, t) for t, m in sorted(asked)}
    rng.shuffle(asked)
    assert {(t, m): flow_metric(second, m, 300_000, t) for t, m in asked} == forward


def test_an_unknown_metric_has_no_answer() -> None:
    assert flow_metric(history_of(random_market(1)).flow, "CDV", 60_000, START) is None


# ------------------------------------------------------------------------------------------------------ regime


def trending_market(seed: int) -> SlowMarket:
    """Trade rows with vwap and open interest that move enough for every kind of regime."""
    rng = random.Random(seed)
    market = SlowMarket()
    price, interest, push, wick = 100.0, 1000.0, 0.0, 0.02
    holes = rng.choice([0.0, 0.05, 0.6])
    for i in range(-900, 240):
        if i % 20 == 0:
            push, wick = rng.choice([-1, 0, 0, 1]) * rng.random(), rng.choice([0.0, 0.02, 0.5])
        was = price
        price += rng.gauss(0.08 * push, 0.03)
        interest *= 1 + rng.gauss(rng.choice([0, -0.004, 0.002]), 0.001)
        if rng.random() < holes:
            continue
        vwap = rng.choice([price, price, (price + was) / 2, None if holes else price])
        buy = max(0.0, 100 * (1 + push * rng.choice([1, 1, -1])) * rng.random())
        market.trades.append(
            (
                START + i * 15_000,
                buy,
                100 * (1 - push) * rng.random(),
                max(was, price) + wick,
                min(was, price) - wick,
                vwap,
            )
        )
        market.open_interest.append((START + i * 15_000, interest))
    return market


def trending_flow(market: SlowMarket) -> FlowHistory:
    times, buy, sell, high, low, vwap = columns_of(market.trades, 6)
    interest = TimedValues.present(*columns_of(market.open_interest, 2))
    return FlowHistory(TradeRows(times, buy, sell, buy, sell, vwap, high, low), open_interest=interest)


SEEN: set[str] = set()


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_the_regime_is_that_of_the_contract(seed: int) -> None:
    rng = random.Random(seed)
    market = trending_market(seed)
    flow = trending_flow(market)
    changed = {name: value * rng.uniform(0.3, 1.7) for name, value in THRESHOLDS.items()} if seed % 3 == 0 else {}
    for _ in range(12):
        now = START + rng.randrange(-9_000_000, 3_600_000) // 15_000 * 15_000 + rng.choice([0, 0, 7_000])
        for period in ("1m", "5m"):
            ours = market_regime(flow, RegimeConfig(**changed), PERIOD_MS[period], now)
            theirs = slow_regime(market, PERIOD_MS[period], now, **changed)
            SEEN.add(theirs["regime"])
            if ours is None:
                assert theirs["indicators"] == {}
                continue
            told = {name: getattr(ours, name) for name in ("regime", "direction", "conf", "indicators")}
            assert told["conf"] == pytest.approx(theirs["conf"], abs=0.0011)
            assert_figures(told["indicators"], theirs["indicators"])
            assert (told["regime"], told["direction"]) == (theirs["regime"], theirs["direction"])


def assert_figures(ours: dict[str, float], theirs: dict[str, float]) -> None:
    """Assert that rounded figures agree, up to a rounding the other way at a half."""
    assert ours.keys() == theirs.keys()
    for name, step in (
        ("cvd_ratio", 1e-4),
        ("oi_delta", 1e-3),
        ("taker_ratio", 1e-3),
        ("price_atr", 1e-3),
        ("rsi", 0.1),
    ):
        assert abs(ours[name] - theirs[name]) <= step * 1.001, name


def test_every_kind_of_regime_was_judged() -> None:
    for seed in range(60):
        market = trending_market(seed)
        for now in range(START, START + 3_600_000, 300_000):
            SEEN.add(slow_regime(market, 60_000, now)["regime"])
    kinds = {"stop_hunt", "breakout", "exhaustion", "trap", "absorption", "continuation", "noise"}
    assert kinds == SEEN


def test_the_row_at_the_instant_itself_is_in_the_flow_and_not_in_the_bars() -> None:
    market = trending_market(4)
    now = START
    market.trades = [row for row in market.trades if row[0] < now and None not in row]
    before = market_regime(trending_flow(market), RegimeConfig(), 60_000, now)
    market.trades.append((now, 0.0, 0.0, 500.0, 1.0, 400.0))
    after = market_regime(trending_flow(market), RegimeConfig(), 60_000, now)
    assert before is not None
    assert after is not None
    assert (before.indicators["price_atr"], before.indicators["rsi"]) == (
        after.indicators["price_atr"],
        after.indicators["rsi"],
    )


def test_without_flow_rows_the_regime_is_noise_with_a_reason() -> None:
    klines = KlineColumns(60_000, *columns_of([(START + i * 60_000, 1.0, 1.0, 1.0, 1.0, 1.0) for i in range(30)], 6))
    provider = HistoricalDataProvider(MarketHistory([SymbolHistory("BTC", klines)]))
    provider.set_current_time(START + 1_000_000)
    found = provider.get_regime("BTC", "5m")
    assert (found.regime, found.direction, found.conf, found.indicators) == ("noise", "neutral", 0.0, {})
    assert found.reason


# ------------------------------------------------------------------------------------------------ forming klines


def slow_forming(market: SlowMarket, period: int, now: int) -> tuple[float, float, float, float, float] | None:
    """open, high, low, close, volume of the kline that contains now (contract section 2)."""
    opened = now // period * period
    if opened == now:
        return None
    minutes = [row for row in market.minutes if row[0] >= opened and row[0] + 60_000 <= now]
    known = minutes[-1][0] + 60_000 if minutes else opened
    volume = sum(row[5] for row in minutes) + sum(
        (row[1] + row[2]) / 100 for row in market.trades if known < row[0] <= now
    )
    marks = [row[1] for row in market.mark if opened <= row[0] <= now and row[1] is not None]
    if marks:
        return marks[0], max(marks), min(marks), marks[-1], volume
    if not minutes:
        return None
    return minutes[0][1], max(r[2] for r in minutes), min(r[3] for r in minutes), minutes[-1][4], volume


@settings(max_examples=120, deadline=None)
@given(seeds)
def test_forming_klines_have_the_volume_so_far(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    history = history_of(market)
    for _ in range(25):
        now = START + rng.randrange(-900_000, 9_000_000) // rng.choice([1, 15_000]) * rng.choice([1, 15_000])
        for period in ("1m", "5m", "1h"):
            ours, theirs = history.forming(PERIOD_MS[period], now), slow_forming(market, PERIOD_MS[period], now)
            assert (ours is None) == (theirs is None), (period, now)
            if ours is not None and theirs is not None:
                assert ours.timestamp == now // PERIOD_MS[period] * PERIOD_MS[period] // 1000
                assert tuple(ours[1:]) == pytest.approx(theirs, rel=1e-9)


# ------------------------------------------------------------------------------------------- missing parts of rows


def test_a_row_without_vwap_still_has_its_prices() -> None:
    nan = math.nan
    times = START + 60_000 * np.arange(3, dtype=np.int64)
    ones = np.ones(3)
    trades = TradeRows(times, ones, ones, ones, ones, np.array([nan, 5.0, nan]), np.array([10.0, 11.0, 12.0]), ones)
    flow = FlowHistory(trades)
    found = flow_metric(flow, "PRICE_CHANGE", 60_000, int(times[-1]))
    assert found is not None
    assert (found["start_price"], found["end_price"]) == (11.0, 12.0)


def test_open_interest_and_marks_may_stand_in_different_rows() -> None:
    flow = FlowHistory(
        mark_price=TimedValues(np.array([START + 5_000]), np.array([100.0])),
        open_interest=TimedValues(np.array([START, START + 61_000]), np.array([10.0, 10.125])),
    )
    assert flow_metric(flow, "OI", 60_000, START + 61_000) == {"current": 12.5, "last_5": [12.5]}


def test_tables_that_are_missing_or_empty_answer_nothing() -> None:
    none = np.empty(0)
    empty = FlowHistory(TradeRows(np.empty(0, np.int64), *[none] * 7), BookRows(np.empty(0, np.int64), *[none] * 3))
    for flow in (FlowHistory(), empty):
        assert [flow_metric(flow, metric, 60_000, START) for metric in FLOW_METRICS] == [{}] * 9
        assert flow.is_empty
