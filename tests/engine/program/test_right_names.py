"""What a running program's error says about the right word, in this process and in the jail."""

import pytest

from adapters import Sandbox
from engine.program import attribute_hint, keyword_hint, name_hint
from processes import ProgramBacktestEngine
from tests.support.runs import config, klines, market, run

FLAT = market(X=klines(*[100.0] * 60))

#: A line of should_trade, and how the error of the run ends.
ERRORS = [
    ("data.get_indikator('X', 'RSI14', '1m')", "no attribute 'get_indikator'; did you mean get_indicator?"),
    ("data.prices['X']", "no attribute 'prices'; use data.get_price(symbol)"),
    ("data.get('price')", "no attribute 'get'; data is no dict: use its attributes"),
    ("ActionType.LONG", "LONG; use ActionType.BUY"),
    ("data.get_klines('X', '1m')[-1].closed", "no attribute 'closed'; did you mean close?"),
    ("data.get_klines('X', '1m', limit=50)", "argument 'limit'; get_klines takes symbol, period, count"),
    ("Decison('buy', 'X')", "name 'Decison' is not defined; did you mean Decision?"),
    ("Decision(action='buy', symbol='X')", "use operation: one of 'buy', 'sell', 'close', 'hold', 'cancel', 'amend'"),
    ("Decision('buy', 'X', size_usd=100)", "use target_portion_of_balance, a share of the available balance"),
    ("Decision('buy', 'X', tp_price=100)", "use take_profit_price"),
    ("Decision('buy', 'X', levrage=3)", "did you mean leverage?"),
    ("data.get_indicator('X', 'MA5', '1m') > 50", "'dict' and 'int'; get_indicator returns a dict: use ['value']"),
    ("data.get_indicator('X', 'MA5', '1m') < data.get_indicator('X', 'MA9', '1m')", "use ['value']"),
    ("data.get_indicator('X', 'MA5', '1m') * 2", "use ['value']"),
    ("f\"{data.get_indicator('X', 'MA5', '1m'):.2f}\"", "use ['value']"),
    ("round(data.get_indicator('X', 'MA5', '1m'))", "use ['value']"),
    ("float(data.get_indicator('X', 'MA5', '1m'))", "use ['value']"),
    ("data.get_indicator('X', 'MACD', '1m') > 0", "MACD ['macd'], BOLL ['upper'], STOCH ['k']; get_flow: ['current'])"),
    ("data['X']", "not subscriptable; it has attributes: kline.close, position.size, data.positions"),
    ("data.get_klines('X', '1m')[-1]['close']", "it has attributes: kline.close, position.size, data.positions"),
]  # fmt: skip

OTHERS = [
    ("{}.keys(1)", "takes no arguments (1 given)"),
    ("None > 1", "between instances of 'NoneType' and 'int'"),
    ("{'a': 1}['b']", "'b'"),
    ("{{}: 1}", "unhashable type: 'dict'"),
    ("self.nothing", "no attribute 'nothing'"),
    ("zzzzz", "name 'zzzzz' is not defined"),
]


def program(line):
    return f"class A:\n    def should_trade(self, data):\n        {line}\n"


@pytest.mark.parametrize(("line", "says"), ERRORS + OTHERS)
def test_an_error_says_the_right_word_and_its_line(line, says):
    error = run(FLAT, program(line), 6).error
    assert says + " (line 3)" in error


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize(("line", "says"), ERRORS)
def test_the_jail_says_the_same(line, says, sandbox):
    code = program(line)
    jailed = ProgramBacktestEngine(FLAT, executor_for=sandbox.executor).run(config(code, 6, ("X",)))
    assert jailed.error == run(FLAT, code, 6).error
    assert says in jailed.error


def test_an_error_of_the_programs_own_kind_is_told_as_it_is():
    code = "class Mine(TypeError):\n    pass\n" + program("raise Mine(\"'<' not supported between 'dict' and 'dict'\")")
    assert run(FLAT, code, 1).error.endswith("Mine: '<' not supported between 'dict' and 'dict' (line 5)")


def test_a_name_is_explained_by_the_language():
    assert name_hint("np", {"nap"}, {}) == "import numpy as np"
    assert name_hint("np", {"nap"}, {"np": "plain lists are there"}) == "plain lists are there"
    assert name_hint("Decisoin", {"Decision", "data"}, {}) == "did you mean Decision?"
    assert name_hint("x" * 1_000, {"x" * 999}, {}) == ""


def test_what_is_like_nothing_has_no_hint():
    assert attribute_hint(int, "prices") == ""
    assert keyword_hint("xyzzy") == ""
