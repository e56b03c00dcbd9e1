"""What no rule puts in order comes in every order; what a rule does keeps it."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
import simpy

from engine import Decision, Fill, Phase, Simulation, SimulationError, TriggerEvent
from engine.kernel import Clock
from processes import TriggerTimes
from tests.support.runs import MINUTE, START, Hold, Script, config, klines, market, wired

FLAT = market(**{name: klines(*[100.0] * 20) for name in "XYZ"})
INSTANTS = 60


def waiting(sim):
    yield sim.done


def simulation(seed, minutes=5):
    sim = Simulation(FLAT, config(Hold, minutes, tuple("XYZ")))
    sim.standard_process("in place of the standard ones", waiting)
    if seed is not None:
        sim.shuffle_ties(seed)
    return sim


def by_phase(sim, name, came):
    for place in range(INSTANTS):
        yield sim.at(START + MINUTE + place, Phase.SIGNALS)
        came.append((sim.now, name))


def by_timeout(sim, name, came):
    yield sim.env.timeout(MINUTE)
    for _ in range(INSTANTS):
        came.append((sim.now, name))
        yield sim.env.timeout(1)


def by_announcing(sim, name, came):
    sim.bus.listen(TriggerEvent, lambda event: came.append((sim.now, name)) if event.symbol == name else None)
    upcoming = ((START + MINUTE + place, [TriggerEvent(0, "signal", name)]) for place in range(INSTANTS))
    yield sim.announce(TriggerEvent, upcoming, Phase.SIGNALS)


def children(sim, name, came):
    yield sim.env.timeout(0)
    sim.env.process(by_timeout(sim, name, came))


def orders(kind, seed):
    """In which orders three processes acted, at instants at which all of them do."""
    came = []
    sim = simulation(seed)
    for name in "abc":
        sim.process_named(name, kind, name, came)
    sim.run()
    return ["".join(name for at, name in came if at == START + MINUTE + place) for place in range(INSTANTS)]


@pytest.mark.parametrize("kind", [by_phase, by_timeout, by_announcing, children])
def test_every_order_comes_by_any_way_and_the_same_by_the_same_seed(kind):
    assert set(orders(kind, None)) == {"abc"}
    shuffled = orders(kind, 1)
    assert set(shuffled) == {"".join(each) for each in permutations("abc")}
    assert shuffled == orders(kind, 1)
    assert shuffled != orders(kind, 2)


def test_time_phases_and_ranks_come_first_and_one_source_keeps_its_order():
    env = simpy.Environment(START)
    clock, came, random = Clock.of(env), [], Random(5)
    clock.shuffle(Random(1))
    asked = [(START + 1 + random.randrange(3), Phase(random.randrange(10)), random.randrange(3)) for _ in range(200)]
    for number, (at, phase, rank) in enumerate(asked):
        clock.at(at, phase, rank).callbacks.append(lambda _, e=(at, phase, rank, number): came.append(e))
    env.run()
    assert came == sorted((*each, number) for number, each in enumerate(asked))


def test_what_was_asked_for_at_other_instants_comes_in_any_order():
    found = set()
    for seed in range(20):
        env = simpy.Environment(START)
        clock, came = Clock.of(env), []
        clock.shuffle(Random(seed))

        def asks(env, clock=clock, came=came):
            for number in range(2):
                moment = clock.at(START + 9, Phase.ORDERS)
                moment.callbacks.append(lambda _, number=number: came.append(number))
                yield env.timeout(1)

        env.process(asks(env))
        env.run()
        found.add(tuple(came))
    assert found == {(0, 1), (1, 0)}


def test_sources_and_their_symbols_come_in_every_order_and_what_one_says_of_a_symbol_in_its():
    times = [START + MINUTE + 6_000 * place for place in range(40)]
    seen = set()
    for seed in (None, 1):
        sources = [TriggerTimes("X", times, "1"), TriggerTimes("Y", times, "2"), TriggerTimes("Z", times, "3")]
        sim = wired(FLAT, config(Script({}), 6, tuple("XYZ"), scheduled_interval=None), sources)
        said = []
        sim.bus.listen(TriggerEvent, said.append)
        if seed is not None:
            sim.shuffle_ties(seed)
        sim.run()
        seen.add(frozenset("".join(each.symbol for each in said if each.timestamp == at) for at in times))
    assert seen == {frozenset({"XYZ"}), frozenset("".join(each) for each in permutations("XYZ"))}


def test_orders_of_one_answer_keep_their_order_on_their_way():
    """They are sent together; those of other instants may overtake them."""
    for seed in range(5):
        answers = {1: [Decision("buy", name, size=1.0, leverage=1) for name in "XYZ"]}
        sim, filled = wired(FLAT, config(Script(answers), 6, tuple("XYZ"), order_latency_ms=500)), []
        sim.bus.listen(Fill, filled.append)
        sim.shuffle_ties(seed)
        sim.run()
        assert [each.symbol for each in filled] == ["X", "Y", "Z"]


def test_it_is_said_that_it_is_too_late():
    sim = simulation(None)
    sim.start()
    with pytest.raises(SimulationError, match="runs already"):
        sim.shuffle_ties(1)
    clock = Clock.of(simpy.Environment(START))
    clock.register("a")
    clock.rank("a")
    with pytest.raises(SimulationError, match="cannot be shuffled any more"):
        clock.shuffle(Random(1))
