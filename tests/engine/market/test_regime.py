"""The market regime against a slow version of the contract's rules."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    PERIOD_MS,
    FlowHistory,
    HistoricalDataProvider,
    KlineColumns,
    MarketHistory,
    SymbolHistory,
    TimedValues,
    TradeRows,
)
from engine.market import RegimeConfig, market_regime
from tests.oracles.flow_oracle import THRESHOLDS, slow_regime
from tests.oracles.signal_oracle import SlowMarket
from tests.support.signal_markets import START, columns_of

seeds = st.integers(0, 2**32)


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
