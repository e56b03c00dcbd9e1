"""Watchers get on: one that is woken again and again with nothing moving is an error that names it."""

import pytest

from engine import Phase, SimulationError
from engine.kernel.progress import MOST_IDLE_RINGS
from tests.support.runs import MINUTE, START, Script, config, klines, market, wired


def simulation():
    return wired(market(X=klines(*[100.0] * 10)), config(Script({}), 9))


def test_a_watcher_that_spins_at_one_instant_is_named():
    def spinner(sim):
        alarm, progress = sim.alarm(Phase.MARKET_DATA), sim.progress()
        yield sim.at(START + 3 * MINUTE)
        while not sim.is_over:
            alarm.ring_later = alarm.wait()
            alarm.ring()
            yield alarm.ring_later
            progress.check(sim.account.state)

    sim = simulation()
    sim.process(spinner)
    with pytest.raises(
        SimulationError, match=r"'main/spinner' failed at .* it was woken 17 times at 2024-01-01 00:03:00 UTC"
    ):
        sim.run()


@pytest.mark.parametrize("moves", ["time", "number", "object"])
def test_a_watcher_whose_time_or_state_moves_goes_on(moves):
    done = []

    def busy(sim):
        progress = sim.progress()
        yield sim.at(START + MINUTE)
        for count in range(5 * MOST_IDLE_RINGS):
            yield sim.env.timeout(1 if moves == "time" else 0)
            progress.check({"time": 7, "number": count, "object": object()}[moves])
            done.append(count)

    sim = simulation()
    sim.process(busy)
    sim.run()
    assert len(done) == 5 * MOST_IDLE_RINGS


def test_a_few_rings_for_one_cause_are_no_error():
    def twice(sim):
        progress = sim.progress()
        yield sim.at(START + MINUTE)
        for _ in range(MOST_IDLE_RINGS):
            yield sim.env.timeout(0)
            progress.check(1)

    sim = simulation()
    sim.process(twice)
    assert sim.run().success
