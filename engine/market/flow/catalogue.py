"""The nine flow metrics of the contract (section 4), in its order, and those that are registered beside them."""

from __future__ import annotations

from operator import add, sub
from typing import Any

import numpy as np

from ...errors import ConfigurationError
from .buckets import WINDOW_BUCKETS
from .metric import HIGHEST, LAST, LOWEST, NEWEST, SUM, Answer, Columns, Divide, Formula, Kept, Metric

TAKER_SIDES = (Kept("buy_notional", SUM), Kept("sell_notional", SUM))
DEPTHS = (Kept("bid_depth", LAST), Kept("ask_depth", LAST))
LAST_VALUE = (Kept("value", LAST),)


def _percent(divide: Divide) -> Formula:
    return lambda old, new: divide(new - old, old) * 100.0


def _cents(value: Any) -> Any:
    """Return USD rounded to cents, as Python does it."""
    return round(value, 2) if isinstance(value, float) else np.array([round(each, 2) for each in value.tolist()])


def _millionths(rate: Any) -> Any:
    return rate * 1_000_000


def _cvd_answer(kept: Columns, deltas: list[float]) -> Answer:
    return {"current": deltas[-1], "last_5": deltas[-NEWEST:], "cumulative": sum(deltas)}


def _taker_answer(kept: Columns, ratios: list[float]) -> Answer:
    buy, sell = kept
    return {
        "buy": buy[-1],
        "sell": sell[-1],
        "ratio": ratios[-1],
        "ratio_last_5": ratios,
        "volume_last_5": list(map(add, buy, sell)),
    }


def _funding_answer(kept: Columns, changes: list[float]) -> Answer:
    rates = [_millionths(rate) for rate in kept[0]]
    current, change = rates[-1], changes[-1] if changes else FUNDING.first
    percent = current / 10_000
    return {
        "current": current,
        "current_pct": percent,
        "change": change,
        "change_pct": change / 10_000,
        "last_5": rates,
        "annualized": percent * 3 * 365,
    }


def _depth_answer(kept: Columns, ratios: list[float]) -> Answer:
    bid, ask, spread = kept
    return {"bid": bid[-1], "ask": ask[-1], "ratio": ratios[-1], "ratio_last_5": ratios, "spread": spread[-1]}


def _price_change_answer(kept: Columns, changes: list[float]) -> Answer:
    highs = kept[0]
    return {"current": changes[-1], "start_price": highs[-2], "end_price": highs[-1], "last_5": changes}


def _volatility_answer(kept: Columns, ranges: list[float]) -> Answer:
    lows, highs = kept
    return {"current": ranges[-1], "high": highs[-1], "low": lows[-1], "last_5": ranges}


CVD = Metric("CVD", "cvd", "trades", TAKER_SIDES, lambda _: sub, _cvd_answer, buckets=WINDOW_BUCKETS + 1)
TAKER = Metric(
    "TAKER", "taker_ratio", "trades", TAKER_SIDES, lambda divide: divide, _taker_answer,
    aliases=("taker_buy_ratio",), stand_in=1.0, signal_stand_in=1.0,
)  # fmt: skip
OI = Metric(
    "OI", "oi", "open_interest", LAST_VALUE, lambda _: lambda old, new, mark: _cents((new - old) * mark),
    against_previous=True, times_mark=True, buckets=NEWEST + 1,
)  # fmt: skip
OI_DELTA = Metric(
    "OI_DELTA", "oi_delta", "open_interest", LAST_VALUE, _percent,
    aliases=("oi_delta_percent",), against_previous=True, buckets=NEWEST + 1,
)  # fmt: skip
FUNDING = Metric(
    "FUNDING", "funding", "funding_rate", LAST_VALUE,
    lambda _: lambda old, new: _millionths(new) - _millionths(old), _funding_answer,
    aliases=("funding_rate",), against_previous=True, first=0.0,
)  # fmt: skip
DEPTH = Metric(
    "DEPTH", "depth_ratio", "book", DEPTHS, lambda divide: divide, _depth_answer,
    shown=(Kept("spread", LAST),), stand_in=1.0, signal_stand_in=1.0,
)  # fmt: skip
IMBALANCE = Metric(
    "IMBALANCE", "order_imbalance", "book", DEPTHS, lambda divide: lambda bid, ask: divide(bid - ask, bid + ask),
    signal_stand_in=0.0,
)  # fmt: skip
PRICE_CHANGE = Metric(
    "PRICE_CHANGE", "price_change", "ranged", (Kept("high", LAST),), _percent, _price_change_answer,
    against_previous=True, buckets=NEWEST + 1,
)  # fmt: skip
VOLATILITY = Metric(
    "VOLATILITY", "volatility", "ranged", (Kept("low", LOWEST), Kept("high", HIGHEST)), _percent, _volatility_answer
)

#: By the names that programs ask for.
FLOW_METRICS: dict[str, Metric] = {}
#: By the names that conditions compare; `funding` is its change.
SIGNAL_METRICS: dict[str, Metric] = {}
#: Other name of a signal metric -> its first name.
SIGNAL_ALIASES: dict[str, str] = {}


#: What the rows of each table are called.
_ROWS = {
    "trades": "15-second rows",
    "ranged": "15-second rows with high and low prices",
    "book": "order-book rows",
    "open_interest": "rows of open interest",
    "funding_rate": "recorded funding rates",
}


def rows_needed(metric: Metric) -> str:
    """Return what rows a metric is made of, in words."""
    return _ROWS[metric.table] + " (klines are not enough)" * (metric.table == "ranged")


def register_metric(metric: Metric) -> None:
    """Let programs ask for a metric and conditions compare it; `ConfigurationError` for a name that is taken."""
    signals = (metric.signal, *metric.aliases)
    taken = [name for name in (metric.name, *signals) if name in {*FLOW_METRICS, *SIGNAL_METRICS, *SIGNAL_ALIASES}]
    if taken:
        raise ConfigurationError([f"there is a flow metric {name!r} already" for name in taken])
    FLOW_METRICS[metric.name] = SIGNAL_METRICS[metric.signal] = metric
    SIGNAL_ALIASES.update(dict.fromkeys(metric.aliases, metric.signal))


for _metric in (CVD, TAKER, OI, OI_DELTA, FUNDING, DEPTH, IMBALANCE, PRICE_CHANGE, VOLATILITY):
    register_metric(_metric)
_CONTRACT = frozenset(FLOW_METRICS)


def own_metrics() -> list[str]:
    """Return the metrics that were registered beside those of the contract."""
    return sorted({*FLOW_METRICS} - _CONTRACT)
