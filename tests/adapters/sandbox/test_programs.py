"""Ordinary programs, as people and language models write them: the same run in the sandbox, replayed, and plain."""

import math

import pytest

from adapters import Sandbox
from engine import ActionType, Decision, MarketData, Strategy, validate_program
from processes import ProgramBacktestEngine
from tests.conftest import ROOT
from tests.support.runs import config, klines, market
from tests.support.sandboxes import NO_JAIL, figures, run_code

pytestmark = pytest.mark.xdist_group("programs")

PROGRAMS = sorted((ROOT / "tests" / "programs").glob("*.py"))
MINUTES = 85


def bar(minute):
    """A wave with an open, and a range that changes."""
    opened, closed = (100 + 5 * math.sin(each / 3) + math.sin(each * 1.7) / 2 for each in (minute - 1, minute))
    return opened, max(opened, closed) + 0.2, min(opened, closed) - 0.1, closed


#: What a plain Python finds in scope when it runs the same text without our policy.
HEAD = "import math, statistics\nfrom engine import ActionType, Decision, MarketData, Strategy\n"
MARKET = market(X=klines(*map(bar, range(MINUTES + 5))))
USES_THE_CLOCK = ("clock",)


@pytest.fixture(scope="module")
def sandbox():
    if NO_JAIL is not None:
        pytest.skip(NO_JAIL)
    with Sandbox() as made:
        yield made


def test_there_are_enough_programs():
    assert len(PROGRAMS) >= 40


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_is_accepted_as_it_is(path):
    assert [str(problem) for problem in validate_program(path.read_text()) if problem.severity == "error"] == []


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_jailed_and_in_this_process_a_program_gives_the_same_bytes(path, sandbox):
    text, history = path.read_text(), MARKET
    jailed = run_code(text, sandbox.executor, history, MINUTES, record_queries=True)
    assert jailed.error is None
    assert jailed.trades or jailed.open_positions or jailed.rejections
    assert figures(jailed) == figures(run_code(text, history=history, minutes=MINUTES, record_queries=True))


@pytest.mark.parametrize("path", [path for path in PROGRAMS if path.stem not in USES_THE_CLOCK], ids=lambda p: p.stem)
def test_as_a_plain_class_a_program_gives_the_same_trades(path):
    text, history = path.read_text(), MARKET
    silent = {"log": lambda *_, **__: None, "print": lambda *_, **__: None, "__name__": "program"}
    scope = {"ActionType": ActionType, "Decision": Decision, "MarketData": MarketData, "Strategy": Strategy, **silent}
    exec(compile(HEAD + text, path.stem, "exec"), scope)
    kinds = [each for each in scope.values() if getattr(each, "__module__", "") == "program"]
    strategy = [each for each in kinds if isinstance(each, type) and hasattr(each, "should_trade")][-1]
    plain = ProgramBacktestEngine(history).run(config(strategy, MINUTES))
    restricted = run_code(text, history=history, minutes=MINUTES)
    assert [trade.to_dict() for trade in plain.trades] == [trade.to_dict() for trade in restricted.trades]
    assert plain.decisions == restricted.decisions
    assert plain.final_equity == restricted.final_equity
