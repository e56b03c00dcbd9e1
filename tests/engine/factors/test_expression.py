"""The language of factors: what it takes, and where it says that something is wrong."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from engine.factors import BUILT_IN_FACTORS, FUNCTIONS, PLAIN_FUNCTIONS, FactorError, FactorExpression
from engine.market.series import FloatColumn, KlineColumns
from tests.engine.factors.markets import random_market

KLINES = random_market(7, 300)
OPEN, H, C, V = KLINES.open, KLINES.high, KLINES.close, KLINES.volume

VALUES: dict[str, FloatColumn | float] = {
    "close": C,
    " close - 1  # the newest": C - 1,
    "2": 2.0,
    "-close + +open": -C + OPEN,
    "close // 7 + close % 7 * 2 ** 3 / 4": C // 7 + C % 7 * 8 / 4,
    "close > open": C > OPEN,
    "(close > open) + (close > 100)": (C > OPEN) * 1.0 + (C > 100),
    "(close > open) & ~(close <= 100) | (volume == 5)": (C > OPEN) & (C > 100) | (V == 5),
    "(close != close) == 0": 1.0,
    "1 / 0": np.inf,
    "close / (close - close)": np.inf,
    "MAX(close, 100)": np.maximum(C, 100),
    "MIN(2, 3) * close": 2 * C,
    "AND(close > open, 1)": C > OPEN,
    "OR(0, close > open) + NOT(close > open)": 1.0,
    "IF(close > open, high, 0)": np.where(C > OPEN, H, 0),
    "where(1, close, 0)": C,
    "np.maximum(close, np.sqrt(10000))": np.maximum(C, 100),
    "CLAMP(x=close, hi=101, lo=99)": np.clip(C, 99, 101),
    "LOG(-close)": np.log(1e-10),
    "SQRT(-close) + EXP(1000) / EXP(500)": 1.0,
    "SMA(period=2.9, series=close)": np.append(np.nan, (C[1:] + C[:-1]) / 2),
    "SMA(close, SQRT(4))": np.append(np.nan, (C[1:] + C[:-1]) / 2),
    "IF(DELAY(close, 1), 1, 0)": 1.0,
}


@pytest.mark.parametrize("text", VALUES)
def test_values_of_every_row(text: str) -> None:
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(np.asarray(VALUES[text], dtype=float), len(KLINES))
    found = FactorExpression(text).values(KLINES)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-12)


WRONG = [
    # text, the character that is wrong, what is said of it
    ("", None, "an expression is empty"),
    ("close +", 7, "it cannot be read"),
    ("  SMA(close, 20", 6, "'(' was never closed"),
    ("close; open", 6, "invalid syntax"),
    ("x = close", 3, "invalid syntax"),
    ("close and open", 1, "write & and |"),
    ("1 if close else 2", 1, "write IF"),
    ("not close", 1, "write ~(...) or NOT(...)"),
    ("lambda: 1", 1, "lambda is not part of"),
    ("[c for c in close]", 1, "this is not part of"),
    ("close.values", 1, "an attribute is not part of"),
    ("close[-1]", 1, "an index is not part of"),
    ("close, open", 1, "a comma outside of a call"),
    ("close + 'x'", 9, "'x' is no number"),
    ("close + None", 9, "None is no number"),
    ("close + True", 9, "True is no number"),
    ("close + 1j", 9, "1j is no number"),
    ("1" * 400, 1, "the number is too large"),
    ("1 + np.fromfile('x')", 5, "there is no function np.fromfile"),
    ("np.log(np.pi)", 8, "an attribute is not part of"),
    ("close.sum()", 1, "only functions are called"),
    ("SMA(close)(2)", 1, "only functions are called"),
    ("__import__('os')", 1, "there is no function __import__"),
    ("1 + clsoe", 5, "there is no column clsoe; did you mean close?"),
    ("RSY(close)", 1, "there is no function RSY; did you mean RSI?"),
    ("SMA + 1", 1, "SMA is a function and is called: SMA(series, period=20)"),
    ("SMA()", 1, "series is missing: SMA(series, period=20)"),
    ("SMA(close, 20, 3)", 16, "too many arguments: SMA(series, period=20)"),
    ("SMA(close, n=20)", 14, "no such argument: SMA(series, period=20)"),
    ("SMA(close, series=open)", 19, "series is given twice"),
    ("SMA(*close)", 5, "a star is not part of"),
    ("SMA(**close)", 7, "no such argument"),
    ("SMA(20)", 5, "series is a series, not a number"),
    ("IF(1, close, open)", 4, "cond is a series, not a number"),
    ("DELAY(close, 0)", 14, "period is 0: it is a number of rows from 1 to 10000"),
    ("DELAY(close, -1)", 14, "period is -1"),
    ("DELAY(close, 0.9)", 14, "period is 0.9"),
    ("SMA(close, 10001)", 12, "period is 10001"),
    ("SMA(close, 1 / 0)", 12, "period is inf"),
    ("SMA(close, 0 / 0)", 12, "period is nan"),
    ("SMA(close, open)", 12, "period is a number of rows, not a series"),
    ("1 < close < 2", 1, "one comparison at a time"),
    ("close is open", 1, "the comparisons are"),
    ("close in open", 1, "the comparisons are"),
    ("close & open", 1, "& and | stand between comparisons, in brackets, not a series"),
    ("(close > 1) | 1", 15, "not a number"),
    ("~close", 1, "~ takes a comparison, not a series"),
    ("close @ open", 1, "the operators are"),
    ("close << 2", 1, "the operators are"),
    ("é + clsoe", 1, "there is no column é"),
    ("SMA(close, # é\n 20) + clsoe", 23, "there is no column clsoe"),
    ("-" * 100 + "1", 61, "more than 60 brackets"),
    ("(" * 300 + "1" + ")" * 100, None, "cannot be read"),
    ("close + " * 63 + "1", None, "505 characters, and an expression has 500 at most"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "position", "problem"), WRONG, ids=lambda each: str(each)[:30])
def test_what_is_wrong_is_told_with_its_place(text: str, position: int | None, problem: str) -> None:
    with pytest.raises(FactorError) as caught:
        FactorExpression(text)
    assert problem in caught.value.problem
    if position is not None:
        assert caught.value.position == position
        assert str(caught.value) == f"character {position}: {caught.value.problem}"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_an_expression_needs_ten_klines_and_as_many_as_its_functions() -> None:
    assert FactorExpression("close").values(KLINES.slice(0, 10))[-1] == C[9]
    with pytest.raises(FactorError, match="9 klines, and an expression needs 10 or more"):
        FactorExpression("close").values(KLINES.slice(0, 9))
    short = FactorExpression("1 + SMA(close, 20)")
    assert np.isfinite(short.values(KLINES.slice(0, 20))[-1])
    with pytest.raises(FactorError, match="character 5: SMA has no value with fewer than 20 klines"):
        short.values(KLINES.slice(0, 19))


@pytest.mark.parametrize(("text", "needed"), [("MACD_HIST(close)", 34), ("ADX(high, low, close)", 15)])
def test_some_functions_are_zero_below_what_they_need_as_on_the_platform(text: str, needed: int) -> None:
    assert FactorExpression(text).values(KLINES.slice(0, needed - 1)).tolist() == [0.0] * (needed - 1)
    assert FactorExpression(text).values(KLINES.slice(0, needed))[-1] != 0.0


def test_what_comes_out_is_the_callers_own_and_the_klines_stay_as_they_are() -> None:
    expression = FactorExpression("close")
    expression.values(KLINES)[:] = 0.0
    assert expression.values(KLINES).tolist() == C.tolist()
    assert pickle.loads(pickle.dumps(expression)).values(KLINES).tolist() == C.tolist()


@pytest.mark.parametrize("factor", BUILT_IN_FACTORS.values(), ids=lambda each: each.name)
def test_every_factor_of_the_platform_has_a_value_that_does_not_know_the_future(factor) -> None:
    expression = FactorExpression(factor.expression)
    whole = expression.values(KLINES)
    assert np.isfinite(whole[-1])
    for stop in (230, 260):
        np.testing.assert_array_equal(expression.values(KLINES.slice(0, stop)), whole[:stop])


def test_only_rank_and_zscore_see_later_rows() -> None:
    for name, function in {**FUNCTIONS, **PLAIN_FUNCTIONS}.items():
        given = {"high": "high", "low": "low", "volume": "volume", "b": "open", "cond": "close > open"}
        told = [given.get(each.name, "close") for each in function.arguments if each.default is None]
        expression = FactorExpression(f"{name}({', '.join(told)})")
        same = np.array_equal(expression.values(KLINES)[:200], expression.values(KLINES.slice(0, 200)), equal_nan=True)
        assert same == (name not in ("RANK", "ZSCORE")), name


def test_klines_without_any_movement_have_no_invented_values() -> None:
    flat = KlineColumns(60_000, np.arange(60) * 60_000, *[np.full(60, 0.1)] * 4, np.full(60, 3.0))
    still = ("TS_CORR(close, volume)", "TS_SKEW(close)", "TS_KURT(close)", "RSI(close)", "WILLR(high, low, close)")
    for text in still:
        assert np.isnan(FactorExpression(text).values(flat)[-1]), text
    for text in ("STDDEV(close)", "NORMALIZE(close)", "STOCH_K(high, low, close)", "CMF(high, low, close, volume)"):
        assert FactorExpression(text).values(flat)[-1] == pytest.approx(0.0, abs=1e-9), text
