"""The market regime: what order flow and price did together, by the contract's rules (section 6)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..contract import RegimeInfo
from .flow import FlowHistory, flow_metric

BARS = 50
FEWEST_BARS = 15
AVERAGE = 14


@dataclass(frozen=True, slots=True)
class RegimeConfig:
    """The thresholds of the classification; defaults are the contract's."""

    breakout_cvd_z: float = 1.5
    breakout_oi_z: float = 0.3
    breakout_price_atr: float = 0.3
    breakout_taker_high: float = 1.8
    breakout_taker_low: float = 0.55
    absorption_price_atr: float = 0.3
    trap_oi_z: float = -1.0
    exhaustion_rsi_high: float = 70.0
    exhaustion_rsi_low: float = 30.0
    stop_hunt_range_atr: float = 1.0
    stop_hunt_close_atr: float = 0.3
    breakout_body_ratio: float = 0.4
    continuation_cvd_divisor: float = 3.0


class RegimeInputs(NamedTuple):
    """What the regime is judged by: flow figures, and the newest bar in units of ATR."""

    cvd_ratio: float
    taker_log: float
    oi_delta: float
    price_atr: float
    range_atr: float
    rsi: float

    @property
    def aligned(self) -> bool:
        """Whether flow and price have one sign, and it is not zero."""
        return self.cvd_ratio * self.price_atr > 0.0

    @property
    def body_ratio(self) -> float:
        """The share of the newest bar's range that its body takes."""
        return abs(self.price_atr) / self.range_atr if self.range_atr else 1.0


def market_regime(flow: FlowHistory, config: RegimeConfig, interval_ms: int, time_ms: int) -> RegimeInfo | None:
    """Return the first regime whose conditions hold on bars of `interval_ms` at `time_ms`, with direction, confidence
    and the figures behind it. None without taker rows.
    """
    x = _inputs(flow, interval_ms, time_ms)
    if x is None:
        return None
    regime = _regime(x, config)
    figures = {
        "cvd_ratio": round(x.cvd_ratio, 4),
        "oi_delta": round(x.oi_delta, 3),
        "taker_ratio": round(math.exp(x.taker_log), 3),
        "price_atr": round(x.price_atr, 3),
        "rsi": round(x.rsi, 1),
    }
    return RegimeInfo(regime, round(_confidence(x, regime), 3), _direction(x), _reason(regime, x), figures)


def _inputs(flow: FlowHistory, interval_ms: int, time_ms: int) -> RegimeInputs | None:
    taker = flow_metric(flow, "TAKER", interval_ms, time_ms)
    if not taker:
        return None
    buy, sell = taker["buy"], taker["sell"]
    total = buy + sell
    delta = flow_metric(flow, "OI_DELTA", interval_ms, time_ms)
    return RegimeInputs(
        (buy - sell) / total if total else 0.0,
        math.log(buy / sell) if buy > 0.0 and sell > 0.0 else 0.0,
        delta["current"] if delta else 0.0,
        *_bar_inputs(flow, interval_ms, time_ms),
    )


def _bar_inputs(flow: FlowHistory, interval_ms: int, time_ms: int) -> tuple[float, float, float]:
    """Return (close - open) / ATR and (high - low) / ATR of the newest bar, and RSI14."""
    opens, highs, lows, closes = _anchored_bars(flow, interval_ms, time_ms)
    if len(closes) < FEWEST_BARS:
        return 0.0, 0.0, 50.0
    atr = _average_true_range(highs, lows, closes)
    if atr == 0.0:
        return 0.0, 0.0, _relative_strength(closes)
    return (closes[-1] - opens[-1]) / atr, (highs[-1] - lows[-1]) / atr, _relative_strength(closes)


def _anchored_bars(
    flow: FlowHistory, interval_ms: int, time_ms: int
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return open, high, low, close of up to 50 bars anchored at `time_ms`, oldest first, empty ones skipped.

    Bar i holds the rows with time - (i + 1) intervals < timestamp <= time - i intervals; the row at `time_ms` itself
    is left out.
    """
    rows = flow.priced
    if rows is None:
        return [], [], [], []
    edges = time_ms - interval_ms * np.arange(BARS, -1, -1, dtype=np.int64)
    edges[-1] -= 1
    cuts = np.searchsorted(rows.timestamp_ms, edges, side="right")
    begin, first, stop = cuts[0], cuts[:-1], cuts[1:]
    filled = first < stop
    first, last = first[filled], stop[filled] - 1
    part, starts = slice(begin, cuts[-1]), first - begin
    return (
        rows.vwap[first].tolist(),
        np.maximum.reduceat(rows.high[part], starts).tolist(),
        np.minimum.reduceat(rows.low[part], starts).tolist(),
        rows.vwap[last].tolist(),
    )


def _average_true_range(highs: list[float], lows: list[float], closes: list[float]) -> float:
    """Return ATR14 of the last bar: seeded with the mean of the first 14 true ranges, then alpha 1/14."""
    ranges = [highs[0] - lows[0]]
    ranges += [
        max(high - low, abs(high - before), abs(low - before))
        for high, low, before in zip(highs[1:], lows[1:], closes, strict=False)
    ]
    average = sum(ranges[:AVERAGE]) / AVERAGE
    for each in ranges[AVERAGE:]:
        average += (each - average) / AVERAGE
    return average


def _relative_strength(closes: list[float]) -> float:
    """Return RSI14 of the last bar: means with alpha 1/14 started at the first difference; 50 without any move."""
    gain = max(closes[1] - closes[0], 0.0)
    loss = max(closes[0] - closes[1], 0.0)
    for before, close in itertools.pairwise(closes):
        move = close - before
        gain += ((move if move > 0.0 else 0.0) - gain) / AVERAGE
        loss += ((-move if move < 0.0 else 0.0) - loss) / AVERAGE
    return 100.0 * gain / (gain + loss) if gain + loss else 50.0


def _regime(x: RegimeInputs, config: RegimeConfig) -> str:
    flow, move = abs(x.cvd_ratio), abs(x.price_atr)
    strong = config.breakout_cvd_z * 0.1
    if x.range_atr > config.stop_hunt_range_atr and move < config.stop_hunt_close_atr:
        return "stop_hunt"
    if flow > strong:
        found = _strong_flow_regime(x, config, move)
        if found is not None:
            return found
    weak = strong / config.continuation_cvd_divisor
    if flow > weak and move > config.absorption_price_atr and x.aligned:
        return "continuation"
    return "noise"


def _strong_flow_regime(x: RegimeInputs, config: RegimeConfig, move: float) -> str | None:
    if _is_breakout(x, config, move):
        return "breakout"
    if x.oi_delta < config.trap_oi_z:
        if not config.exhaustion_rsi_low <= x.rsi <= config.exhaustion_rsi_high:
            return "exhaustion"
        if move < config.stop_hunt_close_atr:
            return "trap"
    return "absorption" if move <= config.absorption_price_atr else None


def _is_breakout(x: RegimeInputs, config: RegimeConfig, move: float) -> bool:
    high, low = math.log(config.breakout_taker_high), math.log(config.breakout_taker_low)
    pushed = x.taker_log > high or x.taker_log < low or x.oi_delta > config.breakout_oi_z
    return move > config.breakout_price_atr + 0.2 and x.aligned and x.body_ratio > config.breakout_body_ratio and pushed


def _direction(x: RegimeInputs) -> str:
    votes = sum((value > 0.0) - (value < 0.0) for value in (x.cvd_ratio, x.taker_log, x.price_atr))
    return "bullish" if votes >= 2 else "bearish" if votes <= -2 else "neutral"


def _confidence(x: RegimeInputs, regime: str) -> float:
    base = (
        0.3 * min(abs(x.cvd_ratio), 0.3) / 0.3
        + 0.2 * min(abs(x.taker_log), 1.0)
        + 0.2 * min(abs(x.oi_delta), 5.0) / 5.0
        + 0.3 * min(abs(x.price_atr), 2.0) / 2.0
    )
    return min(max(base, 0.0), 1.0) * _pattern_factor(x, regime) * _direction_factor(x, regime)


def _pattern_factor(x: RegimeInputs, regime: str) -> float:
    thin = 0.08 if abs(x.cvd_ratio) < 0.03 else 0.0
    penalties = {
        "breakout": (0.0 if x.aligned else 0.12) + thin,
        "absorption": (0.10 if abs(x.price_atr) > 0.5 else 0.0) + thin,
        "continuation": 0.0 if x.aligned else 0.15,
        "exhaustion": 0.10 if 30.0 <= x.rsi <= 70.0 else 0.0,
        "trap": 0.12 if x.aligned else 0.0,
        "stop_hunt": (0.10 if x.range_atr <= 1.0 else 0.0) + (0.08 if x.body_ratio > 0.5 else 0.0),
        "noise": 0.15,
    }
    return max(0.70, 1.0 - penalties[regime])


def _direction_factor(x: RegimeInputs, regime: str) -> float:
    signs = [
        (value > zone) - (value < -zone)
        for value, zone in ((x.cvd_ratio, 0.02), (x.price_atr, 0.1), (x.taker_log, 0.15))
    ]
    signs = [sign for sign in signs if sign]
    if len(signs) < 2:
        return 1.0
    mixed = len(set(signs)) > 1
    if regime in ("breakout", "continuation") and mixed:
        return 0.85
    if regime in ("absorption", "trap") and not mixed:
        return 0.88
    return 0.90 if regime == "noise" else 1.0


def _reason(regime: str, x: RegimeInputs) -> str:
    side = "Bullish" if x.price_atr > 0.0 else "Bearish"
    return {
        "stop_hunt": "Wide range with little net movement",
        "breakout": f"{side} breakout with aligned signals",
        "exhaustion": "Strong flow while positions close at an extreme",
        "trap": "Strong flow while positions close, price unmoved",
        "absorption": "Strong flow absorbed without price movement",
        "continuation": f"{side} trend continuation",
        "noise": "No clear market regime detected",
    }[regime]
