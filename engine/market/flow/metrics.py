"""The nine flow metrics of the contract (section 4), each as of one instant."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .history import FlowHistory

NEWEST = 5


def flow_metric(flow: FlowHistory, metric: str, interval_ms: int, time_ms: int) -> dict[str, Any] | None:
    """Return a metric over the rows in [time - 10 intervals, time]; {} without (enough) rows, None for no such metric.

    `metric` is upper-case. Figures and keys are the contract's, without `period`, which the caller knows.
    """
    work_out = FLOW_METRICS.get(metric)
    return None if work_out is None else work_out(flow, interval_ms, time_ms)


def _cvd(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    buckets = flow.buckets("trades", interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None or flow.trades is None:
        return {}
    bought, sold = flow.trades.buy_notional, flow.trades.sell_notional
    buy = buckets.all_values(window, buckets.whole_sums("buy", bought), bought, np.add)
    sell = buckets.all_values(window, buckets.whole_sums("sell", sold), sold, np.add)
    deltas = [b - s for b, s in zip(buy, sell, strict=True)]
    return {"current": deltas[-1], "last_5": deltas[-NEWEST:], "cumulative": sum(deltas)}


def _taker(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    buckets = flow.buckets("trades", interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None or flow.trades is None:
        return {}
    bought, sold = flow.trades.buy_notional, flow.trades.sell_notional
    buy = buckets.newest_values(window, buckets.whole_sums("buy", bought), bought, np.add)
    sell = buckets.newest_values(window, buckets.whole_sums("sell", sold), sold, np.add)
    ratios = [b / s if s else 1.0 for b, s in zip(buy, sell, strict=True)]
    return {
        "buy": buy[-1],
        "sell": sell[-1],
        "ratio": ratios[-1],
        "ratio_last_5": ratios,
        "volume_last_5": [b + s for b, s in zip(buy, sell, strict=True)],
    }


def _last_values(
    flow: FlowHistory, name: str, interval_ms: int, time_ms: int, most: int
) -> tuple[list[float], list[int]]:
    """Return the last value of each of the newest buckets of a series, and the time until which each bucket counts."""
    buckets = flow.buckets(name, interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None:
        return [], []
    values = getattr(flow, name).rows.value
    rows = buckets.last_rows(window, most)
    opened = buckets.opened[window.newest - len(rows) + 1 : window.newest + 1].tolist()
    until = [min(each + interval_ms - 1, time_ms) for each in opened]
    return [values.item(row) for row in rows], until


def _open_interest(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    values, until = _last_values(flow, "open_interest", interval_ms, time_ms, NEWEST + 1)
    if len(values) < 2 or flow.mark_price is None:
        return {}
    marks = [flow.mark_price.at(each) or 0.0 for each in until[1:]]
    changes = [round((new - old) * mark, 2) for old, new, mark in zip(values, values[1:], marks, strict=False)]
    return {"current": changes[-1], "last_5": changes}


def _open_interest_delta(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    values, _ = _last_values(flow, "open_interest", interval_ms, time_ms, NEWEST + 1)
    if len(values) < 2:
        return {}
    changes = [_percent(old, new) for old, new in itertools.pairwise(values)]
    return {"current": changes[-1], "last_5": changes}


def _percent(old: float, new: float) -> float:
    return (new - old) / old * 100.0 if old else 0.0


def _funding(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    values, _ = _last_values(flow, "funding_rate", interval_ms, time_ms, NEWEST)
    if not values:
        return {}
    rates = [value * 1_000_000 for value in values]
    current = rates[-1]
    change = current - rates[-2] if len(rates) > 1 else 0.0
    percent = current / 10_000
    return {
        "current": current,
        "current_pct": percent,
        "change": change,
        "change_pct": change / 10_000,
        "last_5": rates,
        "annualized": percent * 3 * 365,
    }


def _book(flow: FlowHistory, interval_ms: int, time_ms: int) -> list[tuple[float, float, float]]:
    """Return (bid, ask, spread) of the last snapshot of each of the newest five buckets."""
    buckets = flow.buckets("book", interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None or flow.book is None:
        return []
    book = flow.book
    rows = buckets.last_rows(window, NEWEST)
    return [(book.bid_depth.item(row), book.ask_depth.item(row), book.spread.item(row)) for row in rows]


def _depth(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    snapshots = _book(flow, interval_ms, time_ms)
    if not snapshots:
        return {}
    ratios = [bid / ask if ask else 1.0 for bid, ask, _ in snapshots]
    bid, ask, spread = snapshots[-1]
    return {"bid": bid, "ask": ask, "ratio": ratios[-1], "ratio_last_5": ratios, "spread": spread}


def _imbalance(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    snapshots = _book(flow, interval_ms, time_ms)
    if not snapshots:
        return {}
    values = [(bid - ask) / (bid + ask) if bid + ask else 0.0 for bid, ask, _ in snapshots]
    return {"current": values[-1], "last_5": values}


def _price_change(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    buckets = flow.buckets("ranged", interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None or flow.ranged is None or window.newest == window.oldest:
        return {}
    highs = [flow.ranged.high.item(row) for row in buckets.last_rows(window, NEWEST + 1)]
    changes = [_percent(old, new) for old, new in itertools.pairwise(highs)]
    return {"current": changes[-1], "start_price": highs[-2], "end_price": highs[-1], "last_5": changes}


def _volatility(flow: FlowHistory, interval_ms: int, time_ms: int) -> dict[str, Any]:
    buckets = flow.buckets("ranged", interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None or flow.ranged is None:
        return {}
    high, low = flow.ranged.high, flow.ranged.low
    highs = buckets.newest_values(window, buckets.whole_extremes("high", high, np.maximum), high, np.maximum)
    lows = buckets.newest_values(window, buckets.whole_extremes("low", low, np.minimum), low, np.minimum)
    ranges = [(top - bottom) / bottom * 100.0 if bottom else 0.0 for top, bottom in zip(highs, lows, strict=True)]
    return {"current": ranges[-1], "high": highs[-1], "low": lows[-1], "last_5": ranges}


#: Upper-case name -> metric(flow, interval in ms, instant in ms).
FLOW_METRICS: dict[str, Callable[[FlowHistory, int, int], dict[str, Any]]] = {
    "CVD": _cvd,
    "TAKER": _taker,
    "OI": _open_interest,
    "OI_DELTA": _open_interest_delta,
    "FUNDING": _funding,
    "DEPTH": _depth,
    "IMBALANCE": _imbalance,
    "PRICE_CHANGE": _price_change,
    "VOLATILITY": _volatility,
}
