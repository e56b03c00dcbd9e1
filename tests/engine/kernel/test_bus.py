"""The bus: every message of the type, in order, to everyone who asked, once."""

import pickle
from dataclasses import FrozenInstanceError, dataclass

import pytest
import simpy

from engine import Fill, OrderRejected, OrderSubmitted, Phase, SimulationError, StrategyFailed, TriggerEvent
from engine.kernel import Bus, Clock, ScheduledTick
from tests.support.runs import START


@dataclass(frozen=True, slots=True)
class Said:
    number: int


@dataclass(frozen=True, slots=True)
class Shouted(Said):
    loudness: int = 11


@pytest.fixture
def env():
    return simpy.Environment(START)


@pytest.fixture
def bus(env):
    return Bus(Clock.of(env))


def reader(env, inbox, heard):
    while True:
        messages = yield inbox.batch()
        heard.append((env.now - START, list(messages)))


def speaker(env, bus, *messages):
    """Publish (delay, message) one after another."""
    for delay, message in messages:
        if delay:
            yield env.timeout(delay)
        bus.publish(message)


def test_two_messages_in_one_instant_are_two_messages(env, bus):
    heard = []
    env.process(reader(env, bus.subscribe(Said), heard))
    env.process(speaker(env, bus, (5, Said(1)), (0, Said(2)), (3, Said(3))))
    env.run()
    assert heard == [(5, [Said(1), Said(2)]), (8, [Said(3)])]


def test_every_subscriber_gets_every_message_in_an_inbox_of_its_own(env, bus):
    heard = [[], [], []]
    for each in heard:
        env.process(reader(env, bus.subscribe(Said), each))
    env.process(speaker(env, bus, (1, Said(1)), (1, Said(2))))
    env.run()
    assert heard == [[(1, [Said(1)]), (2, [Said(2)])]] * 3


def test_a_subscriber_of_a_base_gets_the_messages_of_what_derives_from_it_and_no_others(env, bus):
    heard = {kind: [] for kind in (Said, Shouted, object, Fill)}
    for kind, messages in heard.items():
        bus.listen(kind, messages.append)
    env.process(speaker(env, bus, (1, Said(1)), (1, Shouted(2))))
    env.run()
    said, shouted = Said(1), Shouted(2)
    assert heard == {Said: [said, shouted], Shouted: [shouted], object: [said, shouted], Fill: []}


def test_listeners_are_called_in_the_order_in_which_they_came(bus):
    calls = []
    for name in "abc":
        bus.listen(Said, lambda message, name=name: calls.append((name, message.number)))
    bus.publish(Said(1))
    bus.publish(Said(2))
    assert calls == [("a", 1), ("b", 1), ("c", 1), ("a", 2), ("b", 2), ("c", 2)]


def test_a_message_that_nobody_wants_is_lost_until_somebody_listens(bus):
    heard = []
    bus.publish(Said(1))
    bus.listen(Said, heard.append)
    bus.publish(Said(2))
    bus.unsubscribe(Said, heard.append)
    bus.publish(Said(3))
    assert heard == [Said(2)]


def test_what_comes_while_a_reader_is_busy_waits_in_its_inbox(env, bus):
    heard = []

    def slow_reader(env, inbox):
        while True:
            messages = yield inbox.batch()
            heard.append((env.now - START, messages))
            yield env.timeout(10)

    env.process(slow_reader(env, bus.subscribe(Said)))
    env.process(speaker(env, bus, *((3, Said(number)) for number in range(5))))
    env.run()
    assert heard == [(3, [Said(0)]), (13, [Said(1), Said(2), Said(3)]), (23, [Said(4)])]


def test_a_batch_that_was_handed_over_does_not_grow(env, bus):
    batches = []

    def keeper(env, inbox):
        while True:
            batches.append((yield inbox.batch()))

    env.process(keeper(env, bus.subscribe(Said)))
    env.process(speaker(env, bus, (1, Said(1)), (1, Said(2))))
    env.run()
    assert batches == [[Said(1)], [Said(2)]]


def test_a_batch_of_a_phase_holds_everything_that_the_earlier_phases_said(env, bus):
    clock, heard = bus.clock, []

    def late(env, inbox):
        messages = yield inbox.batch()
        heard.append(messages)

    env.process(late(env, bus.subscribe(Said, Phase.DECISIONS)))
    for number, phase in enumerate((Phase.SCHEDULED, Phase.SIGNALS, Phase.MARKET_DATA, Phase.ORDERS)):
        clock.at(START + 5, phase).callbacks.append(lambda _, n=number: bus.publish(Said(n)))
    env.run()
    assert heard == [[Said(2), Said(1), Said(0)]]


def test_a_batch_of_a_phase_that_somebody_gave_up_still_comes_and_the_next_one_has_what_is_new(env, bus):
    inbox, heard = bus.subscribe(Said, Phase.DECISIONS), []

    def impatient():
        while env.now < START + 40:
            batch = inbox.batch()
            found = yield batch | env.timeout(10)
            heard.append((env.now - START, found.todict().get(batch)))

    env.process(impatient())
    bus.announce(Said, [(START + at, [Said(at)]) for at in (3, 25, 26)], Phase.SCHEDULED)
    env.run(START + 50)
    assert heard == [(3, [Said(3)]), (13, None), (23, None), (25, [Said(25)]), (26, [Said(26)]), (36, None), (46, None)]


@pytest.mark.parametrize("announced", [True, False])
def test_all_who_wait_for_one_batch_of_a_phase_get_it_and_it_stays_as_it_was(env, bus, announced):
    inbox, kept = bus.subscribe(Said, Phase.DECISIONS), []
    shared = []

    def first():
        for _ in range(3):
            shared[:] = [inbox.batch()]
            kept.append((yield shared[0]))

    def second():
        while len(kept) < 3:
            kept.append((yield shared[0]))

    env.process(first())
    env.process(second())
    if announced:
        bus.announce(Said, [(START + at, [Said(at)]) for at in (3, 25, 26)], Phase.SCHEDULED)
    else:
        env.process(speaker(env, bus, (3, Said(3)), (22, Said(25)), (1, Said(26))))
    env.run(START + 50)
    assert sorted(each.number for batch in kept for each in batch) == [3, 3, 25, 25, 26]
    assert all(len(batch) == 1 for batch in kept)


class Unsearched(list):
    """A queue that nobody looks through."""

    def __iter__(self):
        raise AssertionError("the queue was looked through")


def test_what_comes_before_an_announced_message_is_handed_over_at_its_instant_without_a_search_of_the_queue(env, bus):
    env._queue = Unsearched()
    heard, early = [], range(7, 700, 7)
    env.process(reader(env, bus.subscribe(Said, Phase.DECISIONS), heard))
    bus.announce(Said, ((START + at, [Said(at)]) for at in (1_000, 2_000)), Phase.SCHEDULED)
    for at in early:
        bus.clock.at(START + at, Phase.SCHEDULED).callbacks.append(lambda _, at=at: bus.publish(Said(at)))
    env.run()
    assert heard == [(at, [Said(at)]) for at in (*early, 1_000, 2_000)]


def test_waiting_for_a_phase_that_is_over_is_an_error_although_messages_are_there(env, bus):
    def late(env, inbox):
        yield bus.clock.at(START + 5, Phase.ORDERS)
        yield inbox.batch()

    env.process(late(env, bus.subscribe(Said, Phase.DECISIONS)))
    env.process(speaker(env, bus, (5, Said(1))))
    with pytest.raises(SimulationError, match="DECISIONS"):
        env.run()


def test_a_closed_subscription_collects_nothing_more(env, bus):
    subscription = bus.subscribe(Said)
    heard = []
    bus.publish(Said(1))
    subscription.close()
    bus.publish(Said(2))
    env.process(reader(env, subscription, heard))
    env.run()
    assert heard == []


def test_closing_one_subscription_leaves_the_others(env, bus):
    heard = []
    first, second = bus.subscribe(Said), bus.subscribe(Said)
    env.process(reader(env, second, heard))
    first.close()
    env.process(speaker(env, bus, (1, Said(1))))
    env.run()
    assert heard == [(1, [Said(1)])]


def test_someone_who_starts_to_listen_while_a_message_is_delivered_gets_the_next_one(bus):
    heard = []

    def recruit(message):
        if message.number == 1:
            bus.listen(Said, heard.append)

    bus.listen(Said, recruit)
    bus.publish(Said(1))
    bus.publish(Said(2))
    assert heard == [Said(2)]


MESSAGES = [
    TriggerEvent(START, "signal", "X", 1, "pool", "AND", ({"signal_name": "s"},)),
    OrderSubmitted(START, 1, "X", "buy"),
    OrderRejected(START, 1, "X", "why"),
    Fill(START, 1, "X", "buy", 1.0, 100.0, 0.0, "entry"),
    StrategyFailed(START, TriggerEvent(START, "scheduled"), "text"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_messages_are_slotted_equal_by_their_values_and_can_be_pickled(message):
    assert not hasattr(message, "__dict__")
    assert pickle.loads(pickle.dumps(message)) == message
    assert [other for other in MESSAGES if other == message] == [message]


def test_messages_that_are_made_seldom_cannot_be_changed():
    for message in (MESSAGES[2], MESSAGES[4]):
        with pytest.raises(FrozenInstanceError):
            message.timestamp = 0


def test_a_fact_shows_its_values_under_their_names():
    expected = f"OrderSubmitted(timestamp={START}, order_id=1, symbol='X', operation='buy')"
    assert repr(OrderSubmitted(START, 1, "X", "buy")) == expected


def test_facts_are_equal_and_hash_by_their_values_and_their_kind():
    submitted, same = OrderSubmitted(START, 1, "X", "buy"), OrderSubmitted(START, 1, "X", "buy")
    assert submitted == same
    assert hash(submitted) == hash(same)
    assert submitted != OrderSubmitted(START, 2, "X", "buy")
    assert submitted != submitted.values()


def test_a_tick_of_a_schedule_is_the_trigger_that_it_stands_for():
    tick, event = ScheduledTick(START), TriggerEvent(START, "scheduled")
    assert tick == event
    assert event == tick
    assert hash(tick) == hash(event)
    assert (repr(tick), tick.values()) == (repr(event), event.values())
    assert type(pickle.loads(pickle.dumps(tick))) is TriggerEvent
    assert tick.replaced(symbol="X") == TriggerEvent(START, "scheduled", "X")
    assert tick not in (ScheduledTick(START + 1), TriggerEvent(START, "timer"))
    assert not hasattr(tick, "__dict__")


def test_who_listens_to_triggers_hears_ticks(bus):
    heard = []
    bus.listen(TriggerEvent, heard.append)
    bus.publish(ScheduledTick(START))
    assert heard == [TriggerEvent(START, "scheduled")]
