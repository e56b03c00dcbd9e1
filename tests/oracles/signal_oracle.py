"""An independent judge of signals: a plain loop over every check point, plain sums over plain row tuples.

Written from sections 2 to 5 of the contract, and from the lengths of indicators in the design. It shares no code with
the project. A null is None; a value that cannot be computed is None; a truth is True, False or None. Where it and the
engine differ, one is wrong.

What the contract leaves open, and is decided here: taker amounts are never null (the columns are NOT NULL); a value
without a divisor (previous value 0, lowest low 0) and an OI change before any mark price are undefined; the
funding change without a previous bucket is 0, as get_flow has it; a filler of an indicator is no value, and an RSI of n
needs n + 1 klines; a kline-only pool is checked at the closes of the klines that exist, of all periods it uses; trade
rows without high or low have no part in price_change and volatility; the mark price of a bucket is the latest one at
its end, however old.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import Any

GRID = 15_000
MINUTE = 60_000
PERIODS = {
    "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "8h": 480, "12h": 720, "1d": 1440,
}  # fmt: skip
ALIASES = {"oi_delta_percent": "oi_delta", "funding_rate": "funding", "taker_buy_ratio": "taker_ratio"}

Reading = tuple[bool | None, dict[str, Any]]


@dataclass
class SlowMarket:
    """The rows of one symbol, oldest first.

    trades (t, buy usd, sell usd, high, low); book (t, bid, ask); the others (t, value); minutes (open ms, open, high,
    low, close, volume).
    """

    trades: list[tuple[Any, ...]] = field(default_factory=list)
    book: list[tuple[Any, ...]] = field(default_factory=list)
    open_interest: list[tuple[Any, ...]] = field(default_factory=list)
    funding: list[tuple[Any, ...]] = field(default_factory=list)
    mark: list[tuple[Any, ...]] = field(default_factory=list)
    minutes: list[tuple[Any, ...]] = field(default_factory=list)


def buckets_of(rows: list[tuple[Any, ...]], now: int, interval: int) -> list[list[tuple[Any, ...]]]:
    """The non-empty buckets of the window that ends now, oldest first."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    first = bisect_left(rows, now - 10 * interval, key=itemgetter(0))
    for row in rows[first : bisect_right(rows, now, key=itemgetter(0))]:
        found.setdefault(row[0] // interval * interval, []).append(row)
    return list(found.values())


def present(rows: list[tuple[Any, ...]], *columns: int) -> list[tuple[Any, ...]]:
    """Rows in which none of the columns is null."""
    for column in columns:
        rows = [row for row in rows if row[column] is not None]
    return rows


# ---------------------------------------------------------------------------------------------------- metrics


def cvd(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(market.trades, now, interval)
    if not buckets:
        return None
    return sum(row[1] for row in buckets[-1]) - sum(row[2] for row in buckets[-1])


def taker_ratio(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(market.trades, now, interval)
    if not buckets:
        return None
    buy, sell = sum(row[1] for row in buckets[-1]), sum(row[2] for row in buckets[-1])
    return buy / sell if sell else 1.0


def oi(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(present(market.open_interest, 1), now, interval)
    if len(buckets) < 2:
        return None
    end = min(buckets[-1][-1][0] // interval * interval + interval - 1, now)
    marks = [row[1] for row in present(market.mark, 1) if row[0] <= end]
    return round((buckets[-1][-1][1] - buckets[-2][-1][1]) * marks[-1], 2) if marks else None


def percent_change(buckets: list[list[tuple[Any, ...]]], column: int) -> float | None:
    if len(buckets) < 2 or buckets[-2][-1][column] == 0:
        return None
    before, after = buckets[-2][-1][column], buckets[-1][-1][column]
    return (after - before) / before * 100


def oi_delta(market: SlowMarket, now: int, interval: int) -> float | None:
    return percent_change(buckets_of(present(market.open_interest, 1), now, interval), 1)


def price_change(market: SlowMarket, now: int, interval: int) -> float | None:
    return percent_change(buckets_of(present(market.trades, 3, 4), now, interval), 3)


def funding(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(present(market.funding, 1), now, interval)
    if not buckets:
        return None
    return (buckets[-1][-1][1] - buckets[-2][-1][1]) * 1_000_000 if len(buckets) > 1 else 0.0


def depth_ratio(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(market.book, now, interval)
    if not buckets:
        return None
    _, bid, ask = buckets[-1][-1]
    return bid / ask if ask else 1.0


def order_imbalance(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(market.book, now, interval)
    if not buckets:
        return None
    _, bid, ask = buckets[-1][-1]
    return (bid - ask) / (bid + ask) if bid + ask else 0.0


def volatility(market: SlowMarket, now: int, interval: int) -> float | None:
    buckets = buckets_of(present(market.trades, 3, 4), now, interval)
    if not buckets:
        return None
    high, low = max(row[3] for row in buckets[-1]), min(row[4] for row in buckets[-1])
    return (high - low) / low * 100 if low else None


METRICS: dict[str, Callable[[SlowMarket, int, int], float | None]] = {
    "cvd": cvd,
    "oi_delta": oi_delta,
    "oi": oi,
    "funding": funding,
    "taker_ratio": taker_ratio,
    "depth_ratio": depth_ratio,
    "order_imbalance": order_imbalance,
    "price_change": price_change,
    "volatility": volatility,
}

OPERATORS: dict[str, Callable[[float, float], bool]] = {}
for names, compare in (
    ("> greater_than gt", lambda v, t: v > t),
    (">= greater_than_or_equal gte", lambda v, t: v >= t),
    ("< less_than lt", lambda v, t: v < t),
    ("<= less_than_or_equal lte", lambda v, t: v <= t),
    ("== equal eq", lambda v, t: abs(v - t) < 1e-9),
    ("!= not_equal ne", lambda v, t: not abs(v - t) < 1e-9),
    ("abs_greater_than abs_gt", lambda v, t: abs(v) > t),
    ("abs_less_than abs_lt", lambda v, t: abs(v) < t),
):
    OPERATORS.update(dict.fromkeys(names.split(), compare))


# ---------------------------------------------------------------------------------------------------- conditions


def compared(condition: dict[str, Any], value: float | None) -> Reading:
    if value is None:
        return None, {"value": None}
    return OPERATORS[condition["operator"]](value, condition["threshold"]), {"value": value}


def taker_volume(condition: dict[str, Any], market: SlowMarket, now: int, interval: int) -> Reading:
    buckets = buckets_of(market.trades, now, interval)
    if not buckets:
        return None, {}
    buy, sell = sum(row[1] for row in buckets[-1]), sum(row[2] for row in buckets[-1])
    if buy == 0 or sell == 0:
        return None, {}
    if buy + sell < condition.get("volume_threshold", 0):
        return False, {}
    log_ratio = math.log(buy / sell)
    limit = math.log(max(condition.get("ratio_threshold", 1.5), 1.01))
    wanted = condition.get("direction", "any")
    up, down = log_ratio >= limit, log_ratio <= -limit
    seen = {
        "value": buy / sell, "ratio": buy / sell, "buy": buy, "sell": sell, "total": buy + sell, "volume": buy + sell,
        "log_ratio": log_ratio, "direction": "buy" if up else "sell",
    }  # fmt: skip
    return {"buy": up, "sell": down, "any": up or down}[wanted], seen


def finished_klines(market: SlowMarket, now: int, period: str) -> list[tuple[float, ...]]:
    """The newest 500 closed klines, put together from 1m: (open ms, open, high, low, close, volume)."""
    length = PERIODS[period] * MINUTE
    groups: dict[int, list[tuple[Any, ...]]] = {}
    for row in market.minutes[: bisect_left(market.minutes, now // length * length, key=itemgetter(0))]:
        groups.setdefault(row[0] // length * length, []).append(row)
    out = []
    for start in sorted(groups)[-500:]:
        g = groups[start]
        out.append((start, g[0][1], max(r[2] for r in g), min(r[3] for r in g), g[-1][4], sum(r[5] for r in g)))
    return out


def ema(values: list[float], n: int) -> list[float | None]:
    out: list[float | None] = [None] * min(n - 1, len(values))
    if len(values) >= n:
        last = sum(values[:n]) / n
        out.append(last)
        for value in values[n:]:
            last += 2 / (n + 1) * (value - last)
            out.append(last)
    return out


def macd_of(closes: list[float]) -> list[tuple[float, float, float] | None]:
    """(macd, signal, histogram) of each kline, None until all three exist."""
    fast, slow = ema(closes, 12), ema(closes, 26)
    line = [f - s for f, s in zip(fast, slow, strict=True) if f is not None and s is not None]
    signal = ema(line, 9)
    missing = len(closes) - len(line)
    full = [None if s is None else (m, s, m - s) for m, s in zip(line, signal, strict=True)]
    return [None] * missing + full


def macd_event(condition: dict[str, Any], market: SlowMarket, now: int) -> Reading:
    closes = [kline[4] for kline in finished_klines(market, now, condition.get("time_window", "5m"))]
    if len(closes) < 35:
        return None, {}
    before, after = macd_of(closes)[-2:]
    assert before is not None
    assert after is not None
    up = before[2] <= 0 < after[2]
    down = before[2] >= 0 > after[2]
    happened = {
        "golden_cross": up, "histogram_positive": up, "death_cross": down, "histogram_negative": down,
        "macd_above_zero": before[0] <= 0 < after[0], "macd_below_zero": before[0] >= 0 > after[0],
    }  # fmt: skip
    seen = [event for event in condition["event_types"] if happened[event]]
    if not seen:
        return False, {}
    values = {"macd": after[0], "signal": after[1], "histogram": after[2], "prev_histogram": before[2]}
    return True, {"events": seen, "values": values}


def rsi(closes: list[float], n: int) -> float | None:
    if len(closes) < 2:
        return None
    changes = [b - a for a, b in pairwise(closes)]
    gain, loss = max(changes[0], 0.0), max(-changes[0], 0.0)
    for change in changes[1:]:
        gain += (max(change, 0.0) - gain) / n
        loss += (max(-change, 0.0) - loss) / n
    return 100 * gain / (gain + loss) if gain + loss else 50.0


def atr(klines: list[tuple[float, ...]], n: int) -> float | None:
    if len(klines) < n:
        return None
    ranges = [klines[0][2] - klines[0][3]]
    for before, kline in pairwise(klines):
        ranges.append(max(kline[2] - kline[3], abs(kline[2] - before[4]), abs(kline[3] - before[4])))
    value = sum(ranges[:n]) / n
    for item in ranges[n:]:
        value += (item - value) / n
    return value


def indicator(name: str, klines: list[tuple[float, ...]]) -> float | None:
    """MAn, EMAn, RSIn, ATRn: the families that have one value."""
    closes = [kline[4] for kline in klines]
    if name.startswith("MA"):
        n = int(name[2:])
        return sum(closes[-n:]) / n if len(closes) >= n else None
    if name.startswith("EMA"):
        averages = ema(closes, int(name[3:]))
        return averages[-1] if averages else None
    if name.startswith("RSI"):
        n = int(name[3:])
        return rsi(closes, n) if len(closes) > n else None
    return atr(klines, int(name[3:]))


def reading(condition: dict[str, Any], market: SlowMarket, now: int) -> Reading:
    """What one condition says at one instant."""
    metric = condition["metric"].lower()
    window = condition.get("time_window", "5m")
    interval = PERIODS[window] * MINUTE
    if metric == "taker_volume":
        return taker_volume(condition, market, now, interval)
    if metric == "macd":
        return macd_event(condition, market, now)
    if metric.startswith("indicator:"):
        name = condition["metric"].partition(":")[2].upper()
        return compared(condition, indicator(name, finished_klines(market, now, window)))
    return compared(condition, METRICS[ALIASES.get(metric, metric)](market, now, interval))


# ---------------------------------------------------------------------------------------------------- pools


def pool_state(truths: list[bool | None], logic: str) -> bool | None:
    """OR and AND of three-valued logic."""
    decides = logic.upper() == "OR"
    if decides in truths:
        return decides
    return None if None in truths else not decides


def kline_based(condition: dict[str, Any]) -> bool:
    return condition["metric"].lower() == "macd" or condition["metric"].lower().startswith("indicator:")


def check_instants(conditions: list[dict[str, Any]], market: SlowMarket, start: int, end: int) -> list[int]:
    if not all(kline_based(condition) for condition in conditions):
        return list(range(-(-start // GRID) * GRID, end + 1, GRID))
    closes = set()
    for condition in conditions:
        length = PERIODS[condition.get("time_window", "5m")] * MINUTE
        closes |= {row[0] // length * length + length for row in market.minutes}
    return sorted(close for close in closes if start <= close <= end)


def slow_triggers(
    conditions: list[dict[str, Any]], logic: str, market: SlowMarket, start: int, end: int
) -> list[tuple[int, dict[int, dict[str, Any]]]]:
    """(instant, {place of a true signal in the pool: what it saw}) of every edge."""
    state, out = False, []
    for now in check_instants(conditions, market, start, end):
        readings = [reading(condition, market, now) for condition in conditions]
        new = pool_state([truth for truth, _ in readings], logic)
        if new and not state:
            out.append((now, {place: seen for place, (truth, seen) in enumerate(readings) if truth}))
        state = state if new is None else new
    return out


def undefined_share(conditions: list[dict[str, Any]], logic: str, market: SlowMarket, start: int, end: int) -> float:
    """The share of the check points at which the pool was undefined."""
    instants = check_instants(conditions, market, start, end)
    states = [pool_state([reading(c, market, now)[0] for c in conditions], logic) for now in instants]
    return sum(state is None for state in states) / len(states) if states else 0.0
