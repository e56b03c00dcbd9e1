"""A fault of one's own that is written wrong: one sentence has the fault, the time, the user's line and what to do."""

from __future__ import annotations

import inspect
from math import inf, nan
from typing import Any

import pytest

from engine import Fill, SimulationError
from engine.errors import ProcessFailed
from processes import faults
from tests.support.runs import MINUTE, START, Script, buy, config, market, walk, wired

HISTORY = market(X=walk(60, 3))
PLACES = {
    "checks": lambda sim: sim.exchange.checks,
    "fees": lambda sim: sim.exchange.adjusted.fees,
    "prices": lambda sim: sim.exchange.adjusted.prices,
    "volumes": lambda sim: sim.exchange.adjusted.volumes,
    "delays": lambda sim: sim.exchange.adjusted.delays,
    "arrivals": lambda sim: sim.link.arrivals,
    "known": lambda sim: sim.link.known,
    "clocks": lambda sim: sim.link.clocks,
}


def ran(process: Any, **given: Any) -> Any:
    mine = faults.own(process, "mine", duration="20m", **given)
    return wired(HISTORY, config(Script({2: buy(portion=0.1)}), 30, faults=[mine])).run()


def failure(process: Any, **given: Any) -> str:
    """Return how it is told, without its line, which is looked at here: one of this file's."""
    with pytest.raises(ProcessFailed) as found:
        ran(process, **given)
    before, _, rest = str(found.value).partition(" (test_asked_functions.py, line ")
    line, _, after = rest.partition(")")
    assert int(line) in range(1, len(inspect.getsourcelines(inspect.getmodule(failure))[0]) + 1)
    return before + after


def putting(place: str, function: Any) -> Any:
    def puts(sim, fault):
        with fault.puts(PLACES[place](sim), function):
            yield fault.over()

    return puts


WRONG = [
    ("checks", True, "a reason as a text, or None"),
    ("fees", "x", "a number of percent"),
    ("fees", nan, "a number of percent"),
    ("fees", True, "a number of percent"),
    ("prices", None, "a price above 0, in USD"),
    ("prices", 0.0, "a price above 0, in USD"),
    ("prices", inf, "a price above 0, in USD"),
    ("volumes", nan, "a number of coins, 0 or more"),
    ("volumes", -1.0, "a number of coins, 0 or more"),
    ("volumes", None, "a number of coins, 0 or more"),
    ("delays", -5, "whole ms, 0 or more"),
    ("delays", 0.5, "whole ms, 0 or more"),
    ("arrivals", START + 60_000.5, "an instant in whole epoch ms, or None"),
    ("known", None, "an instant in whole epoch ms"),
    ("known", START * 1.0, "an instant in whole epoch ms"),
    ("clocks", START + 0.5, "an instant in whole epoch ms"),
    ("clocks", nan, "an instant in whole epoch ms"),
]


@pytest.mark.parametrize(("place", "answer", "takes"), WRONG)
def test_an_answer_that_cannot_be_is_told(place, answer, takes):
    told = failure(putting(place, lambda *_: answer))
    minute = {"arrivals": 1, "known": 1, "clocks": 1}.get(place, 2)
    where = "sim.link" if minute == 1 else "sim.exchange" if place == "checks" else "sim.exchange.adjusted"
    assert told == (
        f"fault mine failed at 2024-01-01 00:0{minute}:00 UTC: it has answered {answer!r} to {where}.{place}, "
        f"which takes {takes}"
    )


def test_answers_that_can_be_are_taken():
    import numpy as np

    given = {
        "checks": None,
        "fees": np.float64(0.1),
        "prices": np.float64(100.0),
        "volumes": inf,
        "delays": np.int64(0),
        "clocks": np.int64(START),
    }
    for place, answer in given.items():
        result = ran(putting(place, lambda *_, answer=answer: answer))
        assert (result.error, result.rejections) == (None, {}), place
    assert "fault mine: once, 20m in all; it says of nothing that it did it (fault.act)" in result.warnings


def test_a_function_of_other_arguments_is_told_with_those_that_it_is_asked_with():
    told = failure(putting("checks", lambda decision: None))
    assert told.startswith("fault mine failed at 2024-01-01 00:02:00 UTC: TypeError: ")
    assert told.endswith("1 positional argument but 2 were given; sim.exchange.checks asks with (decision, now_ms)")
    with pytest.raises(ProcessFailed, match=r"3 is no function as sim.link.known asks it, \(now_ms\)"):
        ran(putting("known", 3))


def test_the_line_is_the_users_own_also_where_another_function_of_theirs_has_failed():
    def helps(price: float) -> float:
        return price / 0.0  # this line

    def hears(sim, fault):
        with fault.hears(Fill, lambda fill: helps(fill.price)):
            yield fault.over()

    with pytest.raises(ProcessFailed) as found:
        ran(hears)
    lines, first = inspect.getsourcelines(helps)
    line = first + next(place for place, text in enumerate(lines) if "this line" in text)
    assert str(found.value) == (
        f"fault mine failed at 2024-01-01 00:02:00 UTC (test_asked_functions.py, line {line}): "
        "ZeroDivisionError: float division by zero"
    )


def test_a_process_without_a_yield_is_told():
    def called(sim, fault):
        fault.act("X", "did")

    assert failure(called).startswith(
        "fault mine failed at 2024-01-01 00:00:00 UTC: it is a function without a yield: it has been called "
        "and is over; the process of a fault is a generator function"
    )


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (("DOGE", "did"), """'DOGE' is none of its symbols (X): "" where it is of none"""),
        (("X", "did", -1), "-1 is no count, which is a whole number from 0 on"),
        (("X", "did", 1.5), "1.5 is no count, which is a whole number from 0 on"),
        (("X", ""), "'' does not say what it did: a text such as 'orders refused'"),
    ],
)
def test_what_it_cannot_have_done_is_told(act, problem):
    def acts(sim, fault):
        yield sim.at(START + MINUTE)
        fault.act(*act)
        yield fault.over()

    assert failure(acts) == (
        f"fault mine failed at 2024-01-01 00:01:00 UTC: fault mine, act(symbol, what, count): {problem}"
    )


def test_a_value_that_was_not_given_is_told_with_those_that_were():
    def asks(sim, fault):
        yield fault.over()
        fault["bp"]

    assert failure(asks, most=3, least=1) == (
        "fault mine failed at 2024-01-01 00:20:00 UTC: fault mine has no value 'bp': "
        "perpsim.faults.own(...) was given most, least"
    )
    with pytest.raises(SimulationError, match="was given nothing"):
        ran(asks)
