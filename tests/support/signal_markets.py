"""Small random markets for tests of signals, as plain rows for the judge and as columns for the engine."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np

from engine import (
    BookRows,
    FlowHistory,
    KlineColumns,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    TimedValues,
    TradeRows,
    parse_condition,
)
from tests.oracles.signal_oracle import MINUTE, SlowMarket

START = 1_748_736_000_000
METRICS = "cvd oi_delta oi funding taker_ratio depth_ratio order_imbalance price_change volatility".split()
TABLES = "trades book mark_price open_interest funding_rate oracle_price".split()
ALIASES = "oi_delta_percent funding_rate taker_buy_ratio".split()
OPERATORS = (
    "> greater_than gt >= greater_than_or_equal gte < less_than lt <= less_than_or_equal lte == equal eq "
    "!= not_equal ne abs_greater_than abs_gt abs_less_than abs_lt"
).split()
EVENTS = "golden_cross histogram_positive death_cross histogram_negative macd_above_zero macd_below_zero".split()


def recorded(flow: FlowHistory) -> list[str]:
    """The tables of a flow history that have rows."""
    return [table for table in TABLES if flow.times(table) is not None]


def _stamps(rng: random.Random, start: int, end: int) -> list[int]:
    """Times of rows: on the grid or anywhere, with holes of every length; sometimes one, sometimes none."""
    kind = rng.choice(["grid", "grid", "grid", "irregular", "single", "none"])
    if kind == "none":
        return []
    if kind == "single":
        return [rng.randrange(start, end)]
    out, at = [], start + rng.choice([0, 0, rng.randrange(600_000)])
    while at <= end:
        out.append(at)
        step = 15_000 if kind == "grid" else rng.choice([1, 999, 15_000, 15_001, 40_000, 61_000])
        if rng.random() < 0.04:
            step += 15_000 * rng.choice([1, 3, 10, 25, 45, 200])
        at += step
    return out


def _maybe_null(rng: random.Random, share: float, value: float) -> float | None:
    return None if rng.random() < share else value


def random_market(seed: int, hours: float = 2.0, minutes_before: int = 60) -> SlowMarket:
    """Return rows of some hours from START, and klines that begin earlier; ties, zeros and nulls are frequent."""
    rng = random.Random(seed)
    end = START + int(hours * 3_600_000)
    nulls = rng.choice([0.0, 0.1, 0.6])
    amounts = rng.choice([[0.0, 1.0, 2.0, 3.0], [100.0, 250.5, 1e6 / 3]])
    market = SlowMarket()

    def price() -> float:
        return rng.choice([99.0, 100.0, 100.5, 101.0, rng.uniform(95, 105)])

    for t in _stamps(rng, START - 900_000, end):
        low = _maybe_null(rng, nulls / 2, price())
        high = None if low is None else low + rng.choice([0.0, 0.5, rng.random()])
        buy, sell = rng.choice(amounts) * rng.choice([1, rng.random()]), rng.choice(amounts)
        market.trades.append((t, buy, sell, high, low))
    for t in _stamps(rng, START - 900_000, end):
        market.book.append((t, rng.choice([0.0, 1.0, rng.random()]), rng.choice([0.0, 1.0, rng.random()])))
    for t in _stamps(rng, START - 900_000, end):
        market.open_interest.append((t, _maybe_null(rng, nulls, rng.choice([0.0, 10.0, 10.5, rng.uniform(9, 11)]))))
    for t in _stamps(rng, START - 900_000, end):
        market.funding.append((t, _maybe_null(rng, nulls, rng.choice([0.0, 1e-5, rng.uniform(-1e-4, 1e-4)]))))
    for t in _stamps(rng, START - 900_000, end):
        market.mark.append((t, _maybe_null(rng, nulls, price())))
    market.minutes = _minutes(rng, minutes_before, int(hours * 60))
    return market


def _minutes(rng: random.Random, before: int, count: int) -> list[tuple[Any, ...]]:
    out, last = [], 100.0
    holes = rng.choice([0.0, 0.02, 0.3])
    for i in range(-before, count):
        if rng.random() < holes:
            continue
        opened = last
        last = rng.choice([opened, max(opened + rng.gauss(0, 0.3), 1.0)])
        high, low = max(opened, last) + rng.random() * 0.1, min(opened, last) - rng.random() * 0.1
        out.append((START + i * MINUTE, opened, high, low, last, rng.choice([0.0, rng.random()])))
    return out


def cut(market: SlowMarket, until: int) -> SlowMarket:
    """Return what was known of a market at an instant."""
    kept = SlowMarket(minutes=[row for row in market.minutes if row[0] + MINUTE <= until])
    for name in ("trades", "book", "open_interest", "funding", "mark"):
        setattr(kept, name, [row for row in getattr(market, name) if row[0] <= until])
    return kept


def columns_of(rows: list[tuple[Any, ...]], width: int) -> list[Any]:
    """Return rows as columns: int64 times, then floats with NaN for null."""
    times = np.array([row[0] for row in rows], np.int64)
    rest = (np.array([math.nan if row[i] is None else row[i] for row in rows], float) for i in range(1, width))
    return [times, *rest]


def history_of(market: SlowMarket, symbol: str = "BTC") -> SymbolHistory:
    """Return the same rows as the engine has them."""
    times, buy, sell, high, low = columns_of(market.trades, 5)
    vwap = (high + low) / 2
    mark, interest, funding = (
        TimedValues.present(*columns_of(rows, 2)) for rows in (market.mark, market.open_interest, market.funding)
    )
    flow = FlowHistory(
        TradeRows(times, buy / 100, sell / 100, buy, sell, vwap, high, low),
        BookRows(*columns_of(market.book, 3), np.zeros(len(market.book))),
        mark,
        interest,
        funding,
        day_notional_volume=TimedValues(interest.timestamp_ms[::3], interest.value[::3] * 1e6),
    )
    return SymbolHistory(symbol, KlineColumns(MINUTE, *columns_of(market.minutes, 6)), flow=flow)


def market_of(market: SlowMarket, symbol: str = "BTC") -> MarketHistory:
    """Return a market history of this one symbol."""
    return MarketHistory([history_of(market, symbol)])


def pool_of(conditions: list[dict[str, Any]], logic: str = "OR", **more: Any) -> SignalPool:
    """Return a pool of conditions; signal ids are their places."""
    signals = [SignalDefinition(place, f"signal {place}", parse_condition(c)) for place, c in enumerate(conditions)]
    return SignalPool(7, "pool", tuple(signals), logic=logic, **more)


def random_condition(rng: random.Random, kinds: str = "fftmi") -> dict[str, Any]:
    """Return a condition: f(low metric), t(aker volume), m(acd) or i(ndicator)."""
    kind, window = rng.choice(kinds), rng.choice(["1m", "1m", "3m", "5m", "15m", "1h"])
    if kind == "t":
        return {
            "metric": "taker_volume", "time_window": window, "direction": rng.choice(["any", "buy", "sell"]),
            "ratio_threshold": rng.choice([0.5, 1.0, 1.5, 3.0]), "volume_threshold": rng.choice([0, 5.0, 1e6]),
        }  # fmt: skip
    if kind == "m":
        return {
            "metric": "macd",
            "event_types": rng.sample(EVENTS, rng.choice([1, 2])),
            "time_window": rng.choice(["1m", "3m"]),
        }
    operator = rng.choice(OPERATORS)
    if kind == "i":
        name, threshold = rng.choice([("MA5", 100.0), ("EMA20", 100.0), ("RSI14", 50.0), ("ATR7", 0.4), ("rsi7", 60.0)])
        return {
            "metric": f"indicator:{name}",
            "operator": operator,
            "threshold": threshold,
            "time_window": rng.choice(["1m", "5m"]),
        }
    metric = rng.choice(METRICS + ALIASES)
    threshold = rng.choice([0.0, 0, 0.5, 1, -1.0, 2.0, rng.uniform(-3, 3)])
    return {"metric": metric, "operator": operator, "threshold": threshold, "time_window": window}
