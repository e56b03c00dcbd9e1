"""Processes that fail: each is told by its name and the time, with what it has raised behind it."""

import pytest
from simpy import Environment

from engine import Decision, Fill, SimulationError
from engine.errors import ProcessFailed
from processes import ProgramBacktestEngine
from tests.support.runs import MINUTE, START, Hold, Script, buy, config, klines, market, wired

FLAT = market(X=klines(*[100.0] * 20))
AT = "at 2024-01-01 00:01:00 UTC"


class TwoPartsError(Exception):
    """An exception that SimPy cannot make again from its `args`."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def fails_with(error, name="broken"):
    def process(sim):
        yield sim.env.timeout(MINUTE)
        raise error

    process.__name__ = name
    return process


def run(*processes, hosted=False, others=()):
    env = Environment(START) if hosted else None
    sim = wired(FLAT, config(Hold, 5), env=env)
    for process in processes:
        sim.process(process)
    for other in others:
        env.process(other(env))
    if not hosted:
        return sim, sim.run()
    sim.start()
    return sim, env.run(until=sim.done)


@pytest.mark.parametrize("hosted", [False, True], ids=["own", "host"])
@pytest.mark.parametrize("error", [LookupError("my own"), TwoPartsError("one", "two"), KeyError("x")], ids=repr)
def test_an_exception_is_told_once_and_chained_as_it_is(error, hosted):
    with pytest.raises(ProcessFailed) as caught:
        run(fails_with(error), hosted=hosted)
    assert str(caught.value).startswith(f"process 'main/broken' failed {AT} (test_process_table.py, line ")
    assert str(caught.value).endswith(f"{type(error).__name__}: {error}")
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("hosted", [False, True], ids=["own", "host"])
def test_two_that_fail_at_once_are_both_told(hosted):
    with pytest.raises(ProcessFailed) as caught:
        run(fails_with(KeyError("b"), "second"), fails_with(LookupError("a"), "first"), hosted=hosted)
    assert str(caught.value).endswith("LookupError: a; process 'main/second' failed, too: KeyError: 'b'")
    assert caught.value.process == "main/first"


def test_an_exception_deep_in_the_environment_of_a_host_is_told_with_the_process_that_waited_for_it():
    def deepest(env):
        yield env.timeout(MINUTE)
        raise ZeroDivisionError("deep")

    def middle(env):
        yield env.process(deepest(env))

    def waits(sim):
        yield sim.env.process(middle(sim.env))

    with pytest.raises(ProcessFailed, match=f"'main/waits' failed {AT} .* ZeroDivisionError: deep") as caught:
        run(waits, hosted=True)
    chain = []
    error = caught.value
    while error is not None:
        chain.append(type(error).__name__)
        error = error.__cause__
    assert chain == ["ProcessFailed", *["ZeroDivisionError"] * 3]


def test_a_process_may_catch_what_another_has_raised():
    caught = []

    def child(env):
        yield env.timeout(MINUTE)
        raise ZeroDivisionError("deep")

    def careful(sim):
        try:
            yield sim.env.process(child(sim.env))
        except ZeroDivisionError as error:
            caught.append(str(error))

    _, result = run(careful)
    assert (result.success, caught) == (True, ["deep"])


def test_a_process_of_simpy_that_nobody_waits_for_is_told_by_its_function():
    def child(env):
        yield env.timeout(MINUTE)
        raise ZeroDivisionError("alone")

    def starts_it(sim):
        sim.env.process(child(sim.env))
        yield sim.done

    with pytest.raises(ProcessFailed, match=f"process 'child' failed {AT} .* ZeroDivisionError: alone"):
        run(starts_it)


def test_the_program_is_not_blamed_and_a_host_that_goes_on_has_a_failed_result():
    env = Environment(START)
    sim = wired(FLAT, config(Script({1: buy()}), 5), env=env)
    sim.process(fails_with(LookupError("my own")))
    sim.start()
    with pytest.raises(ProcessFailed):
        env.run(until=sim.done)
    env.run()
    result = sim.result()
    assert (result.success, result.strategy_errors, result.end_time) == (False, 0, START + MINUTE)
    assert result.error.startswith("process 'main/broken' failed at 2024-01-01 00:01:00 UTC")


def test_the_process_of_a_host_that_fails_is_raised_by_simpy_and_leaves_the_simulation_alone():
    def careless(env):
        yield env.timeout(MINUTE)
        raise LookupError("of the host")

    with pytest.raises(LookupError, match="of the host"):
        run(hosted=True, others=[careless])


def test_ctrl_c_in_a_process_is_no_failure_of_it():
    result = ProgramBacktestEngine(FLAT).run(
        config(Hold, 5), prepare=lambda sim: sim.process(fails_with(KeyboardInterrupt()))
    )
    assert (result.interrupted, result.error) == (True, None)


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda sim: sim.bus.listen(Fill, lambda: None), "takes 0 positional arguments but 1 was given"),
        (lambda sim: sim.exchange.checks.append(lambda decision: None), "takes 1 positional argument but 2 were given"),
    ],
)
def test_a_function_of_a_user_that_fails_is_raised_as_it_is_with_the_time(prepare, says):
    with pytest.raises(TypeError, match=says) as caught:
        ProgramBacktestEngine(FLAT).run(config(Script({1: buy()}), 5), prepare=prepare)
    assert f"{AT} of simulation 'main'" in caught.value.__notes__


def test_a_failing_process_of_the_standard_set_is_raised_as_it_is_with_its_name():
    sim = wired(FLAT, config(Hold, 5))
    sim.standard_process("of ones own", fails_with(LookupError("mine")))
    with pytest.raises(LookupError, match="mine") as caught:
        sim.run()
    assert caught.value.__notes__ == ["in process 'main/of ones own'", f"{AT} of simulation 'main'"]


def test_a_check_that_is_no_function_is_told_before_the_run():
    sim = wired(FLAT, config(Hold, 5))
    sim.exchange.checks.append("weekend")
    with pytest.raises(SimulationError, match="'weekend' is no function check"):
        sim.run()


def test_an_error_of_perpsim_s_own_in_a_process_names_it_once():
    def late(sim):
        yield sim.at(START + MINUTE)
        yield sim.exchange.submit(Decision("close", "X"), at_ms=START)

    with pytest.raises(ProcessFailed) as caught:
        run(late)
    assert str(caught.value).count("'main/late'") == 1
    assert f"it asked for {START}, which is 60000 ms in the past" in str(caught.value)
