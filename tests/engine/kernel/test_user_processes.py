"""Processes of users: each way to hold one wrong is an error with its name, the time, and what to write instead."""

from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from simpy import Environment

from engine import Decision, Fill, Phase, SimulationError, TriggerEvent
from engine.errors import ProcessFailed
from tests.support.runs import MINUTE, START, Hold, config, klines, market, wired

FLAT = market(X=klines(*[100.0] * 20))
AT = "at 2024-01-01 00:01:00 UTC"


def outcome(*processes, env=None):
    """Run a simulation with some processes, in the environment of a host if there is one; return it and its error."""
    sim = wired(FLAT, config(Hold, 5), env=env)
    for process in processes:
        sim.process(process)
    if env is not None:
        sim.start()
    with pytest.raises(SimulationError) as caught:
        sim.run() if env is None else env.run(until=sim.done)
    return sim, caught.value


def both():
    return pytest.mark.parametrize("hosted", [False, True], ids=["own", "host"])


def host(hosted):
    return Environment(START) if hosted else None


def outage(sim, hours):
    yield sim.env.timeout(hours)


def closes(sim):
    sim.exchange.reject_orders("closed")


async def waits(sim):
    pass


async def waits_often(sim):
    yield 1


def takes_nothing():
    yield


def child(sim):
    yield sim.done


NO_PROCESS = {
    "a function without a yield": (closes, (), "'main/closes' is a function without a yield"),
    "a coroutine": (waits, (), "'waits' is an async function: write def in place of async def, and yield"),
    "an asynchronous generator": (waits_often, (), "'waits_often' is an async function"),
    "a generator": (outage(None, 5), (), r"'outage' was called already: write sim.process\(outage, 5\)"),
    "a text": ("outage", (), "'outage' is no function: a process is a generator function"),
    "nothing": (None, (), "None is no function: a process is a generator function"),
    "a function without a name": (partial(outage, hours=5), (), r"sim.process_named\(name, function"),
    "an argument is missing": (
        outage,
        (),
        r"'outage' .* as outage\(sim, hours\): missing a required argument: 'hours'",
    ),
    "an argument too many": (child, (5,), r"as child\(sim\): too many positional arguments"),
    "no argument at all": (takes_nothing, (), r"as takes_nothing\(\): .* whose first argument is the simulation"),
    "a function that gives a generator function": (lambda sim: child, (), r"was not called: return child\(sim, ...\)"),
    "a function that gives a list": (lambda sim: [1], (), r"gave \[1\], which is no generator"),
    "a function that gives a coroutine": (lambda sim: waits(sim), (), "gave <coroutine object waits>, which is no gen"),
}


@both()
@pytest.mark.parametrize(("function", "arguments", "says"), NO_PROCESS.values(), ids=NO_PROCESS)
def test_what_is_no_process_is_told_when_it_is_announced_or_started(function, arguments, says, hosted):
    sim = wired(FLAT, config(Hold, 5), env=host(hosted))

    def begin():
        sim.process(function, *arguments)
        sim.start()

    with pytest.raises(SimulationError, match=says) as caught:
        begin()
    assert str(caught.value).endswith("(at 2024-01-01 00:00:00 UTC)") or "no name" in str(caught.value)


def test_a_name_that_is_no_text_is_told():
    with pytest.raises(SimulationError, match=r"a process has a name, which is a text, not <function outage>"):
        wired(FLAT, config(Hold, 5)).process_named(outage, "outage")


def yields(make):
    def culprit(sim):
        yield sim.at(START + MINUTE)
        yield make(sim)

    return culprit


YIELDED = {
    "a number": (lambda sim: 5, r"it yielded 5, which is no event: yield sim.env.timeout\(ms\) waits so many"),
    "nothing": (lambda sim: None, "it yielded nothing, which is no event: yield sim.env.timeout"),
    "a process that it has announced": (lambda sim: sim.process(outage, 5), "it yielded nothing"),
    "an inbox": (lambda sim: sim.subscribe(Fill), r"messages = yield inbox.batch\(\) waits"),
    "an alarm": (lambda sim: sim.alarm(Phase.SIGNALS), r"yield alarm.wait\(\) waits"),
    "a generator": (lambda sim: outage(sim, 5), "it yielded a generator, .*: yield from runs it inside of this"),
    "a time": (lambda sim: datetime(2024, 1, 1, tzinfo=UTC), r"sim.at\(time_ms\) for an instant"),
    "a decision": (lambda sim: Decision("buy", "X"), r"sim.exchange.submit\(decision\)"),
    "an event of elsewhere": (lambda sim: Environment(0).timeout(5), "an event of another environment"),
    "a fraction": (lambda sim: sim.env.timeout(0.5), r"it asked for 0.5: round it with int\(...\)"),
    "an instant of numpy": (lambda sim: sim.at(np.int64(sim.now + 5)), r"np.int64\(.*\): round it with int"),
    "an instant without a zone": (
        lambda sim: sim.at(datetime(2024, 1, 1)),
        r"round\(moment.timestamp\(\) \* 1000\), once it has a time zone",
    ),
    "an instant as a text": (lambda sim: sim.at("2024-01-01T00:05:00Z"), r"write epoch ms, such as sim.now \+ 60_000"),
    "an instant of the past": (lambda sim: sim.at(60_000), r"in the past \(now is 2024-01-01 00:01:00 UTC\): ask for"),
}


@both()
@pytest.mark.parametrize(("make", "says"), YIELDED.values(), ids=YIELDED)
def test_what_never_comes_is_told_where_it_is_waited_for(make, says, hosted):
    culprit = yields(make)
    sim, error = outcome(culprit, env=host(hosted))
    line = culprit.__code__.co_firstlineno + 2
    assert str(error).startswith(f"process 'main/culprit' failed {AT} (test_user_processes.py, line {line}): ")
    assert isinstance(error, ProcessFailed)
    assert (error.process, error.timestamp_ms) == ("main/culprit", START + MINUTE)
    assert pytest.raises(ProcessFailed, match=says).matches(error)
    assert (sim.result().success, sim.result().error, sim.is_over) == (False, str(error), True)


def test_the_line_is_that_of_the_innermost_generator():
    def inner(sim):
        yield sim.at(START + MINUTE)
        yield 5

    def culprit(sim):
        yield from inner(sim)

    _, error = outcome(culprit)
    assert f"line {inner.__code__.co_firstlineno + 2})" in str(error)


@both()
def test_a_process_for_which_time_does_not_move_is_told(hosted):
    def spinner(sim):
        yield sim.at(START + MINUTE)
        while True:
            yield sim.env.timeout(0)

    def spins_on_what_has_come(sim):
        yield sim.at(START + MINUTE)
        event = sim.env.timeout(0)
        while True:
            yield event

    for process in (spinner, spins_on_what_has_come):
        _, error = outcome(process, env=host(hosted))
        assert f"'main/{process.__name__}' failed {AT}" in str(error)
        assert "it has gone on 100,001 times at one instant, and time has not moved" in str(error)


def test_a_process_that_does_not_let_itself_be_ended_fails_as_any_other():
    def stubborn(sim):
        try:
            yield 5
        finally:
            yield sim.env.timeout(1)

    _, error = outcome(stubborn)
    assert "it yielded 5" in str(error)


CALLS = {
    "a text submitted": (lambda sim: sim.exchange.submit("buy"), r"submit: 'buy' is no Decision: write Decision\("),
    "several submitted": (lambda sim: sim.exchange.submit([Decision("buy", "X")]), "submit several one by one"),
    "nothing submitted": (lambda sim: sim.exchange.submit(None), "submit: None is no Decision"),
    "a class submitted": (lambda sim: sim.exchange.submit(Decision), "is no Decision"),
    "a text for a trigger": (lambda sim: sim.exchange.submit(Decision("buy", "X"), "x"), "trigger 'x' is no Trigger"),
    "a decision placed": (lambda sim: sim.exchange.place(Decision("buy", "X")), r"is no PendingOrder: submit\("),
    "orders rejected without a reason": (lambda sim: sim.exchange.reject_orders(""), "'' is no reason: give a text"),
    "orders rejected by a number": (lambda sim: sim.exchange.reject_orders(5), "5 is no reason: give a text"),
    "paused for a number": (lambda sim: sim.exchange.pause(5), "pause: 5 is no reason"),
    "resumed and not paused": (lambda sim: sim.exchange.resume(), r"pause\(reason\) comes first"),
    "stopped with an exception": (lambda sim: sim.stop(ValueError("x")), r"stop: ValueError\('x'\) is no text"),
    "run from within": (lambda sim: sim.run(), "sim.run.. was called by it, inside of what it would run: call sim.sta"),
    "a text subscribed to": (lambda sim: sim.subscribe("Fill"), "'Fill' is no class of messages, such as Fill"),
    "a message subscribed to": (lambda sim: sim.subscribe(TriggerEvent(5, "signal")), "is no class of messages"),
    "no phase": (lambda sim: sim.subscribe(Fill, "late"), "'late' is no phase: subscribe.Fill"),
    "a listener that is no function": (lambda sim: sim.bus.listen(Fill, "no"), "calls a function, and 'no' is none"),
    "a listener in the place of the class": (lambda sim: sim.bus.listen(print, Fill), "is no class of messages"),
    "a class published": (lambda sim: sim.bus.publish(TriggerEvent), "it published no message: bus.publish.message"),
    "nothing published": (lambda sim: sim.bus.publish(None), "it published no message"),
    "messages announced without times": (
        lambda sim: sim.announce(TriggerEvent, [TriggerEvent(5, "signal")]),
        r"what it announced of TriggerEvent failed .* `upcoming` yields \(time_ms, \[message, ...\]\)",
    ),
    "a number announced": (lambda sim: sim.announce(TriggerEvent, 5), "announce: 5 yields no"),
}


@pytest.mark.parametrize(("call", "says"), CALLS.values(), ids=CALLS)
def test_what_a_method_cannot_take_is_told_where_it_is_given(call, says):
    _, error = outcome(yields(call))
    assert str(error).startswith(f"process 'main/culprit' failed {AT} (test_user_processes.py, line ")
    assert pytest.raises(ProcessFailed, match=says).matches(error)
    assert isinstance(error.__cause__, SimulationError)


def test_what_was_announced_and_fails_later_bears_the_name_of_who_announced_it():
    def upcoming():
        yield START + MINUTE, [TriggerEvent(START + MINUTE, "signal", "X")]
        raise LookupError("no more")

    def herald(sim):
        yield sim.announce(TriggerEvent, upcoming(), Phase.SIGNALS)

    _, error = outcome(herald)
    assert f"what process 'main/herald' announced of TriggerEvent failed {AT}: LookupError: no more" in str(error)
    assert repr(error.__cause__) == "LookupError('no more')"
