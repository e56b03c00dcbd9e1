"""The indicators as the contract's section 3 says them, word for word, and random klines to compare on."""

import math
from random import Random

import numpy as np
from hypothesis import strategies as st

from engine import Kline, KlineColumns

TABLE = [
    "MA5",
    "MA10",
    "MA20",
    "EMA20",
    "EMA50",
    "EMA100",
    "RSI7",
    "RSI14",
    "MACD",
    "BOLL",
    "ATR14",
    "STOCH",
    "VWAP",
    "OBV",
]

OTHER_PERIODS = ["MA1", "MA50", "EMA1", "EMA12", "RSI1", "RSI21", "ATR1", "ATR7"]

LONG_PERIODS = ["MA500", "EMA499", "EMA500", "RSI500", "RSI9999", "ATR499", "ATR500", "MA501", "EMA501", "ATR501"]

DAY_S = 86_400


def reference(klines: list[Kline], name: str) -> dict[str, list[float]]:
    family, period = name.rstrip("0123456789"), int(name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
    closes = [kline.close for kline in klines]
    if family == "MA":
        return {"value": [mean(closes[i + 1 - period : i + 1]) if i + 1 >= period else 0.0 for i in range(len(klines))]}
    if family == "EMA":
        return {"value": [0.0 if value is None else value for value in ema(closes, period)]}
    if family == "RSI":
        return {"value": rsi(closes, period)}
    if family == "ATR":
        return {"value": atr(klines, period)}
    return {"MACD": macd, "BOLL": boll, "STOCH": stoch, "VWAP": vwap, "OBV": obv}[name](klines)


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def ema(values: list[float], period: int) -> list[float | None]:
    result: list[float | None] = [None] * len(values)
    for i in range(period - 1, len(values)):
        before = result[i - 1] if i else None
        if before is None:
            result[i] = mean(values[: i + 1])
        else:
            result[i] = before * (1 - 2 / (period + 1)) + values[i] * 2 / (period + 1)
    return result


def rsi(closes: list[float], period: int) -> list[float]:
    result = [50.0] * len(closes)
    for i in range(1, len(closes)):
        gain, loss = max(closes[i] - closes[i - 1], 0.0), max(closes[i - 1] - closes[i], 0.0)
        if i == 1:
            gains, losses = gain, loss
        else:
            gains = gains * (1 - 1 / period) + gain / period
            losses = losses * (1 - 1 / period) + loss / period
        if gains + losses > 0:
            result[i] = 100 * gains / (gains + losses)
    return result


def atr(klines: list[Kline], period: int) -> list[float]:
    ranges, result = [], [0.0] * len(klines)
    for i, kline in enumerate(klines):
        true_range = kline.high - kline.low
        if i:
            close = klines[i - 1].close
            true_range = max(true_range, abs(kline.high - close), abs(kline.low - close))
        ranges.append(true_range)
        if i == period - 1:
            result[i] = mean(ranges)
        elif i >= period:
            result[i] = result[i - 1] * (1 - 1 / period) + true_range / period
    return result


def macd(klines: list[Kline]) -> dict[str, list[float]]:
    closes = [kline.close for kline in klines]
    fast, slow = ema(closes, 12), ema(closes, 26)
    valid = [a - b for a, b in zip(fast, slow, strict=True) if a is not None and b is not None]
    filler = [0.0] * (len(klines) - len(valid))
    signal = ema(valid, 9)
    return {
        "macd": filler + valid,
        "signal": filler + [0.0 if value is None else value for value in signal],
        "histogram": filler + [0.0 if b is None else a - b for a, b in zip(valid, signal, strict=True)],
    }


def boll(klines: list[Kline]) -> dict[str, list[float]]:
    result: dict[str, list[float]] = {"upper": [], "middle": [], "lower": []}
    for i in range(len(klines)):
        closes = [kline.close for kline in klines[max(0, i - 19) : i + 1]]
        middle = band = 0.0
        if len(closes) == 20:
            middle = mean(closes)
            band = 2 * math.sqrt(math.fsum((close - middle) ** 2 for close in closes) / 19)
        for key, value in (("upper", middle + band), ("middle", middle), ("lower", middle - band)):
            result[key].append(value)
    return result


def stoch(klines: list[Kline]) -> dict[str, list[float]]:
    raw = []
    for i in range(13, len(klines)):
        window = klines[i - 13 : i + 1]
        low, high = min(kline.low for kline in window), max(kline.high for kline in window)
        raw.append(100 * (klines[i].close - low) / (high - low) if high > low else 50.0)
    k = [mean(raw[i - 2 : i + 1]) for i in range(2, len(raw))]
    d = [mean(k[i - 2 : i + 1]) for i in range(2, len(k))]
    return {"k": [50.0] * (len(klines) - len(k)) + k, "d": [50.0] * (len(klines) - len(d)) + d}


def vwap(klines: list[Kline]) -> dict[str, list[float]]:
    result, day = [], None
    for kline in klines:
        if kline.timestamp // DAY_S != day:
            day, turnover, volume = kline.timestamp // DAY_S, 0.0, 0.0
        turnover += (kline.high + kline.low + kline.close) / 3 * kline.volume
        volume += kline.volume
        result.append(turnover / volume if volume else 0.0)
    return {"value": result}


def obv(klines: list[Kline]) -> dict[str, list[float]]:
    result = [0.0] * len(klines)
    for i in range(1, len(klines)):
        change = klines[i].close - klines[i - 1].close
        result[i] = result[i - 1] + (klines[i].volume if change > 0 else -klines[i].volume if change < 0 else 0.0)
    return {"value": result}


SEGMENTS = ("walk", "jumps", "flat", "silent", "ticks", "collapse", "rally", "gap")


def make_klines(segments: list[tuple[str, int]], seed: int, period_s: int, start_s: int) -> list[Kline]:
    """Join segments of (kind, length); collapse and rally go by 1e7, jumps lie between klines, ticks are of 0.1."""
    random, klines, timestamp, price = Random(seed), [], start_s // period_s * period_s, 30_000.0
    for kind, length in segments:
        if kind == "gap":
            timestamp += length * period_s
            continue
        for _ in range(length):
            factor = {"walk": math.exp(random.gauss(0, 0.002)), "collapse": 10 ** (-7 / length)}.get(kind, 1.0)
            factor = 10 ** (7 / length) if kind == "rally" else factor
            opened = price * math.exp(random.gauss(0, 0.01)) if kind == "jumps" else price
            price = opened * factor
            if kind == "ticks":
                price = max(round(price + random.choice((-0.1, 0.0, 0.1)), 1), 0.1)
            wick = 0.0 if kind in ("flat", "silent") else price * 0.001 * random.random()
            volume = 0.0 if kind == "silent" or random.random() < 0.1 else random.expovariate(0.1)
            high, low = max(opened, price) + wick, min(opened, price) - wick
            klines.append(Kline(timestamp, opened, high, low, price, volume))
            timestamp += period_s
    return klines


def kline_lists(*lengths: int, most: int = 6) -> st.SearchStrategy[list[Kline]]:
    segment = st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(lengths))
    return st.builds(
        make_klines,
        st.lists(segment, min_size=1, max_size=most),
        st.integers(0, 2**32),
        st.sampled_from((60, 300, 3_600, DAY_S)),
        st.integers(1_600_000_000, 1_600_000_000 + DAY_S),
    )


def to_columns(klines: list[Kline], period_ms: int = 60_000) -> KlineColumns:
    if not klines:
        return KlineColumns.of(period_ms, ())
    timestamp, *rest = (np.array(column) for column in zip(*klines, strict=True))
    return KlineColumns(period_ms, timestamp * 1_000, *rest)


def tolerance(klines: list[Kline], name: str) -> float:
    """The absolute error that differences of large numbers bring with them: 1e-9 of the numbers subtracted."""
    if not klines:
        return 0.0
    if name == "OBV":
        return 1e-9 * sum(kline.volume for kline in klines)
    if name in ("MACD", "BOLL"):
        return 1e-9 * max(kline.close for kline in klines[-26:])
    return 0.0


def assert_same(actual: float, expected: float, absolute: float, where: object) -> None:
    assert type(actual) is float, where
    assert math.isclose(actual, expected, rel_tol=1e-9, abs_tol=absolute), (where, actual, expected)


WALK = make_klines(
    [("walk", 300), ("jumps", 400), ("silent", 30), ("walk", 20), ("gap", 2_000), ("ticks", 400)], 7, 60, 1_600_040_000
)
