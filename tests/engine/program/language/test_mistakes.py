"""What the text of a program shows to be wrong: found where it is literal, and nowhere else."""

import ast
import re
from pathlib import Path

import pytest

from engine import find_mistakes
from tests.conftest import ROOT


def program(*lines, before="", inside=""):
    """A program whose should_trade, from line 4 on, has these lines."""
    head = f"{before or 'LIMIT = 1'}\nclass A:\n{inside or '    def should_trade(self, data):'}\n"
    return head + "".join(f"        {line}\n" for line in lines)


def found(text, symbols=(), language="python"):
    return [(each.line, each.message, each.hint) for each in find_mistakes(text, symbols, language)]


#: A line of should_trade, what is said of it, and what to do.
MISTAKES = [
    ("data.get_indikator('X', 'RSI14', '1h')", "data has no attribute get_indikator", "did you mean get_indicator?"),
    ("data.prices['X']", "data has no attribute prices", "use data.get_price(symbol)"),
    ("d = data; d.prices", "data has no attribute prices", "use data.get_price(symbol)"),
    ("return ActionType.LONG", "ActionType has no attribute LONG", "use ActionType.BUY"),
    ("return Decison('buy', 'X')", "Decison is not defined", "did you mean Decision?"),
    ("return np.mean([1])", "np is not defined", "import numpy as np"),
    ("data.get_indicator('X', 'SMA20', '1h')", "there is no indicator 'SMA20'", "did you mean MA20?"),
    ("data.get_indicator('X', 'RSI', '1h')", "there is no indicator 'RSI'", "say of how many klines, such as RSI14"),
    ("data.get_indicator('X', 'RSI_14', '1h')", "there is no indicator 'RSI_14'", "did you mean RSI14?"),
    ("data.get_indicator('X', 'MACD12', '1h')", "there is no indicator 'MACD12'", "did you mean MACD?"),
    ("data.get_indicator('X', 'MA600', '1h')", "MA600 needs 600 klines, and only the last 500 count", "work it out"),
    ("data.get_klines('X', '7m')", "there is no period '7m'", "use 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 8h, 12h or 1d"),
    ("data.get_klines('X', period='1H')", "there is no period '1H'", "use '1h'"),
    ("data.get_klines('X', 60)", "there is no period 60", "use 1m"),
    ("data.get_klines('X', '1h' if data.positions else '7h')", "there is no period '7h'", "use 1m"),
    ("p = '7m'; data.get_price_change('X', p)", "there is no period '7m'", "use 1m"),
    ("data.get_klines('X', '1m', 0)", "0 is no number of klines or values", "use a whole number from 1 on"),
    ("data.get_feature('mood', 'X', 0)", "0 is no number of klines or values", "use a whole number from 1 on"),
    ("data.get_feature('mood', 'X') > 1", "a dict is no number", "get_feature returns a dict: use one of its values"),
    ("data.get_feature('mood')", "get_feature needs symbol", "get_feature takes name, symbol, count"),
    ("data.get_klines('X', '1m', -5)", "-5 is no number of klines or values", "use a whole number from 1 on"),
    ("data.get_klines('X', '1m', limit=5)", "get_klines has no argument limit", "get_klines takes symbol, period"),
    ("data.get_klines('X')", "get_klines needs period", "get_klines takes symbol, period, count"),
    ("data.get_price('X', '1m')", "get_price has not so many arguments", "get_price takes symbol"),
    ("data.get_flow('X', 'CDV', '5m')", "there is no flow metric 'CDV'", "did you mean CVD?"),
    ("data.get_flow('X', 'VOLUME', '5m')", "there is no flow metric 'VOLUME'", "use CVD, TAKER, OI"),
    ("data.get_indicator('X', 'MA5', '1h') > 50", "a dict is no number", "get_indicator returns a dict: use ['value']"),
    ("r = data.get_indicator('X', 'MA5', '1h')\n        1 < r", "a dict is no number", "get_indicator returns a dict"),
    ("-data.get_flow('X', 'CVD', '1h')", "a dict is no number", "get_flow returns a dict: use one of its values"),
    ("data.get_indicator('X', 'MACD', '1h')['value']", "MACD has no key 'value'", "it has macd, signal, histogram"),
    ("data.get_indicator('X', 'MA5', '1h')['values']", "MA5 has no key 'values'", "did you mean value?"),
    ("Decision(action='buy', symbol='X')", "Decision has no field action", "use operation: one of 'buy', 'sell'"),
    ("Decision('buy', 'X', size_usd=9)", "Decision has no field size_usd", "use target_portion_of_balance, a share"),
    ("Decision('buy', 'X', levrage=9)", "Decision has no field levrage", "did you mean leverage?"),
    ("Decision('buy')", "Decision needs symbol", 'such as Decision("buy", "BTC", ...)'),
    ("Decision('hodl', 'X')", "there is no operation 'hodl'", "did you mean hold?"),
    ("Decision(5, 'X')", "there is no operation 5", "use buy, sell, close, hold, cancel or amend"),
    ("Decision('buy', 'X', leverage=0)", "leverage = 0: leverage out of range", "a whole number from 1"),
    ("Decision(ActionType.SELL, 'X', leverage=2.5)", "leverage = 2.5: leverage out of range", "a whole number from 1"),
    ("Decision('buy', 'X', target_portion_of_balance=50)", "target_portion_of_balance = 50: portion out of", "a share"),
    ("Decision('close', 'X', target_portion_of_balance=-1)", "target_portion_of_balance = -1: portion out", "a share"),
    ("Decision('buy', 'X', time_in_force='GTX')", "time_in_force = 'GTX': unknown time in force", "Ioc, Gtc or Alo"),
    ("Decision('buy', 'X', stop_loss_price=0)", "stop_loss_price = 0: price not finite or not", "a price above"),
    ("Decision('buy', 'X', tp_execution='stop')", "tp_execution = 'stop': unknown tp_execution", "limit or market"),
    ("Decision('buy', 'X', trailing_stop_percent=100)", "trailing_stop_percent = 100: trailing stop", "above 0"),
    ("Decision('buy', 'X', max_holding_seconds=-1)", "max_holding_seconds = -1: holding time", "seconds above 0"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["python", "platform"])
@pytest.mark.parametrize(("line", "says", "hint"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_an_error_with_its_line_and_what_to_do(line, says, hint, language):
    if language == "platform" and "np." in line:
        hint = "data.get_indicator and plain lists are there"
    ((place, message, way_out),) = found(program(line), language=language)
    assert place == 4 + line.count("\n")
    assert message.startswith(says)
    assert way_out.startswith(hint)


#: Programs that mean something else by a name, or whose text does not say what is asked: lines, what is before, inside.
RIGHT = {
    "data is given another meaning": program("data = {'prices': 1}", "return data.prices"),
    "a loop over something called data": program("for data in [1]:", "    data.prices"),
    "a comprehension over something called data": program("return [data.prices for data in self.rows]"),
    "another parameter called data": program("return f(1)", before="def f(data):\n    return data.prices"),
    "a lambda's data": program("return (lambda data: data.prices)(self)"),
    "an inner function's own data": program("def g():", "    data = self", "    return data.prices", "return g()"),
    "an inner function that changes it": program("def g():", "    nonlocal data", "    data = self", "data.prices"),
    "a helper that is called with both": program("f(data)", "f(self)", before="def f(d):\n    return d.prices"),
    "a helper that is handed on": program("f(data)", "map(f, self.x)", before="def f(d):\n    return d.prices"),
    "a wrapped helper": program("f(data)", before="@wrap\ndef f(d):\n    return d.prices\ndef wrap(g): return g"),
    "another should_trade": program(
        "return B().should_trade(self)", before="class B:\n    def should_trade(self, data):\n        data.prices"
    ),
    "an attribute of its own": program("self.data = 5", "self.data.prices"),
    "an attribute that is sometimes data": program("self.d = data", "self.d.prices", "self.d = self"),
    "it asks first": program("if hasattr(data, 'prices'):", "    data.prices"),
    "it is ready for it": program("try:", "    data.prices", "except AttributeError:", "    pass"),
    "a name that may be missing": program("try:", "    numpy", "except NameError:", "    pass"),
    "a name bound by an import": program("return np.x", before="import numpy as np\nfrom math import *"),
    "names bound by every kind of syntax": program(
        "with open('f') as a, self as (b, c): a, b, c",
        "for [d, *e] in []: d, e",
        "try: pass",
        "except ValueError as f: f",
        "match self:",
        "    case [g, *h]: g, h",
        "    case {'x': i, **j}: i, j",
        "    case A(k=m) | m: m",
        "(n := 1), n, [o for o in []], (lambda p, /, *q, r=1, **s: (p, q, r, s))",
        "import os.path, sys as t; os, t",
        "global u; u = 1",
        "del n",
    ),
    "names in annotations": program(
        "x: List[float] = []", "return x", inside="    y: Dict\n    def should_trade(self, data: Foo) -> Optional[Bar]:"
    ),
    "names that come from globals": program("globals()['z'] = 1", "return z"),
    "special names": program("return __name__, __file__, self.__class__"),
    "a Decision of its own": program("return Decision(action=1)", before="class Decision: pass"),
    "keywords that the text does not show": program("d = {'action': 1}", "return Decision(**d)", "data.get_price(*d)"),
    "a period from elsewhere": program("data.get_klines('X', self.period)", "data.get_klines('X', LIMIT + 1)"),
    "a period that changes": program("p = '7m'", "p = '5m'", "data.get_klines('X', p)"),
    "an attribute that changes": program("self.p = '7m'", "self.p = '5m'", "data.get_klines('X', self.p)"),
    "an attribute that may be set": program("self.p = '7m'", "setattr(self, 'p', 1)", "data.get_klines('X', self.p)"),
    "a name that another function sets": program(
        "data.get_klines('X', P)", before="P = '7m'\ndef f():\n    global P\n    P = '1h'"
    ),
    "a field of a class": program(
        "data.get_klines('X', self.p)", inside="    p: str = '7m'\n    def should_trade(self, data):"
    ),
    "names in another case": program("data.get_indicator('X', 'rsi14', '1h')", "data.get_flow('X', 'cvd', '1h')"),
    "a dict that is a dict": program("d = data.get_flow('X', 'CVD', '1h')", "d == {} or '%(current)s' % d or d | {}"),
    "a dict that is asked whether it is empty": program("not data.get_indicator('X', 'RSI14', '1h')"),
    "a value of a dict": program("r = data.get_indicator('X', 'RSI14', '1h')['value']", "return r > 50"),
    "a key that it has set itself": program("r = data.get_indicator('X', 'MACD', '1h')", "r['mine'] = 1", "r['mine']"),
    "all keys": program(*(f"data.get_indicator('X', '{name}', '1h')['{key}']" for name, key in
        [("MACD", "signal"), ("BOLL", "upper"), ("STOCH", "d"), ("OBV", "series")])),
    "a decision that closes": program("Decision('close', 'X', leverage=0, target_portion_of_balance=2)"),
    "a decision that may close": program("Decision(self.side(), 'X', leverage=0)"),
    "a decision that holds": program("Decision(operation='hold', symbol='', leverage=0)", "Decision('HOLD', 'Z')"),
    "decisions at the edges": program(
        "Decision(' Buy ', 'X', target_portion_of_balance=1, leverage=50, time_in_force='alo', max_price=None)"
    ),
    "factors by their names": program("data.get_factor(symbol='X', factor_name='ADX14', period='1h')"),
    "all that there is": program(
        "data.get_factor_ranking('X', 3), data.trigger_market_regime, data.open_orders, data.max_leverage",
        "data.timestamp, data.get_regime('X', '5m').conf, ActionType.BUY.value, ActionType('buy').name",
    ),
    "a text that is none": "class A(:",
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_or_cannot_be_told_is_let_be(text):
    assert found(text) == []


#: Where the market data goes in a program, in lines that are wrong.
PASSED = {
    "to a method": program(
        "return self.f('1h', data)", before="class Base:\n    def f(self, period, d):\n        return d.prices"
    ),
    "to a function, by name": program("return f(d=data)", before="def f(*, p=1, d=None):\n    return d.prices"),
    "through two functions": program(
        "return g(data)", before="def f(d):\n    return d.prices\ndef g(e):\n    return f(e)"
    ),
    "to an attribute": program("self.d = data", "return self.f()", inside="""\
    def __init__(self):
        self.d = None
    def f(self):
        return self.d.prices
    def should_trade(self, data):"""),
    "to what is annotated": program("return None", before="def f(x: 'MarketData'):\n    return x.prices"),
    "to an inner function": program("def g():", "    return data.prices", "return g()"),
    "under another name": program("return md.prices", inside="    def should_trade(self, md):"),
    "to a helper's should_trade": program(
        "return super().should_trade(data)", before="class B:\n    def should_trade(self, data):\n        data.prices"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_market_data_is_known_wherever_it_goes(text):
    assert [message for _, message, _ in found(text)] == ["data has no attribute prices"]


SYMBOLS = [
    ("data.get_price('ETH')", "the symbol 'ETH' is not configured", "configured: BTC, SOL"),
    ("data.get_klines('btc', '1h')", "the symbol 'btc' is not configured", "configured: BTC, SOL"),
    ("data.get_klines('BTCUSDT', '1h')", "the symbol 'BTCUSDT' is not configured", "configured: BTC, SOL"),
    ("Decision('buy', symbol='SOLO')", "the symbol 'SOLO' is not configured", "did you mean SOL?"),
]


@pytest.mark.parametrize(("line", "says", "hint"), SYMBOLS)
def test_a_symbol_that_is_not_configured_is_a_mistake_where_the_symbols_are_known(line, says, hint):
    assert found(program(line), ["BTC", "SOL"]) == [(4, says, hint)]
    assert found(program(line)) == []


def test_symbols_that_are_configured_or_not_literal_are_let_be():
    lines = ["data.get_price('BTC')", "data.get_price(data.trigger_symbol or 'ETH')", "Decision('hold', 'ETH')"]
    assert found(program(*lines), ["BTC", "SOL"]) == []


def test_a_share_that_the_live_platform_does_not_take_is_a_mistake_in_its_language_only():
    text = program("return Decision('buy', 'X', target_portion_of_balance=0.05, leverage=2)")
    said = "target_portion_of_balance = 0.05: portion out of range"
    assert found(text) == []
    assert found(text, language="platform") == [(4, said, "the live platform takes 0.1 to 1")]
    for right in ("'buy', 'X', target_portion_of_balance=0.1", "'close', 'X', target_portion_of_balance=0.05"):
        assert found(program(f"return Decision({right})"), language="platform") == []


def test_mistakes_come_in_the_order_of_the_text_each_once():
    text = program("return data.foo, data.foo, data.bar", "data.baz")
    assert [message[-3:] for _, message, _ in found(text)] == ["foo", "foo", "bar", "baz"]


# --- no false alarms in anything that is written here


def programs_of(path):
    """Every program that stands in a file: a Python file, a text in it, a block of a page."""
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        yield from re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        return
    yield text
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "class " in node.value:
            yield node.value


#: Files whose programs are wrong on purpose, or ask for a metric that they register.
WRONG = {"bad_decisions.py", "bare_except.py", "unknown_queries.py", "test_signal_metric.py", Path(__file__).name}


@pytest.mark.parametrize("language", ["python", "platform"])
def test_no_program_of_this_project_has_a_mistake(language):
    folders = [ROOT / name for name in ("engine", "adapters", "processes", "scenarios")]
    pages = [page for folder in folders for page in folder.rglob("*.md")]
    files = [
        *ROOT.glob("*.md"),
        *pages,
        *(ROOT / "tests" / "programs").glob("*.py"),
        *(ROOT / "scenarios").glob("*.py"),
    ]
    looked_at = 0
    for path in files:
        for text in programs_of(path):
            if "should_trade" in text and path.name not in WRONG:
                looked_at += 1
                mistakes = found(text, language=language)
                if language == "platform":  # what it imports is not there
                    mistakes = [each for each in mistakes if not each[1].endswith("is not defined")]
                assert mistakes == [], path
    assert looked_at > 40


TOGETHER = {
    "Decision('buy', 'X', size=1, notional=5)": "more than one size",
    "Decision('sell', 'X', size=1, target_portion_of_balance=0.5)": "more than one size",
    "Decision('buy', 'X', risk_percent=1)": "risk without a stop loss",
    "Decision('close', 'X', risk_percent=1, stop_loss_price=5)": "risk_percent = 1: risk without a stop loss",
    "Decision('buy', 'X', size=1, post_only=True, min_price=5)": "post only without a limit",
    "Decision('amend', 'X', size=1)": "no order id and no tag",
    "Decision('amend', 'X', tag='bid')": "nothing that can be amended",
}


@pytest.mark.parametrize(("decision", "message"), TOGETHER.items())
@pytest.mark.parametrize("language", ["python", "platform"])
def test_literal_fields_that_do_not_go_together_are_an_error_with_what_to_do(decision, message, language):
    (problem,) = find_mistakes(program(f"return {decision}"), ["X"], language)
    assert (problem.message, problem.severity) == (message, "error")
    assert problem.hint


@pytest.mark.parametrize(
    "text",
    [
        "return Decision('buy', 'X', risk_percent=1, stop_loss_price=data.get_price('X') * 0.9)",
        "return Decision('buy', 'X', size=1, notional=self.usd)",
        "return Decision('amend', 'X', order_id=self.order, size=self.size, max_price=data.get_price('X'))",
        "return Decision(self.what, 'X', risk_percent=1)",
        "return Decision('buy', 'X', risk_percent=1, **self.stop)",
        "d = Decision('buy', 'X', risk_percent=1)\n        d.stop_loss_price = 5.0\n        return d",
        "return Decision('sell', 'X', size=1, post_only=True, min_price=5)",
        "return Decision('buy', 'X')",
    ],
)
def test_fields_that_may_go_together_are_no_error(text):
    assert find_mistakes(program(text), ["X"]) == []
