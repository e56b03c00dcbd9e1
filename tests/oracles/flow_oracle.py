"""Slow versions of the flow metrics (contract section 4) and the market regime (section 6), over plain row tuples.

Written from the contract; rows as in `signal_oracle.SlowMarket`, trade rows with vwap as a sixth element. Figures
without a divisor are 0, as the contract's answers to strategies are numbers.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from tests.oracles.signal_oracle import SlowMarket, atr, buckets_of, present, rsi

NO_ORDER = {"spread": 0.0}


def _percents(lasts: list[float]) -> list[float]:
    return [(b - a) / a * 100 if a else 0.0 for a, b in pairwise(lasts)]


def slow_flow(market: SlowMarket, metric: str, interval: int, now: int) -> dict[str, Any]:
    """The answer of get_flow without `period`."""
    return globals()["_" + metric.lower()](market, interval, now)


def _cvd(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    deltas = [sum(r[1] for r in b) - sum(r[2] for r in b) for b in buckets_of(market.trades, now, interval)]
    return {"current": deltas[-1], "last_5": deltas[-5:], "cumulative": sum(deltas)} if deltas else {}


def _taker(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    sides = [(sum(r[1] for r in b), sum(r[2] for r in b)) for b in buckets_of(market.trades, now, interval)][-5:]
    if not sides:
        return {}
    ratios = [buy / sell if sell else 1.0 for buy, sell in sides]
    return {
        "buy": sides[-1][0], "sell": sides[-1][1], "ratio": ratios[-1], "ratio_last_5": ratios,
        "volume_last_5": [buy + sell for buy, sell in sides],
    }  # fmt: skip


def _oi(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    buckets = buckets_of(present(market.open_interest, 1), now, interval)
    marks = present(market.mark, 1)
    if len(buckets) < 2 or not marks:
        return {}
    changes = []
    for before, bucket in pairwise(buckets):
        end = min(bucket[0][0] // interval * interval + interval - 1, now)
        known = [mark for time, mark in marks if time <= end]
        changes.append(round((bucket[-1][1] - before[-1][1]) * (known[-1] if known else 0.0), 2))
    return {"current": changes[-1], "last_5": changes[-5:]}


def _oi_delta(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    changes = _percents([b[-1][1] for b in buckets_of(present(market.open_interest, 1), now, interval)])
    return {"current": changes[-1], "last_5": changes[-5:]} if changes else {}


def _funding(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    rates = [b[-1][1] * 1_000_000 for b in buckets_of(present(market.funding, 1), now, interval)]
    if not rates:
        return {}
    change = rates[-1] - rates[-2] if len(rates) > 1 else 0.0
    percent = rates[-1] / 10_000
    return {
        "current": rates[-1], "current_pct": percent, "change": change, "change_pct": change / 10_000,
        "last_5": rates[-5:], "annualized": percent * 3 * 365,
    }  # fmt: skip


def _depth(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    lasts = [b[-1] for b in buckets_of(market.book, now, interval)][-5:]
    if not lasts:
        return {}
    ratios = [bid / ask if ask else 1.0 for _, bid, ask in lasts]
    return {"bid": lasts[-1][1], "ask": lasts[-1][2], "ratio": ratios[-1], "ratio_last_5": ratios, **NO_ORDER}


def _imbalance(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    values = [
        (b[-1][1] - b[-1][2]) / (b[-1][1] + b[-1][2]) if b[-1][1] + b[-1][2] else 0.0
        for b in buckets_of(market.book, now, interval)
    ]
    return {"current": values[-1], "last_5": values[-5:]} if values else {}


def _price_change(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    highs = [b[-1][3] for b in buckets_of(present(market.trades, 3, 4), now, interval)]
    changes = _percents(highs)
    if not changes:
        return {}
    return {"current": changes[-1], "start_price": highs[-2], "end_price": highs[-1], "last_5": changes[-5:]}


def _volatility(market: SlowMarket, interval: int, now: int) -> dict[str, Any]:
    buckets = buckets_of(present(market.trades, 3, 4), now, interval)[-5:]
    if not buckets:
        return {}
    ranges = [(max(r[3] for r in b), min(r[4] for r in b)) for b in buckets]
    values = [(high - low) / low * 100 if low else 0.0 for high, low in ranges]
    return {"current": values[-1], "high": ranges[-1][0], "low": ranges[-1][1], "last_5": values}


# ------------------------------------------------------------------------------------------------------ regime

THRESHOLDS = {
    "breakout_cvd_z": 1.5, "breakout_oi_z": 0.3, "breakout_price_atr": 0.3, "breakout_taker_high": 1.8,
    "breakout_taker_low": 0.55, "absorption_price_atr": 0.3, "trap_oi_z": -1.0, "exhaustion_rsi_high": 70,
    "exhaustion_rsi_low": 30, "stop_hunt_range_atr": 1.0, "stop_hunt_close_atr": 0.3, "breakout_body_ratio": 0.4,
    "continuation_cvd_divisor": 3.0,
}  # fmt: skip


def sign(value: float) -> int:
    return (value > 0) - (value < 0)


def anchored_bars(market: SlowMarket, period: int, now: int) -> list[tuple[float, float, float, float, float]]:
    """(0, open, high, low, close) of up to 50 bars that end now, oldest first; shaped like the klines of `atr`."""
    bars: dict[int, list[tuple[Any, ...]]] = {}
    for row in present(market.trades, 3, 4, 5):
        place = (now - row[0]) // period
        if now - 50 * period < row[0] < now and 0 <= place <= 49:
            bars.setdefault(place, []).append(row)
    return [
        (0, b[0][5], max(r[3] for r in b), min(r[4] for r in b), b[-1][5])
        for b in (bars[place] for place in sorted(bars, reverse=True))
    ]


def slow_regime(market: SlowMarket, period: int, now: int, **changed: float) -> dict[str, Any]:
    """regime, direction, conf and indicators of section 6."""
    c = {**THRESHOLDS, **changed}
    taker, cvd = slow_flow(market, "TAKER", period, now), slow_flow(market, "CVD", period, now)
    if not taker or not cvd:
        return {"regime": "noise", "direction": "neutral", "conf": 0.0, "indicators": {}}
    buy, sell = taker["buy"], taker["sell"]
    ratio = cvd["current"] / (buy + sell) if buy + sell else 0.0
    log = math.log(buy / sell) if buy and sell else 0.0
    oi_delta = slow_flow(market, "OI_DELTA", period, now).get("current", 0.0)
    bars = anchored_bars(market, period, now)
    move, wide, strength = 0.0, 0.0, 50.0
    if len(bars) >= 15:
        unit = atr(bars, 14)
        assert unit is not None
        if unit:
            move, wide = (bars[-1][4] - bars[-1][1]) / unit, (bars[-1][2] - bars[-1][3]) / unit
        strength = rsi([bar[4] for bar in bars], 14) or 0.0
    regime = _classify(c, ratio, log, oi_delta, move, wide, strength)
    votes = sign(ratio) + sign(log) + sign(move)
    conf = 0.3 * min(abs(ratio), 0.3) / 0.3 + 0.2 * min(abs(log), 1) + 0.2 * min(abs(oi_delta), 5) / 5
    conf = min(max(conf + 0.3 * min(abs(move), 2) / 2, 0), 1)
    conf *= _pattern(regime, ratio, move, wide, strength) * _factor(regime, ratio, move, log)
    figures = {
        "cvd_ratio": round(ratio, 4), "oi_delta": round(oi_delta, 3), "taker_ratio": round(math.exp(log), 3),
        "price_atr": round(move, 3), "rsi": round(strength, 1),
    }  # fmt: skip
    direction = "bullish" if votes >= 2 else "bearish" if votes <= -2 else "neutral"
    return {"regime": regime, "direction": direction, "conf": round(conf, 3), "indicators": figures}


def aligned(ratio: float, move: float) -> bool:
    return sign(ratio) == sign(move) != 0


def body(move: float, wide: float) -> float:
    return abs(move) / wide if wide else 1.0


def _classify(
    c: dict[str, float], ratio: float, log: float, oi_delta: float, move: float, wide: float, strength: float
) -> str:
    strong = c["breakout_cvd_z"] * 0.1
    weak = strong / c["continuation_cvd_divisor"]
    extreme = log > math.log(c["breakout_taker_high"]) or log < math.log(c["breakout_taker_low"])
    flow, size = abs(ratio), abs(move)
    if wide > c["stop_hunt_range_atr"] and size < c["stop_hunt_close_atr"]:
        return "stop_hunt"
    if (
        flow > strong and size > c["breakout_price_atr"] + 0.2 and aligned(ratio, move)
        and body(move, wide) > c["breakout_body_ratio"] and (extreme or oi_delta > c["breakout_oi_z"])
    ):  # fmt: skip
        return "breakout"
    if flow > strong and oi_delta < c["trap_oi_z"]:
        if not c["exhaustion_rsi_low"] <= strength <= c["exhaustion_rsi_high"]:
            return "exhaustion"
        if size < c["stop_hunt_close_atr"]:
            return "trap"
    if flow > strong and size <= c["absorption_price_atr"]:
        return "absorption"
    if flow > weak and size > c["absorption_price_atr"] and aligned(ratio, move):
        return "continuation"
    return "noise"


def _pattern(regime: str, ratio: float, move: float, wide: float, strength: float) -> float:
    penalty = 0.0
    if regime in ("breakout", "absorption") and abs(ratio) < 0.03:
        penalty += 0.08
    if regime == "breakout" and not aligned(ratio, move):
        penalty += 0.12
    if regime == "absorption" and abs(move) > 0.5:
        penalty += 0.10
    if regime == "continuation" and not aligned(ratio, move):
        penalty += 0.15
    if regime == "exhaustion" and 30 <= strength <= 70:
        penalty += 0.10
    if regime == "trap" and aligned(ratio, move):
        penalty += 0.12
    if regime == "stop_hunt":
        penalty += (0.10 if wide <= 1.0 else 0) + (0.08 if body(move, wide) > 0.5 else 0)
    if regime == "noise":
        penalty += 0.15
    return max(0.70, 1 - penalty)


def _factor(regime: str, ratio: float, move: float, log: float) -> float:
    zones = [(ratio, 0.02), (move, 0.1), (log, 0.15)]
    signs = [sign(value) for value, zone in zones if abs(value) > zone]
    if len(signs) < 2:
        return 1.0
    if regime in ("breakout", "continuation"):
        return 0.85 if len(set(signs)) == 2 else 1.0
    if regime in ("absorption", "trap"):
        return 0.88 if len(set(signs)) == 1 else 1.0
    return 0.90 if regime == "noise" else 1.0
