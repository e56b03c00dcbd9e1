"""Ordinary programs, as people and language models write them: the same run in the sandbox, trusted, and as a class."""

import json
import math
import subprocess
import sys
from types import ModuleType

import pytest

from adapters import Sandbox
from engine import ActionType, Decision, MarketData, Strategy, validate_program
from processes import ProgramBacktestEngine
from tests.conftest import ROOT
from tests.support.runs import config, klines, market, walk
from tests.support.sandboxes import HEAD, NO_JAIL, figures, run_code

pytestmark = pytest.mark.xdist_group("programs")

#: What the live platform takes as well.
PROGRAMS = sorted((ROOT / "tests" / "programs").glob("*.py"))
#: What it refuses.
ANY_PYTHON = sorted((ROOT / "tests" / "programs" / "any_python").glob("*.py"))
MINUTES = 85


def bar(minute):
    """A wave with an open, and a range that changes."""
    opened, closed = (100 + 5 * math.sin(each / 3) + math.sin(each * 1.7) / 2 for each in (minute - 1, minute))
    return opened, max(opened, closed) + 0.2, min(opened, closed) - 0.1, closed


MARKET = market(X=klines(*map(bar, range(MINUTES + 5))))
NAMES = {"ActionType": ActionType, "Decision": Decision, "MarketData": MarketData, "Strategy": Strategy}


@pytest.fixture(scope="module")
def sandbox():
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    with Sandbox() as made:
        yield made


def as_class(text, monkeypatch):
    """The strategy of a text that Python runs as a module of the user's own."""
    module = ModuleType("users_own")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    vars(module).update({**NAMES, "log": lambda *_, **__: None, "print": lambda *_, **__: None})
    exec("import math, statistics, time", vars(module))
    exec(compile(text, module.__name__, "exec", dont_inherit=True), vars(module))
    kinds = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
    own = [each for each in kinds if isinstance(each, type) and hasattr(each, "should_trade")]
    return next(each for each in own if each.should_trade is not Strategy.should_trade)


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 40
    assert len(ANY_PYTHON) >= 12


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_platform_takes_a_program_as_it_is(path):
    problems = validate_program(path.read_text(), "platform")
    assert [str(problem) for problem in problems if problem.severity == "error"] == []


@pytest.mark.parametrize("path", ANY_PYTHON, ids=lambda path: path.stem)
def test_what_the_platform_refuses_has_a_hint_that_names_the_way_out(path):
    assert [str(each) for each in validate_program(path.read_text()) if each.severity == "error"] == []
    problems = [each for each in validate_program(path.read_text(), "platform") if each.severity == "error"]
    assert [str(each) for each in problems if not each.hint] == []


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_jailed_and_in_this_process_a_program_gives_the_same_bytes_in_both_languages(path, sandbox):
    text = path.read_text()
    for language in ("python", "platform"):
        given = {"history": MARKET, "minutes": MINUTES, "record_queries": True, "language": language}
        jailed = run_code(text, sandbox.executor, **given)
        assert jailed.error is None
        assert jailed.trades or jailed.open_positions or jailed.rejections
        assert figures(jailed) == figures(run_code(text, **given))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_as_a_class_a_program_gives_the_same_trades(path, monkeypatch):
    text = path.read_text()
    plain = ProgramBacktestEngine(MARKET).run(config(as_class(text, monkeypatch), MINUTES))
    as_text = run_code(text, history=MARKET, minutes=MINUTES)
    assert [trade.to_dict() for trade in plain.trades] == [trade.to_dict() for trade in as_text.trades]
    assert plain.decisions == as_text.decisions
    assert plain.final_equity == as_text.final_equity


#: Their order and their numbers come from the hashes of text, which this process may not have fixed.
HASHED = {"sets_of_text"}


@pytest.mark.parametrize("path", ANY_PYTHON, ids=lambda path: path.stem)
def test_a_program_in_any_python_gives_the_same_bytes_jailed_trusted_and_as_a_class(path, sandbox, monkeypatch):
    text = path.read_text()
    jailed = run_code(text, sandbox.executor, MARKET, MINUTES)
    assert jailed.error is None
    assert jailed.fills >= 3
    if path.stem in HASHED and hash("X") != fixed_hash():
        return
    assert figures(jailed) == figures(run_code(text, history=MARKET, minutes=MINUTES))
    plain = ProgramBacktestEngine(MARKET).run(config(as_class(text, monkeypatch), MINUTES))
    assert figures(jailed) == figures(plain)


def fixed_hash():
    """The hash of a text where hashes are not random."""
    code = "print(hash('X'))"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": "0"}, capture_output=True, check=True)
    return int(done.stdout)


def test_the_collection_of_programs_gives_the_same_bytes_jailed_and_trusted(shared, sandbox):
    paths = sorted((shared / "cases" / "programs").glob("*.py"))
    if not paths:
        pytest.skip("the collection of programs is not there")
    history = market(BTC=walk(2_000, seed=4, volatility=0.004), ETH=walk(2_000, seed=8))
    for path in paths:
        text = path.read_text()
        given = {"history": history, "minutes": 1_900, "scheduled_interval": 300}
        jailed = run_code(text, sandbox.executor, **given)
        assert jailed.error is None, (path.name, jailed.error)
        assert figures(jailed) == figures(run_code(text, **given)), path.name


#: Everything that is another in every process, or at every instant.
RESTLESS = """
import datetime, os, random, secrets, time, uuid
import numpy as np
class Restless:
    def should_trade(self, data):
        log(time.time(), time.monotonic(), time.perf_counter(), time.process_time(), time.time_ns(), time.localtime())
        log(datetime.datetime.now(), datetime.date.today(), datetime.datetime.now(datetime.timezone.utc), time.ctime())
        log(random.random(), random.Random().random(), random.SystemRandom().random(), random.sample(range(99), 3))
        log(np.random.random(), np.random.default_rng().random(), np.random.RandomState().rand(), np.random.bytes(4))
        log(os.urandom(8), os.getrandom(4), uuid.uuid4(), secrets.token_hex(), secrets.choice("abc"))
        log(hash("text"), hash(b"bytes"), hash((1, "a")), {"a", "b", "c", "d"}, frozenset("hello"))
        time.sleep(1.5)
        log(time.time())
        return Decision("buy" if random.random() < 0.5 else "sell", "X", target_portion_of_balance=0.3, leverage=1)
"""
IN_ANOTHER_PROCESS = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}]
from adapters import Sandbox
from tests.adapters.sandbox.test_programs import MARKET, RESTLESS
from tests.support.sandboxes import figures, run_code
if __name__ == "__main__":
    with Sandbox() as made:
        sys.stdout.write(figures(run_code(RESTLESS, made.executor, MARKET, 9)))
"""


def test_time_chance_and_hashes_are_the_same_in_every_jailed_run_and_in_every_process(sandbox):
    first = run_code(RESTLESS, sandbox.executor, MARKET, 9)
    assert first.error is None
    assert first.fills > 3
    assert figures(run_code(RESTLESS, sandbox.executor, MARKET, 9)) == figures(first)
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_PROCESS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(figures(first))


#: Asks where its objects lie, and in which order they are in a set.
ADDRESSES = """
class Mine: pass
class Addresses:
    def init(self, params):
        self.seen = {Mine() for _ in range(50)}
        for number, each in enumerate(self.seen): each.number = number
    def should_trade(self, data):
        log(repr(object()), id(object()), hash(object()), [id(each) for each in self.seen])
        log([id(each) for each in (self, data, [], {}, lambda: 0, 1.5 * len("ab"), b"y" * 100, Mine, data.positions)])
"""


def test_objects_lie_at_the_same_addresses_in_the_first_jailed_run_of_every_sandbox():
    found = set()
    for _ in range(3):
        with Sandbox() as made:
            found.add(figures(run_code(ADDRESSES, made.executor, MARKET, 9)))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("import torch", "torch"),
        ("from sklearn.linear_model import LinearRegression", "sklearn"),
        ("import requests as r", "requests"),
        ("import simpy", None),
        ("__import__('scipy')", "scipy"),
        ("import importlib\n        importlib.import_module('pol' + 'ars')", "polars"),
    ],
)
def test_an_import_of_what_is_not_there_says_what_is(statement, name, sandbox):
    result = run_code(HEAD + "        " + statement, sandbox.executor)
    if name is not None:
        assert f"no module {name!r}: a program may import the standard library, numpy, pandas and talib" in result.error


def test_an_import_that_fails_can_be_caught(sandbox):
    text = "try:\n    import torch\nexcept ImportError:\n    torch = None\n" + HEAD + "        log(torch)"
    result = run_code(text, sandbox.executor)
    assert result.error is None
    assert result.trigger_log[0]["logs"] == ["None"]
