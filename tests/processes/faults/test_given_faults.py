"""The calls that make faults, and one's own."""

from __future__ import annotations

import inspect

import pytest

from engine.faults import KINDS, Fault
from processes import faults
from tests.support.runs import HOUR, MINUTE, START, Hold, config, market, walk, wired


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_call_for_each_kind_with_what_stands_in_the_table(kind):
    call = getattr(faults, kind)
    made = call(start="2024-01-01T01:00:00Z", duration="2h", seed=5)
    assert isinstance(made, Fault)
    assert (made.kind, made.given["start"], made.given["duration"]) == (kind, "2024-01-01T01:00:00Z", "2h")
    table, plain = KINDS[kind], call()
    assert plain.given.get(table.figure) == (table.default if table.figure else None)
    assert plain.given.get("direction", "") == (table.directions[0] if table.directions else "")
    assert config(Hold, 60, faults=[made]).faults == (made,)
    assert inspect.getdoc(call)


def test_a_call_and_a_table_are_the_same():
    both = [
        wired(market(X=walk(90)), config(Hold, 60, faults=[each])).run().warnings
        for each in (faults.rejects(30.0, start=START + MINUTE, every="10m", times=2, duration="1m"),
                     {"kind": "rejects", "percent": 30.0, "start": START + MINUTE, "every": "10m", "times": 2,
                      "duration": "1m"})
    ]  # fmt: skip
    assert both[0] == both[1]


def test_one_of_ones_own_is_called_in_each_of_its_spans_with_its_values():
    seen = []

    def flood(sim, fault):
        seen.append((sim.now - START, fault["height"], fault.symbols, fault.random.random()))
        fault.act("X", "metres", 3)
        yield fault.over()
        seen.append(sim.now - START)

    mine = faults.own(flood, "flood", every="20m", times=2, duration="5m", height=4, symbols=["X"], seed=9)
    result = wired(market(X=walk(90)), config(Hold, 60, faults=[mine])).run()
    assert [each if isinstance(each, int) else each[:3] for each in seen] == [
        (0, 4, ("X",)),
        5 * MINUTE,
        (20 * MINUTE, 4, ("X",)),
        25 * MINUTE,
    ]
    assert "fault flood: 2 times, 10m in all; metres: 6" in result.warnings


def test_what_fails_in_one_is_told_with_its_name():
    from engine import SimulationError

    def careless(sim, fault):
        yield fault.over()
        raise ValueError("too late")

    sim = wired(market(X=walk(90)), config(Hold, 60, faults=[faults.own(careless, duration="5m")]))
    with pytest.raises(
        SimulationError,
        match=r"fault own failed at 2024-01-01 00:05:00 UTC \(test_given_faults.py, line \d+\): ValueError: too late",
    ):
        sim.run()


def test_the_figure_of_one_that_is_not_on_is_an_error():
    from engine import SimulationError

    sim = wired(market(X=walk(90)), config(Hold, 60, faults=[faults.outage(start=START + HOUR)]))
    with pytest.raises(SimulationError, match="fault outage is not on"):
        sim.faults[0].over()
