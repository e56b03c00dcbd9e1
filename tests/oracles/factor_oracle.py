"""Factors row by row over lists of numbers: from the contract's table alone, nothing shared with the engine.

A series is a list of floats, NaN where it is unknown. `None` for a series says that there are too few rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Series = list[float]
NAN = math.nan
G = 0.0001
DAY_MS = 86_400_000
EPSILON = 2.0**-52


class Columns(NamedTuple):
    """The columns of klines."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    open_ms: list[int]


class TooFewRowsError(Exception):
    """A function has no value in so few rows."""


# -------------------------------------------------------------------- numbers


def div(a: float, b: float) -> float:
    """a / b as floats of processors have it: x/0 is infinite, 0/0 is not a number."""
    if b:
        return a / b
    return NAN if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def unknown(*values: float) -> bool:
    return any(math.isnan(value) for value in values)


def sign(x: float) -> float:
    return x if unknown(x) else float((x > 0) - (x < 0))


def exp(x: float) -> float:
    return NAN if unknown(x) else math.exp(min(x, 500))


def log(x: float) -> float:
    return NAN if unknown(x) else math.log(max(x, 1e-10))


def sqrt(x: float) -> float:
    return NAN if unknown(x) else math.sqrt(max(x, 0))


def power(x: float, n: float) -> float:
    if unknown(x, n):
        return NAN
    if x < 0 and n != int(n):
        return NAN
    if x == 0 and n < 0:
        return math.inf
    return x**n


def larger(a: float, b: float) -> float:
    return NAN if unknown(a, b) else max(a, b)


def smaller(a: float, b: float) -> float:
    return NAN if unknown(a, b) else min(a, b)


def clamp(x: float, lo: float, hi: float) -> float:
    return smaller(larger(x, lo), hi)


def truth(x: float) -> bool:
    return unknown(x) or x != 0


def choose(condition: float, a: float, b: float) -> float:
    return a if truth(condition) else b


def each(function: Callable[..., float], *series: Series | float) -> Series:
    """`function` of every row; a number is the same in every row."""
    rows = max(len(one) for one in series if isinstance(one, list))
    spread = [one if isinstance(one, list) else [one] * rows for one in series]
    return [float(function(*values)) for values in zip(*spread, strict=True)]


# -------------------------------------------------------------------- windows


def windows(function: Callable[..., float], n: int, *series: Series) -> Series:
    """`function` of the last n values of each; unknown while one of them is."""
    result = []
    for row in range(len(series[0])):
        lasts = [one[row - n + 1 : row + 1] for one in series]
        enough = row >= n - 1 and not any(unknown(*last) for last in lasts)
        result.append(function(*lasts) if enough else NAN)
    return result


def mean(values: Series) -> float:
    """The mean, of equal values that very one."""
    if values.count(values[0]) == len(values):
        return values[0]
    return math.fsum(values) / len(values)


def covariance(a: Series, b: Series) -> float:
    if len(a) < 2:
        return NAN
    x, y = mean(a), mean(b)
    return math.fsum((p - x) * (q - y) for p, q in zip(a, b, strict=True)) / (len(a) - 1)


def deviation(values: Series) -> float:
    return math.sqrt(covariance(values, values)) if len(values) > 1 else NAN


def correlation(a: Series, b: Series) -> float:
    return div(covariance(a, b), deviation(a) * deviation(b))


def weighted(values: Series) -> float:
    n = len(values)
    return math.fsum((k + 1) * value for k, value in enumerate(values)) / (n * (n + 1) / 2)


def moment(values: Series, power_of: int) -> float:
    middle = mean(values)
    return math.fsum((value - middle) ** power_of for value in values) / len(values)


def skewness(values: Series) -> float:
    n = len(values)
    if n < 3:
        return NAN
    return div(moment(values, 3), moment(values, 2) ** 1.5) * math.sqrt(n * (n - 1)) / (n - 2)


def excess_kurtosis(values: Series) -> float:
    n = len(values)
    if n < 4:
        return NAN
    plain = div(moment(values, 4), moment(values, 2) ** 2) - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * plain + 6)


def rank_among(values: Series, one: float) -> float:
    """The rank of one of the values, of those that tie with it the middle one, as a share of their number."""
    below = sum(value < one for value in values)
    ties = sum(value == one for value in values)
    return (below + (ties + 1) / 2) / len(values)


def rows_since_oldest(values: Series, extreme: float) -> float:
    return float(len(values) - 1 - values.index(extreme))


def rows_since_newest(values: Series, extreme: float) -> float:
    return float(values[::-1].index(extreme))


def need(rows: int, *series: Series) -> None:
    if len(series[0]) < rows:
        raise TooFewRowsError


def zeros(s: Series) -> Series:
    return [0.0] * len(s)


def bring(s: Series, n: int) -> Series:
    """The values of n rows ago."""
    return [s[row - n] if row >= n else NAN for row in range(len(s))]


def averaged(s: Series, start: int, first: float, alpha: float) -> Series:
    """An exponential mean: `first` at row `start` (or the first known value after it); NaN repeats the one before."""
    result = [NAN] * min(start, len(s))
    for row in range(start, len(s)):
        value = first if row == start else s[row]
        before = result[-1] if result else NAN
        if unknown(before):
            result.append(value)
        else:
            result.append(before if unknown(value) else before + alpha * (value - before))
    return result


def smooth(s: Series, n: int) -> Series:
    """The contract's small ema."""
    known = [value for value in s[:n] if not unknown(value)]
    return averaged(s, n - 1, mean(known) if known else NAN, 2 / (n + 1))


def rma(s: Series, n: int) -> Series:
    start = next((row for row, value in enumerate(s) if not unknown(value)), len(s))
    return averaged(s, start, s[start], 1 / n) if start < len(s) else [NAN] * len(s)


def plain_sma(s: Series, n: int) -> Series:
    return windows(mean, n, s)


def plain_wma(s: Series, n: int) -> Series:
    return windows(weighted, n, s)


# -------------------------------------------------------------------- averages


def sma(s: Series, n: int = 20) -> Series:
    need(n, s)
    return plain_sma(s, n)


def ema(s: Series, n: int = 20) -> Series:
    need(n, s)
    return smooth(s, n)


def wma(s: Series, n: int = 20) -> Series:
    need(n, s)
    return plain_wma(s, n)


def hma(s: Series, n: int = 20) -> Series:
    """Half of one row is taken as one row."""
    need(n + 2, s)
    halves = plain_wma(s, max(n // 2, 1))
    return plain_wma(each(lambda half, whole: 2 * half - whole, halves, plain_wma(s, n)), math.isqrt(n))


def dema(s: Series, n: int = 20) -> Series:
    need(n, s)
    once = smooth(s, n)
    return each(lambda a, b: 2 * a - b, once, smooth(once, n))


def tema(s: Series, n: int = 20) -> Series:
    need(3 * n, s)
    once = smooth(s, n)
    twice = smooth(once, n)
    return each(lambda a, b, c: 3 * (a - b) + c, once, twice, smooth(twice, n))


def kama(s: Series, n: int = 20) -> Series:
    need(max(30, n), s)
    result = [NAN] * (n - 1) + [mean(s[:n])]
    for row in range(n, len(s)):
        way = math.fsum(abs(s[k] - s[k - 1]) for k in range(row - n + 1, row + 1))
        straight = abs(s[row] - s[row - n]) / way if way else 0.0
        k = (straight * (2 / 3 - 2 / 31) + 2 / 31) ** 2
        result.append(result[-1] + k * (s[row] - result[-1]))
    return result


def macd_parts(s: Series, fast: int, slow: int, signal: int) -> tuple[Series, Series, Series]:
    line = each(lambda a, b: a - b, smooth(s, fast), smooth(s, slow))
    start = slow - 1
    trail = [NAN] * start + smooth(line[start:], signal)
    return line, trail, each(lambda a, b: a - b, line, trail)


def macd(s: Series, fast: int = 12, slow: int = 26, signal: int = 9) -> Series:
    return zeros(s) if len(s) < slow + signal - 1 else macd_parts(s, fast, slow, signal)[0]


def macd_signal(s: Series, fast: int = 12, slow: int = 26, signal: int = 9) -> Series:
    return zeros(s) if len(s) < slow + signal - 1 else macd_parts(s, fast, slow, signal)[1]


def macd_hist(s: Series, fast: int = 12, slow: int = 26, signal: int = 9) -> Series:
    return zeros(s) if len(s) < slow + signal - 1 else macd_parts(s, fast, slow, signal)[2]


# -------------------------------------------------------------------- momentum


def rsi(s: Series, n: int = 14) -> Series:
    need(n + 1, s)
    change = each(lambda a, b: a - b, s, bring(s, 1))
    gains = rma([larger(value, 0.0) for value in change], n)
    losses = rma([larger(-value, 0.0) for value in change], n)
    return each(lambda gain, loss: div(100 * gain, gain + loss), gains, losses)


def roc(s: Series, n: int = 10) -> Series:
    need(n + 1, s)
    return each(lambda a, b: div(100 * (a - b), b), s, bring(s, n))


def mom(s: Series, n: int = 10) -> Series:
    need(n + 1, s)
    return delta(s, n)


def stretch(h: Series, low: Series, c: Series, n: int) -> tuple[Series, Series]:
    """What is above the lowest of n, and the whole range."""
    lowest, highest = windows(min, n, low), windows(max, n, h)
    return each(lambda a, b: a - b, c, lowest), each(lambda a, b: a - b, highest, lowest)


def raw_stoch(h: Series, low: Series, c: Series, n: int, if_flat: float) -> Series:
    return each(lambda part, whole: if_flat if whole == 0 else 100 * part / whole, *stretch(h, low, c, n))


def stoch_k(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    return zeros(c) if len(c) < n + 6 else plain_sma(raw_stoch(h, low, c, n, 0.0), 3)


def stoch_d(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    return zeros(c) if len(c) < n + 6 else plain_sma(stoch_k(h, low, c, n), 3)


def typical(h: Series, low: Series, c: Series) -> Series:
    return each(lambda a, b, d: (a + b + d) / 3, h, low, c)


def from_mean(values: Series) -> float:
    middle = mean(values)
    return div(values[-1] - middle, 0.015 * mean([abs(value - middle) for value in values]))


def cci(h: Series, low: Series, c: Series, n: int = 20) -> Series:
    need(n, c)
    return windows(from_mean, n, typical(h, low, c))


def willr(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    need(n, c)
    return each(lambda part, whole: 100 * (div(part, whole) - 1), *stretch(h, low, c, n))


def ppo(s: Series, fast: int = 12, slow: int = 26) -> Series:
    need(slow, s)
    return each(lambda a, b: div(100 * (a - b), b), plain_sma(s, fast), plain_sma(s, slow))


def trix(s: Series, n: int = 15) -> Series:
    n = max(n, 9)
    need(3 * n - 1, s)
    thrice = smooth(smooth(smooth(s, n), n), n)
    return each(lambda a, b: 100 * (div(a, b) - 1), thrice, bring(thrice, 1))


# -------------------------------------------------------------------- directions and ranges


def true_range(h: Series, low: Series, c: Series) -> Series:
    """A range of zero anywhere adds an epsilon everywhere, as the annex has it: 0 / range is 0 then."""
    ranges = each(lambda a, b: a - b, h, low)
    more = EPSILON if 0.0 in ranges else 0.0
    result = [ranges[0] + more]
    for row in range(1, len(c)):
        result.append(max(ranges[row], abs(h[row] - c[row - 1]), abs(low[row] - c[row - 1])) + more)
    return result


def atr(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    need(n + 1, c)
    ranges = true_range(h, low, c)
    return averaged(ranges, n - 1, mean(ranges[:n]), 1 / n)


def natr(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    need(n + 1, c)
    ranges = true_range(h, low, c)
    return each(lambda a, b: a * div(100, b), averaged(ranges, n - 1, mean(ranges[:n]), 2 / (n + 1)), c)


def directions(h: Series, low: Series, c: Series, n: int) -> tuple[Series, Series, Series]:
    """ADX, +DI and -DI."""
    up, down = [NAN], [NAN]
    for row in range(1, len(c)):
        rise, fall = h[row] - h[row - 1], low[row - 1] - low[row]
        up.append(rise if rise > 0 and rise > fall else 0.0)
        down.append(fall if fall > 0 and fall > rise else 0.0)
    ranges = true_range(h, low, c)
    seed = ranges[1:n]
    reach = averaged(ranges, n - 1, mean(seed) if seed else NAN, 1 / n)
    plus = each(lambda a, b: div(100 * a, b), rma(up, n), reach)
    minus = each(lambda a, b: div(100 * a, b), rma(down, n), reach)
    return rma(each(lambda p, m: div(100 * abs(p - m), p + m), plus, minus), n), plus, minus


def adx(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    return zeros(c) if len(c) < n + 1 else directions(h, low, c, n)[0]


def plus_di(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    return zeros(c) if len(c) < n + 1 else directions(h, low, c, n)[1]


def minus_di(h: Series, low: Series, c: Series, n: int = 14) -> Series:
    return zeros(c) if len(c) < n + 1 else directions(h, low, c, n)[2]


def aroon_up(h: Series, low: Series, n: int = 25) -> Series:
    if len(h) < n + 1:
        return zeros(h)
    return windows(lambda last: 100 * (1 - rows_since_newest(last, max(last)) / n), n + 1, h)


def aroon_down(h: Series, low: Series, n: int = 25) -> Series:
    if len(h) < n + 1:
        return zeros(h)
    return windows(lambda last: 100 * (1 - rows_since_newest(last, min(last)) / n), n + 1, low)


def stddev(s: Series, n: int = 20) -> Series:
    return windows(deviation, n, s)


def bands(s: Series, n: int, width: float) -> Series:
    return zeros(s) if len(s) < n else windows(lambda last: mean(last) + width * deviation(last), n, s)


def bbands_upper(s: Series, n: int = 20) -> Series:
    return bands(s, n, 2)


def bbands_mid(s: Series, n: int = 20) -> Series:
    return zeros(s) if len(s) < n else plain_sma(s, n)


def bbands_lower(s: Series, n: int = 20) -> Series:
    return bands(s, n, -2)


# -------------------------------------------------------------------- volume


def summed(s: Series) -> Series:
    """The running sum from the first known row on."""
    result, total = [], 0.0
    for value in s:
        total += 0.0 if unknown(value) else value
        result.append(NAN if unknown(value) else total)
    return result


def obv(c: Series, v: Series) -> Series:
    return summed(each(lambda now, before, volume: sign(now - before) * volume, c, bring(c, 1), v))


def money(h: Series, low: Series, c: Series, v: Series) -> Series:
    return each(lambda a, b, d, q: (2 * d - a - b) * q / (a - b) if a != b else 0.0, h, low, c, v)


def ad(h: Series, low: Series, c: Series, v: Series) -> Series:
    return summed(money(h, low, c, v))


def cmf(h: Series, low: Series, c: Series, v: Series, n: int = 20) -> Series:
    need(n, c)
    return windows(lambda m, q: div(math.fsum(m), math.fsum(q)), n, money(h, low, c, v), v)


def mfi(h: Series, low: Series, c: Series, v: Series, n: int = 14) -> Series:
    need(n + 1, c)
    price = typical(h, low, c)
    result = [NAN] * len(c)
    for row in range(n, len(c)):
        last = range(row - n + 1, row + 1)
        up = math.fsum(price[k] * v[k] for k in last if price[k] > price[k - 1])
        down = math.fsum(price[k] * v[k] for k in last if not price[k] > price[k - 1])
        result[row] = div(100 * up, up + down)
    return result


def vwap(h: Series, low: Series, c: Series, v: Series, open_ms: list[int]) -> Series:
    result = []
    for row in range(len(c)):
        day = [k for k in range(row + 1) if open_ms[k] // DAY_MS == open_ms[row] // DAY_MS]
        volume = math.fsum(v[k] for k in day)
        turnover = math.fsum((h[k] + low[k] + c[k]) / 3 * v[k] for k in day)
        result.append(turnover / volume if volume else 0.0)
    return result


# -------------------------------------------------------------------- time series


def delay(s: Series, n: int = 1) -> Series:
    return bring(s, n)


def delta(s: Series, n: int = 1) -> Series:
    return each(lambda a, b: a - b, s, bring(s, n))


def ts_pct_change(s: Series, n: int = 1) -> Series:
    return each(lambda a, b: div(a, b) - 1, s, bring(s, n))


def plain_log(x: float) -> float:
    if unknown(x) or x < 0:
        return NAN
    if x == 0:
        return -math.inf
    return math.log(x)


def log_return(s: Series, n: int = 1) -> Series:
    return each(lambda a, b: plain_log(div(a, b)), s, bring(s, n))


def ts_sum(s: Series, n: int = 20) -> Series:
    return windows(math.fsum, n, s)


def ts_mean(s: Series, n: int = 20) -> Series:
    return plain_sma(s, n)


def ts_std(s: Series, n: int = 20) -> Series:
    return stddev(s, n)


def ts_max(s: Series, n: int = 20) -> Series:
    return windows(max, n, s)


def ts_min(s: Series, n: int = 20) -> Series:
    return windows(min, n, s)


def ts_rank(s: Series, n: int = 20) -> Series:
    return windows(lambda last: rank_among(last, last[-1]), n, s)


def ts_argmax(s: Series, n: int = 20) -> Series:
    return windows(lambda last: rows_since_oldest(last, max(last)), n, s)


def ts_argmin(s: Series, n: int = 20) -> Series:
    return windows(lambda last: rows_since_oldest(last, min(last)), n, s)


def ts_corr(a: Series, b: Series, n: int = 20) -> Series:
    return windows(correlation, n, a, b)


def ts_cov(a: Series, b: Series, n: int = 20) -> Series:
    return windows(covariance, n, a, b)


def ts_skew(s: Series, n: int = 20) -> Series:
    return windows(skewness, n, s)


def ts_kurt(s: Series, n: int = 20) -> Series:
    return windows(excess_kurtosis, n, s)


def decaylinear(s: Series, n: int = 10) -> Series:
    """WMA, which is not among the functions without a value in too few rows."""
    return plain_wma(s, n)


def rank(s: Series) -> Series:
    known = [value for value in s if not unknown(value)]
    return [NAN if unknown(value) else rank_among(known, value) for value in s]


def zscore(s: Series) -> Series:
    known = [value for value in s if not unknown(value)]
    if not known:
        return list(s)
    return [(value - mean(known)) / (deviation(known) + 1e-10) for value in s]


def normalize(s: Series, n: int = 20) -> Series:
    return windows(lambda last: (last[-1] - mean(last)) / (deviation(last) + 1e-10), n, s)


# -------------------------------------------------------------------- stored factors


def minus(a: Series, b: Series | float) -> Series:
    return each(lambda x, y: x - y, a, b)


def times(a: Series, b: Series | float) -> Series:
    return each(lambda x, y: x * y, a, b)


def over(a: Series, b: Series | float) -> Series:
    return each(div, a, b)


def beyond(fast: Series, slow: Series) -> Series:
    return minus(over(fast, slow), 1)


def away(k: Columns, average: Series) -> Series:
    return over(minus(k.close, average), k.close)


def hlc(k: Columns) -> tuple[Series, Series, Series]:
    return k.high, k.low, k.close


def middle_of(k: Columns, n: int) -> Series:
    return each(lambda a, b: (a + b) / 2, ts_max(k.high, n), ts_min(k.low, n))


def position(k: Columns) -> Series:
    return each(lambda c, lo, hi: (c - lo) / (hi - lo + G), k.close, ts_min(k.low, 20), ts_max(k.high, 20))


def of_range(k: Columns, part: Series) -> Series:
    return each(lambda p, h, low: p / (h - low + G), part, k.high, k.low)


def rising_volume_share(k: Columns) -> Series:
    rising = each(lambda r, v: v if r > 0 else 0.0, roc(k.close, 1), k.volume)
    return over(ts_sum(rising, 20), ts_sum(k.volume, 20))


def efficiency(k: Columns) -> Series:
    steps = ts_sum(each(abs, delta(k.close, 1)), 10)
    return each(lambda way, path: abs(way) / (path + G), delta(k.close, 10), steps)


def trend_intensity(k: Columns) -> Series:
    strength, plus, less = adx(*hlc(k), 14), plus_di(*hlc(k), 14), minus_di(*hlc(k), 14)
    return each(lambda a, p, m: a * sign(p - m), strength, plus, less)


def divergence(k: Columns) -> Series:
    return each(lambda p, v: -sign(p) * v / 100, roc(k.close, 5), roc(k.volume, 5))


def squeeze(k: Columns) -> Series:
    width = minus(bbands_upper(k.close, 20), bbands_lower(k.close, 20))
    return over(width, bbands_mid(k.close, 20))


def keltner(k: Columns) -> Series:
    return each(lambda c, e, a: (c - e) / (2 * a + G), k.close, ema(k.close, 20), atr(*hlc(k), 14))


def momentum_decay(k: Columns) -> Series:
    return beyond(decaylinear(k.close, 20), sma(k.close, 20))


STORED: dict[str, Callable[[Columns], Series]] = {
    "EMA_CROSS_7_21": lambda k: beyond(ema(k.close, 7), ema(k.close, 21)),
    "EMA_CROSS_12_26": lambda k: beyond(ema(k.close, 12), ema(k.close, 26)),
    "SMA_CROSS_10_30": lambda k: beyond(sma(k.close, 10), sma(k.close, 30)),
    "VOL_TREND": lambda k: beyond(ema(k.volume, 7), ema(k.volume, 21)),
    "DEMA20_DEV": lambda k: away(k, dema(k.close, 20)),
    "HMA20_DEV": lambda k: away(k, hma(k.close, 20)),
    "KAMA20_DEV": lambda k: away(k, kama(k.close, 20)),
    "EMA200_DEV": lambda k: away(k, ema(k.close, 200)),
    "SMA50_DEV": lambda k: away(k, sma(k.close, 50)),
    "WMA14_DEV": lambda k: away(k, wma(k.close, 14)),
    "TEMA20_DEV": lambda k: away(k, tema(k.close, 20)),
    "ADX14": lambda k: adx(*hlc(k), 14),
    "CCI20": lambda k: cci(*hlc(k), 20),
    "WILLR14": lambda k: willr(*hlc(k), 14),
    "PPO_12_26": lambda k: ppo(k.close, 12, 26),
    "TRIX15": lambda k: trix(k.close, 15),
    "ROC5": lambda k: roc(k.close, 5),
    "RSI21": lambda k: rsi(k.close, 21),
    "NATR14": lambda k: natr(*hlc(k), 14),
    "CMF20": lambda k: cmf(*hlc(k), k.volume, 20),
    "MFI14": lambda k: mfi(*hlc(k), k.volume, 14),
    "AD_LINE": lambda k: ad(*hlc(k), k.volume),
    "LOG_RETURN_1": lambda k: log_return(k.close, 1),
    "DI_SPREAD": lambda k: minus(plus_di(*hlc(k), 14), minus_di(*hlc(k), 14)),
    "TREND_INTENSITY": trend_intensity,
    "AROON_OSC": lambda k: minus(aroon_up(k.high, k.low, 25), aroon_down(k.high, k.low, 25)),
    "MOM10_NORM": lambda k: over(mom(k.close, 10), k.close),
    "MOM_ACCEL": lambda k: minus(roc(k.close, 3), roc(k.close, 10)),
    "RSI_CHANGE": lambda k: delta(rsi(k.close, 14), 5),
    "RSI_ZONE": lambda k: each(abs, minus(rsi(k.close, 14), 50)),
    "CCI_NORM": lambda k: over(cci(*hlc(k), 20), 100),
    "MFI_RSI_DIFF": lambda k: minus(mfi(*hlc(k), k.volume, 14), rsi(k.close, 14)),
    "ATR_RATIO": lambda k: over(atr(*hlc(k), 5), atr(*hlc(k), 20)),
    "REALIZED_VOL": lambda k: stddev(log_return(k.close, 1), 20),
    "TR_PCT": lambda k: over(true_range(*hlc(k)), k.close),
    "VOL_EXPANSION": lambda k: over(stddev(k.close, 5), stddev(k.close, 20)),
    "BOLL_SQUEEZE": squeeze,
    "HIGH_LOW_PCT": lambda k: over(minus(k.high, k.low), k.close),
    "VOL_RATIO_5_20": lambda k: over(sma(k.volume, 5), sma(k.volume, 20)),
    "PRICE_VOL_CORR": lambda k: ts_corr(k.close, k.volume, 20),
    "NORM_PRICE": lambda k: normalize(k.close, 20),
    "NORM_VOLUME": lambda k: normalize(k.volume, 20),
    "RETURN_SKEW": lambda k: ts_skew(k.close, 20),
    "RETURN_KURT": lambda k: ts_kurt(k.close, 20),
    "PRICE_POS_20": position,
    "DONCHIAN_POS": position,
    "BARS_FROM_HIGH": lambda k: ts_argmax(k.high, 20),
    "BARS_FROM_LOW": lambda k: ts_argmin(k.low, 20),
    "DECAY_MOM": lambda k: decaylinear(roc(k.close, 1), 10),
    "MOMENTUM_DECAY": momentum_decay,
    "ICHIMOKU_CONV_DEV": lambda k: away(k, middle_of(k, 9)),
    "ICHIMOKU_BASE_DEV": lambda k: away(k, middle_of(k, 26)),
    "ICHIMOKU_SPAN": lambda k: over(minus(middle_of(k, 9), middle_of(k, 26)), k.close),
    "KELTNER_POS": keltner,
    "PIVOT_DIST": lambda k: away(k, typical(*hlc(k))),
    "VOL_PRICE_DIV": divergence,
    "UP_VOL_RATIO": rising_volume_share,
    "EFFICIENCY_RATIO": efficiency,
    "AMIHUD_ILLIQ": lambda k: each(lambda r, v: abs(r) / (v + G), roc(k.close, 1), k.volume),
    "CLOSE_RANGE": lambda k: of_range(k, minus(k.close, k.low)),
    "SHADOW_UPPER": lambda k: of_range(k, minus(k.high, each(max, k.open, k.close))),
    "SHADOW_LOWER": lambda k: of_range(k, minus(each(min, k.open, k.close), k.low)),
    "BODY_RATIO": lambda k: of_range(k, each(abs, minus(k.close, k.open))),
    "INTRABAR_VOL": lambda k: each(lambda h, low, c, o: (h - low) / (abs(c - o) + G), *hlc(k), k.open),
}


# -------------------------------------------------------------------- factors of the registry, at the last kline


def filled(s: Series, filler: float) -> float:
    return filler if unknown(s[-1]) else s[-1]


def away_at_last(k: Columns, average: Series) -> float:
    """Unknown where the average is, though the contract's indicators say 0 there: that is no average."""
    return div(k.close[-1] - average[-1], k.close[-1])


def away_from_vwap(k: Columns) -> float:
    average = vwap(*hlc(k), k.volume, k.open_ms)
    return away_at_last(k, average) if average[-1] else NAN


def raw_stoch_means(k: Columns) -> tuple[Series, Series]:
    fast = plain_sma(raw_stoch(*hlc(k), 14, 50.0), 3)
    return fast, plain_sma(fast, 3)


def registry_bands(k: Columns) -> tuple[float, float, float]:
    return bands(k.close, 20, 2)[-1], bands(k.close, 20, 0)[-1], bands(k.close, 20, -2)[-1]


def band_width(k: Columns) -> float:
    upper, middle, lower = registry_bands(k)
    return (upper - lower) / middle if middle else NAN


def band_position(k: Columns) -> float:
    upper, _, lower = registry_bands(k)
    return (k.close[-1] - lower) / (upper - lower) if upper != lower else NAN


def fraction(k: Columns, n: int) -> float:
    return k.close[-1] / k.close[-1 - n] - 1


REGISTRY: dict[str, Callable[[Columns], float]] = {
    "RSI14": lambda k: filled(rsi(k.close, 14), 50.0),
    "RSI7": lambda k: filled(rsi(k.close, 7), 50.0),
    "STOCH_K": lambda k: filled(raw_stoch_means(k)[0], 50.0),
    "STOCH_D": lambda k: filled(raw_stoch_means(k)[1], 50.0),
    "MACD_HIST": lambda k: macd_parts(k.close, 12, 26, 9)[2][-1],
    "MACD_SIGNAL": lambda k: macd_parts(k.close, 12, 26, 9)[1][-1],
    "ATR14": lambda k: atr(*hlc(k), 14)[-1],
    "OBV": lambda k: obv(k.close, k.volume)[-1],
    "EMA20": lambda k: away_at_last(k, smooth(k.close, 20)),
    "EMA50": lambda k: away_at_last(k, smooth(k.close, 50)),
    "SMA20": lambda k: away_at_last(k, plain_sma(k.close, 20)),
    "VWAP_DEV": lambda k: away_from_vwap(k),
    "BOLL_WIDTH": band_width,
    "BOLL_POSITION": band_position,
    "ROC10": lambda k: fraction(k, 10),
    "ROC20": lambda k: fraction(k, 20),
    "VOLUME_SMA_RATIO": lambda k: div(k.volume[-1], mean(k.volume[-21:-1])),
}
