"""Every function of the factor language, with its formula as users read it.

In the formulas s is a series, o h l c v are columns, n is the period, x[k] is x of k rows before, "max h" is that of
the last n rows; SMA, WMA, EMA and RMA are the averages below, sd is the sample standard deviation (ddof 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import averages, directional, elementwise, momentum, volumes, windows
from .function import FactorFunction, Needs, either, period, series

_S, _PAIR = series("series"), series("a", "b")
_RANGE = series("high", "low", "close")
_TRADED = series("high", "low", "close", "volume")
_LINES = (period(12, "fast"), period(26, "slow"), period(9, "signal"))


def _own(period: int) -> int:
    return period


def _one_more(period: int) -> int:
    return period + 1


def _lines_needed(fast: int, slow: int, signal: int) -> int:
    return slow + signal - 1


def _table(*rows: FactorFunction) -> dict[str, FactorFunction]:
    return {row.name: row for row in rows}


def _averages() -> dict[str, FactorFunction]:
    def of(name: str, work: Callable[..., Any], formula: str, first: str, needs: Needs) -> FactorFunction:
        return FactorFunction(name, (*_S, period(20)), work, formula, first, needs)

    return _table(
        of("SMA", windows.mean, "mean of n", "n-1", _own),
        of("EMA", averages.exponential, "mean of the first n at n-1, then y[1] + 2/(n+1) (s - y[1])", "n-1", _own),
        of("WMA", averages.weighted, "mean of n with weights 1 to n, the newest the heaviest", "n-1", _own),
        of("HMA", averages.hull, "WMA over int(sqrt n) of 2 WMA(s, n//2) - WMA(s, n)", "n+int(sqrt n)-2",
           lambda period: period + 2),
        of("DEMA", averages.double_exponential, "2 e1 - e2; e1 = EMA of s, e2 = EMA of e1", "n-1", _own),
        of("TEMA", averages.triple_exponential, "3 (e1 - e2) + e3", "n-1", lambda period: 3 * period),
        of("KAMA", averages.adaptive, "mean at n-1, then y[1] + k (s - y[1]); k = (e (2/3 - 2/31) + 2/31)^2, "
           "e = abs(s - s[n]) / sum of n abs(s - s[1])", "n-1", lambda period: max(30, period)),
    )  # fmt: skip


def _momentum() -> dict[str, FactorFunction]:
    def lines(name: str, work: Callable[..., Any], formula: str, first: str) -> FactorFunction:
        arguments = (*_S, *_LINES)
        return FactorFunction(name, arguments, work, formula, first, _lines_needed, zeros_below=True)

    def slow(name: str, work: Callable[..., Any], formula: str, first: str) -> FactorFunction:
        arguments = (*_RANGE, period(14))
        return FactorFunction(name, arguments, work, formula, first, lambda period: period + 6, zeros_below=True)

    return _table(
        FactorFunction("RSI", (*_S, period(14)), momentum.relative_strength,
                       "100 G / (G + L), RMA of gains and of losses; unknown where both are 0", "1", _one_more),
        FactorFunction("ROC", (*_S, period(10)), momentum.rate, "100 (s - s[n]) / s[n]", "n", _one_more),
        FactorFunction("MOM", (*_S, period(10)), windows.change, "s - s[n]", "n", _one_more),
        lines("MACD", momentum.convergence, "EMA(s, fast) - EMA(s, slow)", "slow-1"),
        lines("MACD_SIGNAL", momentum.convergence_signal, "EMA(signal) of MACD's known part", "slow+signal-2"),
        lines("MACD_HIST", momentum.convergence_rest, "MACD - MACD_SIGNAL", "slow+signal-2"),
        slow("STOCH_K", momentum.stochastic, "SMA of 3 of 100 (c - min l) / (max h - min l)", "n+1"),
        slow("STOCH_D", momentum.slow_stochastic, "SMA of 3 of STOCH_K", "n+3"),
        FactorFunction("CCI", (*_RANGE, period(20)), momentum.commodity_channel,
                       "(t - SMA t) / (0.015 mean abs(t - SMA t)), t = (h + l + c) / 3", "n-1", _own),
        FactorFunction("WILLR", (*_RANGE, period(14)), momentum.williams,
                       "100 ((c - min l) / (max h - min l) - 1)", "n-1", _own),
        FactorFunction("PPO", (*_S, period(12, "fast"), period(26, "slow")), averages.spread,
                       "100 (SMA(fast) - SMA(slow)) / SMA(slow)", "slow-1", lambda fast, slow: slow),
        FactorFunction("TRIX", (*_S, period(15)), averages.triple_rate,
                       "100 (e3 / e3[1] - 1); n of at least 9", "n", lambda period: 3 * max(period, 9) - 1),
    )  # fmt: skip


def _trends() -> dict[str, FactorFunction]:
    def of(name: str, work: Callable[..., Any], formula: str) -> FactorFunction:
        arguments = (*_RANGE, period(14))
        return FactorFunction(name, arguments, work, formula, "n-1", _one_more, zeros_below=True)

    def aroon(name: str, work: Callable[..., Any], formula: str) -> FactorFunction:
        arguments = (*series("high", "low"), period(25))
        return FactorFunction(name, arguments, work, formula, "n", _one_more, zeros_below=True)

    return _table(
        of("ADX", directional.trend_strength, "RMA of 100 abs(P - M) / (P + M), P = PLUS_DI, M = MINUS_DI"),
        of("PLUS_DI", directional.plus_direction,
           "100 RMA(+DM) / A; +DM = h - h[1] where that is above 0 and above l[1] - l, else 0; A = ATR from the mean "
           "of rows 1 to n-1 on"),
        of("MINUS_DI", directional.minus_direction, "100 RMA(-DM) / A; -DM = l[1] - l where that is above 0 and above "
           "h - h[1], else 0"),
        aroon("AROON_UP", directional.aroon_up, "100 (1 - rows since max h of n+1 / n), the newest of equal ones"),
        aroon("AROON_DOWN", directional.aroon_down, "100 (1 - rows since min l of n+1 / n), the newest of equal ones"),
    )  # fmt: skip


def _ranges() -> dict[str, FactorFunction]:
    def band(name: str, deviations: float, formula: str) -> FactorFunction:
        def work(s: Any, n: int) -> Any:
            return windows.mean(s, n) + deviations * windows.deviation(s, n)

        return FactorFunction(name, (*_S, period(20)), work, formula, "n-1", _own, zeros_below=True)

    return _table(
        FactorFunction("TRUE_RANGE", _RANGE, directional.true_range,
                       "max of h - l, abs(h - c[1]), abs(l - c[1]); h - l in row 0"),
        FactorFunction("ATR", (*_RANGE, period(14)), directional.average_range,
                       "RMA of TRUE_RANGE, from the mean of the first n on", "n-1", _one_more),
        FactorFunction("NATR", (*_RANGE, period(14)), directional.range_percent,
                       "100 EMA(TRUE_RANGE) / c", "n-1", _one_more),
        FactorFunction("STDDEV", (*_S, period(20)), windows.deviation, "sd of n", "n-1"),
        band("BBANDS_UPPER", 2.0, "SMA + 2 sd"),
        FactorFunction("BBANDS_MID", (*_S, period(20)), windows.mean, "SMA", "n-1", _own, zeros_below=True),
        band("BBANDS_LOWER", -2.0, "SMA - 2 sd"),
    )  # fmt: skip


def _volumes() -> dict[str, FactorFunction]:
    return _table(
        FactorFunction("OBV", series("close", "volume"), volumes.on_balance, "running sum of sign(c - c[1]) v", "1"),
        FactorFunction("AD", _TRADED, volumes.accumulation, "running sum of (2 c - h - l) v / (h - l)"),
        FactorFunction("CMF", (*_TRADED, period(20)), volumes.money_flow,
                       "sum of (2 c - h - l) v / (h - l) / sum of v", "n-1", _own),
        FactorFunction("MFI", (*_TRADED, period(14)), volumes.money_flow_index,
                       "100 P / (P + N): sums of n t v, t = (h + l + c) / 3, where t > t[1] and where not", "n",
                       _one_more),
        FactorFunction("VWAP", _TRADED, volumes.day_average,
                       "t weighted by v since 00:00 UTC; 0 where nothing was traded", sees_klines=True),
    )  # fmt: skip


def _over_time() -> dict[str, FactorFunction]:
    def of(name: str, default: int, work: Callable[..., Any], formula: str, first: str = "n-1") -> FactorFunction:
        return FactorFunction(name, (*_S, period(default)), work, formula, first)

    def two(name: str, work: Callable[..., Any], formula: str) -> FactorFunction:
        return FactorFunction(name, (*_PAIR, period(20)), work, formula, "n-1")

    return _table(
        of("DELAY", 1, windows.ago, "s[n]", "n"),
        of("DELTA", 1, windows.change, "s - s[n]", "n"),
        of("LOG_RETURN", 1, lambda s, n: np.log(s / windows.ago(s, n)), "ln(s / s[n])", "n"),
        of("TS_PCT_CHANGE", 1, lambda s, n: s / windows.ago(s, n) - 1.0, "s / s[n] - 1", "n"),
        of("TS_SUM", 20, windows.total, "sum of n"),
        of("TS_MEAN", 20, windows.mean, "mean of n"),
        of("TS_STD", 20, windows.deviation, "sd of n"),
        of("TS_MAX", 20, windows.highest, "largest of n"),
        of("TS_MIN", 20, windows.lowest, "smallest of n"),
        of("TS_RANK", 20, windows.rank, "(number below + (ties with itself + 1) / 2) / n"),
        of("TS_ARGMAX", 20, windows.rows_since_highest, "rows since the largest of n, the oldest of equal ones"),
        of("TS_ARGMIN", 20, windows.rows_since_lowest, "rows since the smallest of n, the oldest of equal ones"),
        two("TS_CORR", windows.correlation, "Pearson's correlation of n"),
        two("TS_COV", windows.covariance, "sample covariance of n"),
        of("TS_SKEW", 20, windows.skewness, "bias-corrected skewness of n"),
        of("TS_KURT", 20, windows.kurtosis, "bias-corrected excess kurtosis of n"),
        of("DECAYLINEAR", 10, averages.weighted, "mean of n with weights 1 to n, the newest the heaviest"),
        FactorFunction("RANK", _S, windows.rank_of_all, "over all rows given: rank / count, ties share their mean"),
        FactorFunction("ZSCORE", _S, windows.score_of_all, "over all rows given: (s - mean) / (sd + 1e-10)"),
        of("NORMALIZE", 20, windows.score, "(s - SMA) / (sd + 1e-10)"),
    )


def _of_a_row() -> dict[str, FactorFunction]:
    x, two = either("x"), either("a", "b")
    condition = (*series("cond"), *two)
    return _table(
        FactorFunction("ABS", x, np.abs, "abs(x)"),
        FactorFunction("SIGN", x, np.sign, "-1, 0 or 1"),
        FactorFunction("EXP", x, elementwise.exponential_of, "e^x, of at most 500"),
        FactorFunction("LOG", x, elementwise.logarithm_of, "ln x, of at least 1e-10"),
        FactorFunction("SQRT", x, elementwise.root_of, "root of x, of at least 0"),
        FactorFunction("POW", either("x", "n"), np.power, "x^n"),
        FactorFunction("MAX", two, np.maximum, "the larger; unknown where one is"),
        FactorFunction("MIN", two, np.minimum, "the smaller; unknown where one is"),
        FactorFunction("CLAMP", either("x", "lo", "hi"), elementwise.clamped, "x, not below lo and not above hi"),
        FactorFunction("IF", condition, elementwise.chosen, "a where cond is not 0 (or unknown), else b"),
        FactorFunction("WHERE", condition, elementwise.chosen, "IF"),
        FactorFunction("AND", two, elementwise.both, "both are not 0 (unknown is not 0)", is_condition=True),
        FactorFunction("OR", two, elementwise.one_of, "one is not 0 (unknown is not 0)", is_condition=True),
        FactorFunction("NOT", either("a"), elementwise.neither, "a is 0", is_condition=True),
    )


def _plain() -> dict[str, FactorFunction]:
    x, two = either("x"), either("a", "b")
    return _table(
        FactorFunction("abs", x, np.abs, "abs(x)"),
        FactorFunction("log", x, np.log, "ln x"),
        FactorFunction("exp", x, np.exp, "e^x"),
        FactorFunction("sqrt", x, np.sqrt, "root of x"),
        FactorFunction("sign", x, np.sign, "-1, 0 or 1"),
        FactorFunction("minimum", two, np.minimum, "the smaller; unknown where one is"),
        FactorFunction("maximum", two, np.maximum, "the larger; unknown where one is"),
        FactorFunction("where", either("cond", "a", "b"), elementwise.chosen, "a where cond is not 0, else b"),
    )


#: The functions in capitals, by name.
FUNCTIONS: Mapping[str, FactorFunction] = {
    **_averages(), **_momentum(), **_trends(), **_ranges(), **_volumes(), **_over_time(), **_of_a_row()
}  # fmt: skip
#: Those of numpy, by the name that may stand alone or behind ``np.``.
PLAIN_FUNCTIONS: Mapping[str, FactorFunction] = _plain()
