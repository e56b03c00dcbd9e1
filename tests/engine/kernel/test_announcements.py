"""What is announced is heard as if it had been published at its instants, in the same order, with fewer wake-ups."""

import random
from itertools import repeat

import pytest
import simpy

from engine import Phase, SimulationError
from engine.kernel import Bus, Clock
from tests.support.runs import START

STEP = 10
END = 60 * STEP


def told(number, at):
    return f"{number} at {at}"


def instants(generator, number):
    return sorted({START + STEP * generator.randrange(1, 60) for _ in range(number)})


class World:
    """A clock, a bus, and a reader of `str` in the phase of decisions; `steps` counts the events of a run."""

    def __init__(self, announces):
        self.env = simpy.Environment(START)
        self.clock = Clock.of(self.env)
        self.bus = Bus(self.clock)
        self.announces, self.steps, self.heard = announces, 0, []

    def say(self, upcoming, phase, rank):
        if self.announces:
            self.bus.announce(str, iter(upcoming), phase, rank)
        else:
            self.env.process(self.publish(upcoming, phase, rank))

    def publish(self, upcoming, phase, rank):
        for due, messages in upcoming:
            yield self.clock.at(due, phase, rank)
            for message in messages:
                self.bus.publish(message)

    def read(self, pause=0, leaps=False):
        inbox = self.bus.subscribe(str, Phase.DECISIONS)
        while True:
            messages = yield inbox.batch_by_leap() if leaps else inbox.batch()
            self.heard.append((self.env.now - START, list(messages)))
            if pause:
                yield self.clock.at(self.env.now + pause, Phase.MARKET_DATA)

    def run(self):
        while self.env.peek() <= START + END:
            self.env.step()
            self.steps += 1
        return self.heard


def eventful(announces, seed):
    """Two announcements, publishers in many phases, and, in the middle, a listener and another subscriber."""
    generator = random.Random(seed)
    world = World(announces)
    ranks = generator.sample(range(5), 5)
    for number, phase in enumerate((Phase.SIGNALS, Phase.SCHEDULED)):
        upcoming = [(at, (told(number, at),) * generator.choice([1, 2])) for at in instants(generator, 30)]
        world.say(upcoming, phase, ranks[number])
    world.env.process(world.read(generator.choice([0, 0, 0, 3, 15])))
    phases = [Phase.MARKET_DATA, Phase.SIGNALS, Phase.SCHEDULED]
    for number in range(2, 5):
        upcoming = [(at, (told(number, at),)) for at in instants(generator, 10)]
        world.env.process(world.publish(upcoming, generator.choice(phases), ranks[number]))
    others = []

    def other():
        first, last = sorted(START + STEP * generator.randrange(60) for _ in range(2))
        yield world.clock.at(first, generator.choice(list(Phase)[:9]), 9)
        listen = others.append
        world.bus.listen(str, listen)
        yield world.clock.at(last + 1, generator.choice(list(Phase)[:9]), 9)
        world.bus.unsubscribe(str, listen)

    if generator.random() < 0.5:
        world.env.process(other())
    return world.run(), others


@pytest.mark.parametrize("seed", range(150))
def test_an_announcement_is_heard_like_what_a_process_publishes(seed):
    assert eventful(True, seed) == eventful(False, seed)


def test_where_one_process_reads_it_is_woken_once_an_instant():
    steps = []
    for announces in (True, False):
        world = World(announces)
        world.say([(START + STEP * k, (told(0, k),)) for k in range(1, 51)], Phase.SCHEDULED, 0)
        world.env.process(world.read())
        assert len(world.run()) == 50
        steps.append(world.steps)
    assert steps[0] < 55
    assert steps[1] > 100


def leaping(seed, leaps):
    """Announcements beside publishers and processes that wait for instants of their own, in the phases of all."""
    generator, world, seen = random.Random(seed), World(True), []
    world.say([(at, (told(0, at),)) for at in instants(generator, 40)], Phase.SCHEDULED, 0)
    for phase in generator.choice([[], [Phase.SIGNALS], [Phase.SIGNALS, Phase.SCHEDULED]]):
        world.say([(at, (told(phase, at),)) for at in instants(generator, 30)], phase, 2)
    world.env.process(world.read(generator.choice([0, 0, 3, 15]), leaps > 0))
    upcoming = [(at, (told(1, at),)) for at in instants(generator, generator.choice([0, 5]))]
    world.env.process(world.publish(upcoming, generator.choice([Phase.SIGNALS, Phase.SCHEDULED]), 1))

    def other(phase, waits):
        for wait in waits:
            yield world.clock.at(world.env.now + wait, phase)
            seen.append((world.env.now, len(world.heard), world.clock.is_over(Phase.SIGNALS)))

    for _ in range(2):
        waits = [generator.choice([1, STEP, 2 * STEP, 7 * STEP]) for _ in range(generator.choice([0, 10]))]
        world.env.process(other(generator.choice([*Phase][:7]), waits))
    world.clock.leaps = repeat(True, leaps)
    world.clock.at(START + END + 1, Phase.END)
    return world.run(), seen, world.steps


@pytest.mark.parametrize("seed", range(100))
def test_a_clock_that_leaps_comes_by_the_same_instants_in_fewer_steps(seed):
    *some, few = leaping(seed, seed % 20)
    *none, many = leaping(seed, 0)
    assert some == none
    assert few <= many


def test_a_clock_leaps_as_often_as_it_may_and_never_over_what_is_queued():
    steps = [leaping(3, leaps)[2] for leaps in (0, 1, 2, 10)]
    assert [steps[0] - each for each in steps] == [0, 1, 2, 10]
    world = World(True)
    world.say([(START + STEP * k, (told(0, k),)) for k in range(1, 51)], Phase.SCHEDULED, 0)
    world.env.process(world.read(0, True))
    for k in range(1, 51):
        world.clock.at(START + STEP * k, Phase.END)
    world.clock.leaps = repeat(True)
    assert len(world.run()) == 50
    assert world.steps > 100


def test_a_batch_that_was_to_come_later_comes_with_an_earlier_message():
    world = World(True)
    world.say([(START + 5 * STEP, ("announced",))], Phase.SCHEDULED, 0)
    world.env.process(world.read())
    world.env.process(world.publish([(START + 2 * STEP, ("published",))], Phase.SIGNALS, 0))
    assert world.run() == [(2 * STEP, ["published"]), (5 * STEP, ["announced"])]


def test_a_listener_hears_what_is_announced_in_its_own_phase():
    world, heard = World(True), []
    world.say([(START + STEP, ("tick",))], Phase.SCHEDULED, 0)
    world.env.process(world.read())
    world.bus.listen(str, lambda message: heard.append((message, world.clock.is_over(Phase.SIGNALS))))
    assert world.run() == [(STEP, ["tick"])]
    assert heard == [("tick", True)]


def test_the_end_of_an_announcement_is_an_event_and_so_is_its_withdrawal():
    ended = []
    for withdraws in (False, True):
        world = World(True)
        over = world.bus.announce(str, iter([(START + STEP, ("a",)), (START + 2 * STEP, ("b",))]), Phase.SCHEDULED)
        over.callbacks.append(lambda _, world=world: ended.append(world.env.now - START))
        world.env.process(world.read())
        if withdraws:
            world.bus.withdraw()
        assert [messages for _, messages in world.run()] == ([] if withdraws else [["a"], ["b"]])
    assert ended == [2 * STEP, 0]


def test_an_announcement_of_nothing_is_over_at_once():
    world = World(True)
    over = world.bus.announce(str, iter([]), Phase.SCHEDULED)
    world.run()
    assert over.processed


def test_after_a_subscription_is_closed_its_process_is_left_alone():
    world = World(True)
    inbox = world.bus.subscribe(str, Phase.DECISIONS)
    world.say([(START + 5 * STEP, ("late",))], Phase.SCHEDULED, 0)
    inbox.batch().callbacks.append(lambda event: world.heard.append(event.value))
    inbox.close()
    assert world.run() == []


def test_a_message_of_the_past_cannot_be_announced():
    with pytest.raises(SimulationError, match="in the past"):
        World(True).bus.announce(str, iter([(START - 1, ("late",))]), Phase.SCHEDULED)


@pytest.mark.parametrize("is_read", [False, True])
def test_instants_that_do_not_increase_are_an_error_whoever_reads(is_read):
    world = World(True)
    world.say([(START + 2 * STEP, ("late",)), (START + STEP, ("early",))], Phase.SCHEDULED, 0)
    if is_read:
        world.env.process(world.read())
    with pytest.raises(SimulationError, match=f"str was announced for {START + STEP}, after one for"):
        world.run()
