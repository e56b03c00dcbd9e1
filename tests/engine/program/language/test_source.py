"""Programs as source text: what they find, what is forbidden, and where their errors are."""

import json
import math
from textwrap import dedent

import pytest

from engine import ProgramError, SourceExecutor, validate_program
from engine.program import ProgramLog
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.runs import HOUR, MINUTE, START, config, klines, market, run

FLAT = market(X=klines(*[100.0] * 60))


def source(body="return None", before="", init=None, name="Mine"):
    """A program whose `should_trade` has this body."""
    lines = [dedent(before), f"class {name}:"]
    if init is not None:
        lines += ["    def init(self, params):", *(f"        {line}" for line in dedent(init).strip().splitlines())]
    lines += ["    def should_trade(self, data):", *(f"        {line}" for line in dedent(body).strip().splitlines())]
    return "\n".join(lines) + "\n"


def logged(body, before="", init=None, minutes=1, **fields):
    """Run a program and return the lines that it logged at each trigger."""
    result = run(FLAT, source(body, before, init), minutes, **fields)
    assert result.error is None
    return [entry["logs"] for entry in result.trigger_log]


def test_a_program_trades():
    code = source(
        """
        if data.positions:
            return Decision("close", self.symbol, reason="enough")
        return Decision(ActionType.BUY, self.symbol, target_portion_of_balance=0.5, leverage=2)
        """,
        init="self.symbol = params['symbol']",
    )
    result = run(FLAT, code, 2, params={"symbol": "X"})
    assert [(trade.side, trade.exit_decision_reason) for trade in result.trades] == [("long", "enough")]
    assert result.decisions == {"buy": 1, "close": 1}
    assert result.config["code"] == code


def test_the_names_of_the_contract_are_in_scope():
    body = """
    log(isinstance(data, MarketData), ActionType.HOLD, math.sqrt(16), Strategy is not None)
    return Decision(operation="hold", symbol="X")
    """
    assert logged(body) == [["True hold 4.0 True"]]


BUILTINS = (
    "abs min max sum len round int float str bool list dict tuple set frozenset range enumerate zip map filter sorted "
    "reversed any all isinstance issubclass type repr iter next pow divmod ord chr print property staticmethod "
    "classmethod super object True False None Exception ValueError KeyError IndexError TypeError ZeroDivisionError "
    "AttributeError RuntimeError StopIteration ArithmeticError OverflowError LookupError AssertionError"
).split()


@pytest.mark.parametrize("name", BUILTINS)
def test_the_safe_builtins_exist(name):
    assert logged(f"log(repr({name})[:5] != '')") == [["True"]]


@pytest.mark.parametrize("name", ["open", "eval", "exec", "compile", "globals", "getattr", "input", "vars"])
def test_other_builtins_do_not_exist_even_without_being_called(name):
    result = run(FLAT, source(f"f = {name}"), 1, language="platform")
    assert "NameError" in result.error
    assert name in result.error


def test_time_is_simulated_and_in_seconds():
    before = "born = time.time()"
    found = logged("log(born, time.time(), self.made)", before, "self.made = time.time()", 3, scheduled_interval="1m")
    began = START / 1000
    assert found == [[f"{began} {began + 60 * minute} {began}"] for minute in (1, 2, 3)]


def test_ordinary_python_works_inside():
    before = """
    LIMIT = 3
    class Base:
        @property
        def limit(self):
            return LIMIT
        @staticmethod
        def twice(x):
            return 2 * x
    def helper(values):
        return sorted(v for v in values if v)
    """
    body = """
    try:
        [][1]
    except IndexError as error:
        log("caught", type(error))
    total = {k: v for k, v in zip("ab", map(float, (1, 2)))}
    log(helper([3, 0, 1]), total, Base().limit, Base.twice(4), f"{math.pi:.2f}", *range(2))
    """
    assert logged(body, before) == [["caught <class 'IndexError'>", "[1, 3] {'a': 1.0, 'b': 2.0} 3 8 3.14 0 1"]]


def test_print_is_log_with_the_keywords_that_it_has():
    assert logged("print('a', 1, sep='-', end='')\nprint()\nprint('b', flush=True, sep=None)") == [["a-1", "", "b"]]


def test_logs_belong_to_their_trigger_and_are_bounded():
    found = logged("log(data.timestamp)\nfor k in range(300):\n    log('x' * 5000)", minutes=2)
    assert [lines[0] for lines in found] == [str(START + MINUTE), str(START + 2 * MINUTE)]
    assert [(len(lines), len(lines[1]), lines[-1]) for lines in found] == [(201, 2_000, "... 101 more lines")] * 2


def test_control_characters_in_logs_are_escaped():
    log = ProgramLog()
    log.write("a\x1b[31m\nb\u2028é")
    assert log.take() == ("a\\x1b[31m\\nb\\u2028é",)
    assert log.take() == ()


# --- static validation

HEAD = "class Mine:\n    def init(self, params): pass\n"
GOOD_CLASS = HEAD + "    def should_trade(self, data): pass\n"
FINDINGS = [
    ("syntax", "x = 1\nclass Mine(:\n    pass", [(2, "syntax")]),
    ("a null byte", "x = 1\0", [(1, "syntax")]),
    ("an empty text", "", [(1, "no class with a method should_trade")]),
    ("no class", "def should_trade(self, data):\n    pass", [(1, "no class with a method should_trade")]),
    ("no method", "class Mine:\n    pass", [(1, "no class with a method should_trade")]),
    ("an import", GOOD_CLASS + "import os", [(4, "imports are not allowed")]),
    ("an import inside", HEAD + "    def should_trade(self, data):\n        from os import path", [(4, "imports")]),
    ("importing math", GOOD_CLASS + "import math", [(4, "math is already there")]),
    ("importing both", GOOD_CLASS + "import math, time", [(4, "math and time is already there")]),
    ("from math", GOOD_CLASS + "from math import sqrt", [(4, "math is already there")]),
    ("a forbidden call", GOOD_CLASS + "x = 1\ny = eval('1')", [(5, "eval() is not available")]),
    ("several", "import os\n" + GOOD_CLASS + "open('f')\nexec('x')", [(1, "imports"), (5, "open()"), (6, "exec()")]),
    ("type with three arguments", GOOD_CLASS + "T = type('T', (), {})", [(4, "type() takes one argument")]),
    ("too few parameters", HEAD + "    def should_trade(self): pass", [(3, "two parameters")]),
    ("any number of parameters", HEAD + "    def should_trade(self, *args): pass", []),
    ("nothing", GOOD_CLASS, []),
    ("type with one argument", GOOD_CLASS + "T = type(1)", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_static_validation_names_the_line_and_the_remedy(text, expected):
    found = [
        (problem.line, problem.message) for problem in validate_program(text, "platform") if problem.severity == "error"
    ]
    assert [line for line, _ in found] == [line for line, _ in expected]
    assert all(part in message for (_, message), (_, part) in zip(found, expected, strict=True))


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_what_validation_forbids_does_not_run_and_what_it_allows_does(text, expected):
    settings = config(text, 2, language="platform")
    if expected:
        with pytest.raises(ProgramError) as caught:
            ProgramBacktestEngine(FLAT, executor_for=trusted_executor).run(settings)
        assert str(caught.value).startswith(f"line {expected[0][0]}, column ")
        assert len(caught.value.problems) == len(expected)
    else:
        assert ProgramBacktestEngine(FLAT, executor_for=trusted_executor).run(settings).error is None


def test_a_missing_init_is_only_a_warning():
    (problem,) = validate_program(source())
    assert (problem.severity, problem.line) == ("warning", 3)
    assert run(FLAT, source(), 1).error is None


TWO = "class {0}:\n    def should_trade(self, data):\n        log('{1}')\n"
CLASSES = [
    ("the first one", TWO.format("A", 1) + TWO.format("B", 2), "1"),
    ("the last one of the same name", TWO.format("A", 1) + TWO.format("B", 2) + TWO.format("A", 3), "3"),
    ("not one without the method", TWO.format("A", 1) + "class B:\n    pass\n", "1"),
    ("not one that only derives from Strategy", TWO.format("A", 1) + "class B(Strategy):\n    pass\n", "1"),
    ("one that inherits it", TWO.format("A", 1) + "class B(A):\n    pass\n", "1"),
    ("a strategy with the base class", TWO.format("A(Strategy)", 1), "1"),
    ("not a second name for the base", TWO.format("A(Strategy)", 1) + "Base = Strategy\n", "1"),
]


@pytest.mark.parametrize("language", ["python", "platform"])
@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in CLASSES], ids=[row[0] for row in CLASSES])
def test_the_first_class_with_should_trade_counts(text, expected, language):
    result = run(FLAT, text, 1, language=language)
    assert result.error is None
    assert result.trigger_log[0]["logs"] == [expected]


SECOND = "another class with should_trade: the first one counts"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (TWO.format("A", 1) + TWO.format("B", 2), 5),
        (TWO.format("A", 1) + "class B(A):\n    pass\n", 4),
        (TWO.format("A", 1) + "class B:\n    pass\n", None),
        (TWO.format("A(Strategy)", 1), None),
        ("from abc import ABC, abstractmethod\nclass A(ABC):\n    @abstractmethod\n"
         "    def should_trade(self, data): ...\n" + TWO.format("B(A)", 1), None),
    ],
)  # fmt: skip
def test_a_further_class_with_should_trade_is_a_warning(text, line):
    found = [(each.line, each.severity) for each in validate_program(text) if each.message == SECOND]
    assert found == ([] if line is None else [(line, "warning")])
    assert run(FLAT, text, 1).trigger_log[0]["logs"] == ["1"]


# --- errors of programs


@pytest.mark.parametrize(
    ("body", "before", "kind"),
    [
        ("return 1 / 0  # here", "", "ZeroDivisionError"),
        ("x = 1\nreturn helper(x)", "def helper(x):\n    return x.nothing  # here", "AttributeError"),
        ("return data.get_price()  # here", "", "TypeError"),
        ("raise LookupError('odd')  # here", "", "LookupError"),
        ("return Decision('buy')  # here", "", "TypeError"),
        ("x = 1\n\nreturn Decision('buy', 'X', portion=x)  # here", "", "TypeError"),
        ("return math.sqrt(-1)  # here", "", "ValueError"),
        ("return sorted([1, 'a'])  # here", "", "TypeError"),
    ],
)
def test_an_error_names_the_line_of_the_program(body, before, kind):
    text = source(body, before)
    (line,) = (number for number, content in enumerate(text.splitlines(), 1) if "# here" in content)
    result = run(FLAT, text, 2)
    assert not result.success
    assert f"{kind}: " in result.error
    assert result.error.endswith(f"(line {line})")
    assert result.trigger_log[0]["error"].startswith(f"{kind}: ")


@pytest.mark.parametrize("init", ["self.n = params['missing']", "1 / 0"])
def test_an_error_in_init_is_a_failed_run_with_its_line(init):
    result = run(FLAT, source(init=init), 2)
    assert result.error.startswith("the strategy could not be started: ")
    assert result.error.endswith("(line 4)")


def test_an_error_in_the_text_itself_is_a_failed_run_with_its_line():
    result = run(FLAT, "limit = 1\nlimit.nothing\n" + GOOD_CLASS, 2)
    assert result.error == (
        "the strategy could not be started: AttributeError: 'int' object has no attribute 'nothing' (line 2)"
    )


def test_an_error_of_a_strategy_class_has_no_line_of_a_program():
    class Broken:
        def should_trade(self, data):
            return 1 / 0

    assert run(FLAT, Broken, 2).error.endswith("ZeroDivisionError: division by zero")


# --- as a program and as a class


@pytest.mark.parametrize("lifetime", ["run", "trigger"])
def test_source_text_and_the_same_class_give_the_same_run(lifetime):
    text = source(
        """
        self.count += 1
        price = data.get_price("X")
        if not data.positions:
            stop = price * 0.99
            return Decision("buy", "X", str(self.count), target_portion_of_balance=0.5, stop_loss_price=stop)
        return None
        """,
        init="self.count = params['start']",
    )  # fmt: skip
    scope = {}
    exec("from engine import Decision\n" + text, scope)
    history = market(X=klines(*[100 + 5 * math.sin(k) for k in range(90)]))
    settings = {"minutes": 80, "params": {"start": 7}, "strategy_lifetime": lifetime}
    one, other = run(history, text, **settings).to_dict(False), run(history, scope["Mine"], **settings).to_dict(False)
    for each in (one, other):
        del each["config"]
    assert one["trades"]
    assert json.dumps(one) == json.dumps(other)


def test_two_runs_of_one_program_share_nothing():
    text = source("kept.append(1)\nlog(len(kept))", "kept = []")
    for _ in range(2):
        assert run(FLAT, text, 2).trigger_log[1]["logs"] == ["2"]


def test_a_program_object_lives_for_a_trigger_when_asked_while_its_text_runs_once():
    text = source("kept.append(1)\nself.n += 1\nlog(len(kept), self.n)", "kept = []", "self.n = 0")
    assert [entry["logs"] for entry in run(FLAT, text, 2, strategy_lifetime="trigger").trigger_log] == [
        ["1 1"],
        ["2 1"],
    ]


def test_an_executor_that_was_not_started_says_so():
    with pytest.raises(Exception, match="not started"):
        SourceExecutor(source(), {}).execute(None)


def test_an_hour_of_ticks_reaches_a_program():
    assert len(logged("log(1)", minutes=HOUR // MINUTE)) == 60
