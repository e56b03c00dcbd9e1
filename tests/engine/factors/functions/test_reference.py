"""Every function and every factor of the platform beside plain loops, at every row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import MarketHistory
from engine.factors import BUILT_IN_FACTORS, FUNCTIONS, REGISTRY_FACTORS, FactorError, FactorExpression
from engine.market.series import KlineColumns
from engine.program import HistoricalDataProvider
from tests.engine.factors.markets import random_market
from tests.oracles import factor_oracle as oracle
from tests.oracles.factor_oracle import Columns, Series, TooFewRowsError

PERIODS = (1, 2, 3, 5, 14, 20, 50)
SERIES_AND_PERIOD = """SMA EMA WMA HMA DEMA TEMA KAMA RSI ROC MOM TRIX STDDEV BBANDS_UPPER BBANDS_MID BBANDS_LOWER
DELAY DELTA LOG_RETURN TS_PCT_CHANGE TS_SUM TS_MEAN TS_STD TS_MAX TS_MIN TS_RANK TS_ARGMAX TS_ARGMIN TS_SKEW TS_KURT
DECAYLINEAR NORMALIZE""".split()
COLUMNS = {
    **dict.fromkeys(SERIES_AND_PERIOD, ("close",)),
    **dict.fromkeys("STOCH_K STOCH_D CCI WILLR ADX PLUS_DI MINUS_DI ATR NATR".split(), ("high", "low", "close")),
    **dict.fromkeys(["AROON_UP", "AROON_DOWN"], ("high", "low")),
    **dict.fromkeys(["CMF", "MFI"], ("high", "low", "close", "volume")),
    **dict.fromkeys(["TS_CORR", "TS_COV"], ("close", "volume")),
}
WHOLE = {
    "TRUE_RANGE": ("high", "low", "close"),
    "OBV": ("close", "volume"),
    "AD": ("high", "low", "close", "volume"),
    "VWAP": ("high", "low", "close", "volume"),
    "RANK": ("close",),
    "ZSCORE": ("close",),
}
SEVERAL_PERIODS = {
    **dict.fromkeys(["MACD", "MACD_SIGNAL", "MACD_HIST"], ((), (3, 7, 4), (1, 2, 1), (5, 14))),
    "PPO": ((), (3, 7), (1, 2), (14, 50)),
}
ELEMENTWISE = {
    "ABS": ("open - close",),
    "SIGN": ("DELTA(close, 1)",),
    "EXP": ("(close - open) * 400",),
    "LOG": ("close - open",),
    "SQRT": ("close - open",),
    "POW": ("close - open", "-2"),
    "MAX": ("DELAY(close, 2)", "100"),
    "MIN": ("close", "DELAY(open, 1)"),
    "CLAMP": ("DELAY(close, 1)", "99", "open"),
    "IF": ("DELTA(close, 2)", "high", "low"),
    "WHERE": ("close > DELAY(open, 2)", "high", "DELAY(low, 3)"),
    "AND": ("DELTA(close, 1)", "volume"),
    "OR": ("volume", "DELTA(close, 1) * volume"),
    "NOT": ("volume * DELAY(close, 1)",),
}
ELEMENT: dict[str, Callable[..., float]] = {
    "ABS": abs,
    "SIGN": oracle.sign,
    "EXP": oracle.exp,
    "LOG": oracle.log,
    "SQRT": oracle.sqrt,
    "POW": oracle.power,
    "MAX": oracle.larger,
    "MIN": oracle.smaller,
    "CLAMP": oracle.clamp,
    "IF": oracle.choose,
    "WHERE": oracle.choose,
    "AND": lambda a, b: oracle.truth(a) and oracle.truth(b),
    "OR": lambda a, b: oracle.truth(a) or oracle.truth(b),
    "NOT": lambda a: not oracle.truth(a),
}


def columns_of(klines: KlineColumns) -> Columns:
    prices = (klines.open, klines.high, klines.low, klines.close, klines.volume)
    return Columns(*(column.tolist() for column in prices), klines.open_ms.tolist())


def with_stretches(klines: KlineColumns, *stretches: tuple[int, int]) -> KlineColumns:
    """Klines that stand still, without volume, from one row up to another; the others have prices of few digits."""
    open_, high, low, close, volume = (
        np.round(column, 1) for column in (klines.open, klines.high, klines.low, klines.close, klines.volume)
    )
    high, low = np.maximum.reduce([open_, high, close]), np.minimum.reduce([open_, low, close])
    for begin, end in stretches:
        for column in (open_, high, low, close):
            column[begin:end] = close[begin]
        volume[begin:end] = 0.0
    return KlineColumns(klines.period_ms, klines.open_ms, open_, high, low, close, volume)


MARKETS = {
    "a walk": random_market(1, 160),
    "over midnights": random_market(2, 120, 3_600_000),
    "still at first": with_stretches(random_market(3, 140), (0, 70)),
    "still in between": with_stretches(random_market(4, 200), (40, 62), (90, 150)),
    "still": with_stretches(random_market(5, 70), (0, 70)),
}


def found_by_engine(text: str, klines: KlineColumns) -> Series | None:
    try:
        return FactorExpression(text).values(klines).tolist()
    except FactorError:
        return None


def found_by_oracle(function: Callable[..., Series], *arguments: object) -> Series | None:
    try:
        return function(*arguments)
    except TooFewRowsError:
        return None


def difference(found: Series | None, expected: Series | None, scale: float = 1.0) -> str | None:
    """What differs first by more than 1e-9, or where values pass by zero by 1e-12 of the largest."""
    if found is None or expected is None:
        return None if found is expected else f"found {found and found[-3:]}, expected {expected and expected[-3:]}"
    assert len(found) == len(expected)
    absolute = 1e-12 * max([scale, *(abs(value) for value in expected if math.isfinite(value))])
    for row, (a, b) in enumerate(zip(found, expected, strict=True)):
        same = math.isnan(a) if math.isnan(b) else math.isclose(a, b, rel_tol=1e-9, abs_tol=absolute)
        if not same:
            return f"row {row} of {len(found)}: found {a!r}, expected {b!r}"
    return None


class Case(NamedTuple):
    """A call as text, and the same of the oracle."""

    text: str
    function: Callable[..., Series]
    arguments: tuple[object, ...]


def calls(k: Columns, periods: tuple[int, ...]) -> Iterator[Case]:
    """Every function of series and periods, with these periods and with what it takes when none is said."""
    choices = {name: ((), *((n,) for n in periods)) for name in COLUMNS}
    for name, chosen in {**choices, **SEVERAL_PERIODS, **dict.fromkeys(WHOLE, ((),))}.items():
        columns = COLUMNS.get(name) or WHOLE.get(name) or ("close",)
        days = (k.open_ms,) if name == "VWAP" else ()
        for numbers in chosen:
            arguments = (*(getattr(k, each) for each in columns), *numbers, *days)
            text = f"{name}({', '.join(map(str, (*columns, *numbers)))})"
            yield Case(text, getattr(oracle, name.lower()), arguments)


def differences(klines: KlineColumns, periods: tuple[int, ...]) -> dict[str, str]:
    found = {}
    for case in calls(columns_of(klines), periods):
        expected = found_by_oracle(case.function, *case.arguments)
        problem = difference(found_by_engine(case.text, klines), expected)
        if problem is not None:
            found[f"{case.text} of {len(klines)}"] = problem
    return found


def test_every_function_is_compared() -> None:
    assert {*COLUMNS, *WHOLE, *SEVERAL_PERIODS, *ELEMENTWISE} == set(FUNCTIONS)


@pytest.mark.parametrize("market", MARKETS)
def test_functions_at_every_row(market: str) -> None:
    assert differences(MARKETS[market], PERIODS) == {}


def test_functions_of_short_markets() -> None:
    for rows in range(10, 61):
        klines = random_market(rows, rows)
        periods = (PERIODS[rows % len(PERIODS)], max(rows // 3, 1))
        assert differences(klines, periods) == {}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_functions_of_single_rows(name: str, market: str) -> None:
    klines = MARKETS[market]
    arguments = [FactorExpression(each).values(klines).tolist() for each in ELEMENTWISE[name]]
    found = found_by_engine(f"{name}({', '.join(ELEMENTWISE[name])})", klines)
    assert difference(found, oracle.each(ELEMENT[name], *arguments)) is None


HOLES = {"DELAY(close, 3)": lambda k: oracle.bring(k.close, 3)}
HOLES["IF(volume > 5, close, DELAY(close, 999))"] = lambda k: oracle.each(
    lambda v, c: c if v > 5 else math.nan, k.volume, k.close
)


@pytest.mark.parametrize("text", HOLES)
def test_functions_of_series_with_unknown_values(text: str) -> None:
    klines = random_market(6, 120)
    series = HOLES[text](columns_of(klines))
    found = {}
    for name in (*SERIES_AND_PERIOD, "RANK", "ZSCORE", "PPO", "MACD", "MACD_SIGNAL", "MACD_HIST"):
        several = {"PPO": (2, 5)} if name == "PPO" else {}
        numbers = (2, 5, 3) if name.startswith("MACD") else several.get(name, () if name in WHOLE else (5,))
        expected = found_by_oracle(getattr(oracle, name.lower()), series, *numbers)
        problem = difference(found_by_engine(f"{name}({', '.join(map(str, (text, *numbers)))})", klines), expected)
        if problem is not None:
            found[name] = problem
    assert found == {}


# -------------------------------------------------------------------- factors by name


@pytest.mark.parametrize(
    "klines", [*MARKETS.values(), random_market(8, 400), *(random_market(9, n) for n in (12, 29, 45))]
)
def test_the_factors_of_the_platform(klines: KlineColumns) -> None:
    assert set(BUILT_IN_FACTORS) == set(oracle.STORED)
    found = {}
    for name, function in oracle.STORED.items():
        expected = found_by_oracle(function, columns_of(klines))
        scale = 1 / oracle.G if name == "KELTNER_POS" else 1.0  # where ranges are 0 it divides roundings by G
        problem = difference(found_by_engine(BUILT_IN_FACTORS[name].expression, klines), expected, scale)
        if problem is not None:
            found[name] = problem
    assert found == {}


def told(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def last_of_oracle(name: str, k: Columns) -> float | None:
    if len(k.close) < 30:
        return None
    if name in oracle.REGISTRY:
        return told(oracle.REGISTRY[name](k))
    values = found_by_oracle(oracle.STORED[name], k)
    return None if values is None else told(values[-1])


@pytest.mark.parametrize(
    ("klines", "period", "row"),
    [
        (random_market(10, 700, 60_000), "1m", 660.5),
        (random_market(11, 1_500, 60_000), "5m", 1_402.5),
        (MARKETS["still at first"], "5m", 60),
        (MARKETS["still in between"], "5m", 130),
        *((random_market(12, 80), "5m", row) for row in (28, 29, 30, 36, 49, 50, 51, 60)),
    ],
)
def test_what_a_program_is_told(klines: KlineColumns, period: str, row: float) -> None:
    provider = HistoricalDataProvider(MarketHistory.from_klines({"X": klines}))
    provider.set_current_time(int(klines.open_ms[0] + row * klines.period_ms))
    seen = provider.get_klines("X", period, 500)
    prices = zip(*((each.open, each.high, each.low, each.close, each.volume) for each in seen), strict=True)
    k = Columns(*(list(column) for column in prices), [each.timestamp * 1_000 for each in seen])
    names = [*(name for name, each in REGISTRY_FACTORS.items() if each.category != "microstructure"), *BUILT_IN_FACTORS]
    assert set(names) == {*oracle.REGISTRY, *oracle.STORED}
    found = {name: provider.get_factor("X", name, period)["value"] for name in names}
    expected = {name: last_of_oracle(name, k) for name in names}
    assert {name for name in names if found[name] is None} == {name for name in names if expected[name] is None}
    known = {name: value for name, value in expected.items() if value is not None}
    assert {name: found[name] for name in known} == pytest.approx(known, rel=1e-9, abs=1.1e-6)


# -------------------------------------------------------------------- expressions of several of them


class Worked(NamedTuple):
    """Values of a tree, and how large the numbers are that they came from."""

    values: Series
    scale: float


class Tree(NamedTuple):
    """The same expression as text and as Python."""

    text: str
    work: Callable[[Columns], Worked]


def column(name: str) -> Tree:
    return Tree(name, lambda k: Worked(getattr(k, name), max(getattr(k, name))))


def number(value: float) -> Tree:
    return Tree(repr(value), lambda k: Worked([value] * len(k.close), max(value, 1.0)))


SIGNS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": oracle.div,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "&": lambda a, b: a and b,
    "|": lambda a, b: a or b,
}


def joined_scale(symbol: str, left: Worked, right: Worked) -> float:
    if symbol == "*":
        return left.scale * right.scale
    if symbol == "/":
        return left.scale / min((abs(x) for x in right.values if x and not math.isnan(x)), default=1.0)
    return left.scale + right.scale


def joined(symbol: str, left: Tree, right: Tree) -> Tree:
    def work(k: Columns) -> Worked:
        a, b = left.work(k), right.work(k)
        return Worked(oracle.each(SIGNS[symbol], a.values, b.values), joined_scale(symbol, a, b))

    return Tree(f"({left.text} {symbol} {right.text})", work)


def called(name: str, function: Callable[..., Series], *parts: Tree, period: int | None = None) -> Tree:
    more = () if period is None else (period,)

    def work(k: Columns) -> Worked:
        worked = [part.work(k) for part in parts]
        return Worked(function(*(each.values for each in worked), *more), 2 * sum(each.scale for each in worked))

    return Tree(f"{name}({', '.join([*(part.text for part in parts), *map(str, more)])})", work)


def by_row(name: str, *parts: Tree) -> Tree:
    return called(name, lambda *series: oracle.each(ELEMENT[name], *series), *parts)


def opposite(part: Tree) -> Tree:
    def work(k: Columns) -> Worked:
        return Worked(oracle.each(lambda a: not a, part.work(k).values), 1.0)

    return Tree(f"~{part.text}", work)


LEAVES = st.sampled_from(["open", "high", "low", "close", "volume"]).map(column)
NUMBERS = st.sampled_from([0.5, 2.0, 100.0]).map(number)
BY_ROW = ("MAX", "MIN")
FEW = st.sampled_from([2, 3, 5])
MEANS = ("SMA", "EMA", "WMA")
WINDOWED = ("DELAY", "DELTA", "TS_MAX", "TS_MIN", "TS_RANK", "TS_ARGMAX")


def windowed(names: tuple[str, ...], parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    def make(name: str, part: Tree, period: int) -> Tree:
        return called(name, getattr(oracle, name.lower()), part, period=period)

    return st.builds(make, st.sampled_from(names), parts, FEW)


def finite(depth: int) -> st.SearchStrategy[Tree]:
    """Numbers that both sides work out to the same bit, and that are never infinite."""
    if not depth:
        return LEAVES
    below = finite(depth - 1)
    return st.one_of(
        st.builds(joined, st.sampled_from("+-*"), below, below | NUMBERS),
        st.builds(by_row, st.sampled_from(BY_ROW), below, below),
        st.builds(by_row, st.just("IF"), conditions(depth - 1), below, below | NUMBERS),
        windowed(WINDOWED, below),
    )


def conditions(depth: int) -> st.SearchStrategy[Tree]:
    below = finite(max(depth - 1, 0))
    compared = st.builds(joined, st.sampled_from(["<", "<=", ">", ">=", "=="]), below, below | NUMBERS)
    if depth < 2:
        return compared
    inner = conditions(depth - 1)
    return st.one_of(compared, st.builds(joined, st.sampled_from("&|"), inner, inner), st.builds(opposite, inner))


def numbers_of(depth: int) -> st.SearchStrategy[Tree]:
    if not depth:
        return LEAVES
    below = numbers_of(depth - 1)
    return st.one_of(
        st.builds(joined, st.sampled_from("+-*"), below, below | NUMBERS),
        st.builds(joined, st.just("/"), below, finite(depth - 1) | NUMBERS),
        st.builds(joined, st.just("*"), conditions(depth), below),
        st.builds(by_row, st.just("IF"), conditions(depth), below, below),
        windowed(MEANS + WINDOWED, finite(depth - 1)),
    )


WALK = random_market(13, 40)
WALK_COLUMNS = columns_of(WALK)


@settings(max_examples=300, deadline=None)
@given(st.one_of(numbers_of(3), conditions(3)).filter(lambda tree: len(tree.text) <= 500))
def test_expressions_mean_what_their_python_means(tree: Tree) -> None:
    expected = tree.work(WALK_COLUMNS)
    found = found_by_engine(tree.text, WALK)
    assert difference(found, expected.values, expected.scale) is None
