"""The link to the program, by itself."""

from __future__ import annotations

import pytest

from engine import Phase, SimulationError, TriggerEvent
from tests.support.runs import MINUTE, START, Script, config, market, walk, wired

HISTORY = market(X=walk(60))


def asked(prepare, minutes=10, **fields):
    script = Script({})
    sim = wired(HISTORY, config(script, minutes, **fields))
    prepare(sim)
    sim.run()
    return [*script.seen], script.seen


def test_the_latest_of_several_counts_and_never_wins():
    def prepare(sim):
        sim.link.arrivals.append(lambda trigger: trigger.timestamp + 10_000)
        sim.link.arrivals.append(
            lambda trigger: trigger.timestamp + 30_000 if trigger.timestamp < START + 5 * MINUTE else None
        )

    minutes, _ = asked(prepare)
    assert minutes == [1.5, 2.5, 3.5, 4.5]


def test_one_that_was_put_off_is_not_put_off_again():
    minutes, _ = asked(lambda sim: sim.link.arrivals.append(lambda trigger: trigger.timestamp + 45_000))
    assert minutes == [minute + 0.75 for minute in range(1, 10)]


def test_the_program_never_knows_more_than_now():
    _, seen = asked(lambda sim: sim.link.known.append(lambda now: now + 5 * MINUTE))
    assert {minute: data.get_klines("X", "1m", 1)[-1].timestamp for minute, data in seen.items()} == {
        minute: START // 1_000 + 60 * (minute - 1) for minute in range(1, 11)
    }


def test_clocks_add_up():
    def prepare(sim):
        sim.link.clocks.append(lambda now: now + 1_000)
        sim.link.clocks.append(lambda now: now - 31_000)

    minutes, _ = asked(prepare)
    assert minutes == [minute - 0.5 for minute in range(1, 11)]


def test_a_process_of_ones_own_may_put_a_trigger_off_and_restart_the_program():
    class Counts:
        def __init__(self):
            self.count = 0

        def should_trade(self, data):
            self.count += 1
            data.record("count", float(self.count))

    def again(sim):
        yield sim.at(START + 5 * MINUTE + 1, Phase.MARKET_DATA)
        sim.link.restart()

    sim = wired(HISTORY, config(Counts, 10))
    sim.process(again)
    assert sim.run().records["count"].to_dict()["value"] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


def test_an_object_that_nobody_has_copied_cannot_be_started_again():
    sim = wired(HISTORY, config(Script({}), 10))

    def again(sim):
        yield sim.at(START + 5 * MINUTE + 1)
        sim.link.restart()

    sim.process(again)
    assert "keeps its state: give its class" in (sim.run().error or "")


def test_before_the_run_there_is_nothing_to_start_again():
    sim = wired(HISTORY, config(Script({}), 10))
    with pytest.raises(SimulationError, match="was not started yet"):
        sim.link.restart()


def test_triggers_of_one_instant_come_one_after_another():
    kinds = []

    def prepare(sim):
        sim.link.arrivals.append(lambda trigger: kinds.append(trigger.trigger_type) or trigger.timestamp)

        def extra(sim):
            yield sim.at(START + 3 * MINUTE, Phase.SIGNALS)
            sim.bus.publish(TriggerEvent(sim.now, "signal", "X"))

        sim.process(extra)

    asked(prepare, 4)
    assert kinds == ["scheduled", "scheduled", "signal", "scheduled", "scheduled"]
