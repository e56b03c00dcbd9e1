"""Simulated time: phases, ranks, the past, fractions, and environments of host simulations."""

import gc
import weakref

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from engine import ConfigurationError, Phase, Simulation, SimulationError, TriggerEvent
from engine.kernel import Alarm, Clock
from engine.kernel.clock import RANKS
from tests.support.runs import MINUTE, START, Hold, buy, close, config, klines, market, run_script, wired

FLAT = market(X=klines(*[100.0] * 20))


def simulation(minutes=5, **fields):
    sim = Simulation(FLAT, config(Hold, minutes), **fields)
    sim.standard_process("in place of the standard ones", waiting)
    return sim


def waiting(sim):
    yield sim.done


def test_time_is_integer_milliseconds_from_start_to_end():
    sim = simulation()
    times = []

    def clock_reader(sim):
        for minute in range(6):
            yield sim.at(START + minute * MINUTE)
            times.append((sim.now, type(sim.env.now)))

    sim.process(clock_reader)
    sim.run()
    assert times == [(START + minute * MINUTE, int) for minute in range(6)]


def test_the_order_within_a_millisecond_is_that_of_the_design():
    assert [phase.name for phase in sorted(Phase)] == [
        "MARKET_DATA", "FUNDING", "LIQUIDATION", "RESTING_ORDERS", "SIGNALS", "SCHEDULED", "DECISIONS", "ORDERS",
        "BOOKKEEPING", "END",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(Phase), st.integers(0, RANKS - 1)), max_size=30))
def test_ties_are_decided_by_phase_then_rank_then_order_of_asking(asked):
    env = simpy.Environment(START)
    clock, came = Clock.of(env), []
    for number, (phase, rank) in enumerate(asked):
        clock.at(START + 5, phase, rank).callbacks.append(lambda _, e=(phase, rank, number): came.append(e))
    env.run()
    assert came == sorted((phase, rank, number) for number, (phase, rank) in enumerate(asked))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_time_never_goes_back(delays):
    env = simpy.Environment(START)
    clock, came = Clock.of(env), []

    def process(env, delay):
        yield clock.at(START + delay, Phase.SIGNALS)
        came.append(env.now)
        yield clock.at(env.now + delay % 7, Phase.ORDERS)
        came.append(env.now)

    for delay in delays:
        env.process(process(env, delay))
    env.run()
    assert came == sorted(came)
    assert len(came) == 2 * len(delays)


def test_wake_ups_of_simpy_come_before_every_phase_of_their_instant():
    env = simpy.Environment(START)
    clock, came = Clock.of(env), []
    clock.at(START + 5, Phase.MARKET_DATA).callbacks.append(lambda _: came.append("market data"))
    env.timeout(5).callbacks.append(lambda _: came.append("timeout"))
    env.run()
    assert came == ["timeout", "market data"]


@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("carl", "anna", "bert"), ("bert", "carl", "anna")])
def test_processes_of_one_phase_are_ranked_by_name_not_by_the_order_of_announcing(order):
    sim = simulation()
    came = []

    def process(sim, name):
        yield sim.at(START + 7, Phase.SIGNALS)
        came.append(name)

    for name in order:
        sim.process_named(name, process, name)
    sim.run()
    assert came == ["anna", "bert", "carl"]


def test_two_processes_of_one_name_are_refused():
    sim = simulation()
    sim.process_named("twin", lambda sim: iter(()))
    with pytest.raises(SimulationError, match="two processes named 'main/twin'"):
        sim.process_named("twin", lambda sim: iter(()))


def test_a_process_may_be_added_while_the_simulation_runs():
    sim = simulation()
    came = []

    def child(sim):
        yield sim.at(START + 3 * MINUTE)
        came.append(("child", sim.now - START))

    def parent(sim):
        yield sim.at(START + MINUTE)
        came.append(("parent", sim.now - START))
        sim.process(child)

    sim.process(parent)
    sim.run()
    assert came == [("parent", MINUTE), ("child", 3 * MINUTE)]


def failing(process, *, name="culprit", env=None):
    """Run one process in a simulation and return the error's text."""
    sim = simulation(env=env)
    sim.process_named(name, process)
    with pytest.raises(SimulationError) as caught:
        sim.run()
    return str(caught.value)


def test_asking_for_the_past_is_an_error_that_names_the_process():
    def process(sim):
        yield sim.at(START + MINUTE)
        yield sim.at(START + 1)

    text = failing(process)
    assert text.startswith("process 'main/culprit' failed at 2024-01-01 00:01:00 UTC (test_clock.py, line ")
    assert f"it asked for {START + 1}, which is {MINUTE - 1} ms in the past" in text


def test_a_phase_that_is_over_is_an_error_that_names_it():
    def process(sim):
        yield sim.at(START + MINUTE, Phase.ORDERS)
        yield sim.at(START + MINUTE, Phase.SIGNALS)

    text = failing(process)
    assert text.startswith("process 'main/culprit' failed at 2024-01-01 00:01:00 UTC")
    assert "it asked for phase SIGNALS of 2024-01-01 00:01:00 UTC, which is over: ask for a later phase" in text


def test_a_later_phase_of_the_present_instant_is_still_to_come():
    sim = simulation()
    came = []

    def process(sim):
        yield sim.at(START + MINUTE, Phase.SIGNALS)
        for phase in (Phase.SCHEDULED, Phase.SCHEDULED, Phase.DECISIONS, Phase.BOOKKEEPING):
            yield sim.at(sim.now, phase)
            came.append((sim.now - START, phase))

    sim.process(process)
    sim.run()
    assert came == [(MINUTE, phase) for phase in (Phase.SCHEDULED, Phase.SCHEDULED, Phase.DECISIONS, Phase.BOOKKEEPING)]


def test_publishing_a_trigger_when_decisions_are_over_is_an_error():
    def process(sim):
        yield sim.at(START + MINUTE, Phase.BOOKKEEPING)
        sim.bus.publish(TriggerEvent(sim.now, "scheduled"))

    sim = wired(FLAT, config(Hold, 5, scheduled_interval=None))
    sim.process(process)
    with pytest.raises(SimulationError, match="DECISIONS"):
        sim.run()


def test_a_submission_for_the_past_is_an_error():
    def process(sim):
        yield sim.at(START + MINUTE)
        yield sim.exchange.submit(buy(), at_ms=START)

    assert "past" in failing(process)


@pytest.mark.parametrize("hosted", [False, True], ids=["own", "host"])
@pytest.mark.parametrize("wait", [0.5, 1.0, 1e3], ids=str)
def test_waiting_for_a_float_is_an_error_that_names_the_process(hosted, wait):
    def process(sim):
        yield sim.env.timeout(wait)

    text = failing(process, env=simpy.Environment(START) if hosted else None)
    assert "'main/culprit'" in text
    assert repr(wait) in text


@pytest.mark.parametrize("hosted", [False, True], ids=["own", "host"])
def test_asking_for_an_instant_that_is_a_float_is_an_error(hosted):
    def process(sim):
        yield sim.at(START + 0.5)

    text = failing(process, env=simpy.Environment(START) if hosted else None)
    assert "integer" in text
    assert "'main/culprit'" in text


def test_a_host_process_that_makes_time_a_float_is_named():
    env = simpy.Environment(START)
    sim = simulation(env=env)

    def careless(env):
        yield env.timeout(0.5)
        yield sim.exchange.submit(buy())

    env.process(careless(env))
    sim.start()
    with pytest.raises(SimulationError, match=r"integer.*'careless'"):
        env.run()


def test_an_own_process_woken_at_a_float_time_is_not_blamed_for_it():
    env = simpy.Environment(START)
    sim = simulation(env=env)
    bell = env.event()

    def careless(env):
        yield env.timeout(0.5)
        bell.succeed()

    def innocent(sim):
        yield bell
        yield sim.at(sim.now + 1)

    env.process(careless(env))
    sim.process(innocent)
    sim.start()
    with pytest.raises(SimulationError) as caught:
        env.run()
    assert str(START + 0.5) in str(caught.value)
    assert "has become" in str(caught.value)


@pytest.mark.parametrize(
    ("now", "says"),
    [(float(START), "integer"), (0.0, "integer"), (START + 1, "after start_time"), (START + 10 * MINUTE, "start_time")],
)
def test_an_environment_of_another_clock_is_a_configuration_error(now, says):
    with pytest.raises(ConfigurationError, match=says):
        simulation(env=simpy.Environment(now))


def test_a_host_environment_may_begin_before_the_start_and_go_on_after_the_end():
    env = simpy.Environment(0)
    script, _sim, own = run_script(FLAT, {1: buy(), 3: close()}, 5)
    hosted = wired(FLAT, config(type(script)(script.decisions), 5), env=env)
    hosted.start()
    seen = []

    def host(env):
        yield env.timeout(START - MINUTE)
        seen.append(("before", env.now, hosted.is_over))
        yield hosted.done
        seen.append(("done", env.now, hosted.is_over))
        yield env.timeout(10 * MINUTE)
        seen.append(("after", env.now, hosted.is_over))

    env.process(host(env))
    env.run(START + 60 * MINUTE)
    assert seen == [
        ("before", START - MINUTE, False),
        ("done", START + 5 * MINUTE, True),
        ("after", START + 15 * MINUTE, True),
    ]
    assert hosted.result().to_dict(timing=False) == own.to_dict(timing=False)


@pytest.mark.parametrize("names", [("left", "right"), ("right", "left")])
def test_two_simulations_share_one_environment_each_with_its_own_account(names):
    env = simpy.Environment(START)
    results = {}
    strategies = {"left": {1: buy(), 3: close()}, "right": {2: buy(portion=1.0)}}
    simulations = {}
    for name in names:
        script, _, results[name] = run_script(FLAT, strategies[name], 5)
        settings = config(type(script)(strategies[name]), 5)
        simulations[name] = wired(FLAT, settings, env=env, name=name)
    for sim in simulations.values():
        sim.start()
    env.run(START + 6 * MINUTE)
    for name, sim in simulations.items():
        assert sim.result().to_dict(timing=False) == results[name].to_dict(timing=False)


def test_two_simulations_of_one_name_in_one_environment_are_refused():
    env = simpy.Environment(START)
    simulation(env=env, name="twin")
    with pytest.raises(SimulationError, match="twin"):
        simulation(env=env, name="twin")


def test_an_alarm_rings_at_the_earliest_instant_that_was_set_and_once():
    env = simpy.Environment(START)
    alarm, rings = Alarm(Clock.of(env)), []

    def sleeper(env):
        while True:
            yield alarm.wait()
            rings.append(env.now - START)

    env.process(sleeper(env))
    for delay in (50, 20, 30, 20, 90):
        alarm.set(START + delay)
    env.run(START + 100)
    assert rings == [20]
    alarm.set(START + 150)
    env.run(START + 200)
    assert rings == [20, 150]


def test_a_finished_run_can_be_forgotten():
    gone = []

    def one_run():
        sim = wired(FLAT, config(Hold(), 5))
        sim.process_named("sleeper", lambda sim: (yield sim.at(sim.end_ms + MINUTE)))
        sim.run()
        gone.append(weakref.ref(sim))

    one_run()
    gc.collect()
    assert [reference() for reference in gone] == [None]
