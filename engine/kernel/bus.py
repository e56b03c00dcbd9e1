"""The bus: processes publish messages, subscribers get every message of the type they asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NoReturn, TypeVar

from simpy import Event

from ..errors import PerpsimError, SimulationError
from ..instants import utc_text
from ..plain_values import shown
from .clock import Clock, Moment, MovableMoment, Phase, active_name, priority_of

M = TypeVar("M")

#: The instant of what is not known or will not be.
NEVER = 2**63
_nothing: tuple[int, Sequence[Any]] = (NEVER, ())


class Subscription(Generic[M]):
    """The messages of one type for one subscriber; it owns its inbox until it is closed.

    With a `phase` the batch is handed over in that phase of the instant in which its first message came, so that
    everything published in the earlier phases of the instant is in it.
    """

    def __init__(self, bus: Bus, message_type: type[M], phase: Phase | None, rank: int) -> None:
        self._bus, self._clock, self._type = bus, bus.clock, message_type
        self._priority = None if phase is None else priority_of(phase, rank)
        self._inbox: list[M] = []
        self._waiting: Event | None = None
        self._moment: MovableMoment | None = None  # of the last batch, where there is a phase: used again once it was
        self._expected: list[Announcement[M]] = []
        self._next: Announcement[M] | None = None  # the first of the expected ones
        self._is_sole = False  # whether it is the only one
        self._coming = self._come  # made once: a method is bound anew wherever it is read and not called

    def put(self, message: M) -> None:
        """Take a message in, and wake the waiting process when it is the first one."""
        if self._next is not None:
            self._take_expected(self._clock.reached())
        self._inbox.append(message)
        if self._waiting is not None:
            self._hand_over(self._waiting)

    def batch(self) -> Event:
        """Return an event whose value is the list of all messages that have come since the last batch.

        It fires at once when there are some already. One that nobody waits for any more when the next is asked for gets
        none of them. Raises `SimulationError` when their phase is over.
        """
        moment, first = self._moment, self._next
        if moment is None or first is None or moment.callbacks is not None or self._inbox:
            return self._new_batch()
        if not self._clock.env._now < first.due < NEVER:
            return self._new_batch()
        self._waiting, moment.callbacks = moment, [self._coming]
        moment.schedule(first.due)  # nearly always
        return moment

    def batch_by_leap(self) -> Event:
        """Return the same for a process that yields it at once and waits for nothing else.

        Where leaps are allowed (`Clock.leaps`), and nothing is queued up to the instant of the next messages, it has
        come already: the clock is there, in a third of the time that an event takes through SimPy's queue.
        """
        moment, first, clock = self._moment, self._next, self._clock
        if moment is None or first is None or moment.callbacks is not None or self._inbox:
            return self.batch()
        env, due = clock.env, first.due
        queue = env._queue
        if not (env._now < due < NEVER and queue and queue[0][0] > due and next(clock.leaps, False)):
            return self.batch()
        env._now = moment.due = due
        clock.latest = moment
        if self._is_sole:
            moment._value = [*first.take()]  # mostly
        else:
            self._take_expected(clock.reached())
            self._drain(moment)
        return moment

    def _new_batch(self) -> Event:
        moment = self._moment
        if moment is None or moment.callbacks is not None:  # it is the first one, or the last was given up
            event = self._new_event()
        else:
            event, moment.callbacks, moment.due = moment, [self._coming], -1
        self._waiting = event
        if self._next is not None:
            self._take_expected(self._clock.reached())
        if self._inbox:
            self._hand_over(event)
        else:
            self._wake_at_expected()
        return event

    def _new_event(self) -> Event:
        if self._priority is None:
            event = Event(self._clock.env)
            event.callbacks.append(self._drain)
        else:
            event = self._moment = MovableMoment(self._clock, self._priority)
            event.callbacks.append(self._coming)
        return event

    def _hand_over(self, event: Event) -> None:
        self._waiting = None
        if isinstance(event, MovableMoment):
            event.bring_forward(self._clock.now())
        else:
            event.succeed()

    def _drain(self, event: Event) -> None:
        self._waiting = None
        event._value, self._inbox = self._inbox, []

    def _come(self, event: Event) -> None:
        """Drain in a phase, what was announced too."""
        moment, first = self._moment, self._next
        if moment is None or event is not moment:  # it was given up
            event._value = []
            return
        self._clock.latest = moment  # as `Clock.arrive` does
        if first is not None and self._is_sole and first.due == moment.due and not self._inbox:
            self._waiting = None
            event._value = [*first.take()]  # nearly always
            return
        if first is not None:
            self._take_expected(self._clock.reached())
        self._drain(event)

    def reads_after(self, priority: int) -> bool:
        """Whether batches are handed over in a phase that comes after what has this priority, in each instant."""
        return self._priority is not None and self._priority > priority

    def expect(self, announcement: Announcement[M]) -> None:
        """Take the messages of an announcement at their instants, without their being published."""
        self._expected.append(announcement)
        self._find_next()
        self._wake_at_expected()

    def expect_no_more(self, announcement: Announcement[M]) -> None:
        """Leave an announcement to itself, from the present phase of the present instant on."""
        self._take_expected(self._clock.reached())
        self._expected.remove(announcement)
        self._find_next()
        if isinstance(self._waiting, MovableMoment):
            self._waiting.call_off()
            self._wake_at_expected()
        if self._inbox and self._waiting is not None:
            self._hand_over(self._waiting)

    def _find_next(self) -> None:
        self._next, self._is_sole = min(self._expected, key=_place, default=None), len(self._expected) == 1

    def _wake_at_expected(self) -> None:
        first, moment = self._next, self._moment
        if moment is None or moment is not self._waiting or first is None or first.due == NEVER:
            return
        if moment.due < 0:
            moment.schedule(first.due)
        else:
            moment.bring_forward(first.due)

    def _take_expected(self, reached: int) -> None:
        """Move into the inbox what would have been published by now, when this priority is `reached`."""
        now = self._clock.env._now
        while (first := self._next) is not None and first.due <= now:
            if first.due == now and first.priority > reached:
                return
            self._inbox.extend(first.take())
            if not self._is_sole:
                self._find_next()

    def close(self) -> None:
        """Stop collecting; what has not been read is dropped."""
        self._bus.unsubscribe(self._type, self.put)
        self._inbox.clear()


class Announcement(Generic[M]):
    """Messages of one type that are known ahead, each for the same phase and rank of its instant.

    When nobody listens but one subscription that reads its batches in a later phase, they are put straight into these:
    its process is woken once where it would be woken after another event. Else they are published at their instants.
    """

    def __init__(
        self, bus: Bus, message_type: type[M], upcoming: Iterable[tuple[int, Sequence[M]]], phase: Phase, rank: int
    ) -> None:
        self.message_type, self.priority = message_type, priority_of(phase, rank)
        self.over = Event(bus.clock.env)
        self._bus, self._phase, self._rank = bus, phase, rank
        if not isinstance(upcoming, Iterable):
            raise SimulationError(f"announce: {shown(upcoming)} yields no (time_ms, [message, ...])")
        self._upcoming = iter(upcoming)
        self._reader: Subscription[M] | None = None
        self._moment: Moment | None = None
        self._who = active_name(bus.clock.env)
        self._messages: Sequence[M]
        try:
            self.due, self._messages = next(self._upcoming, _nothing)
        except Exception as error:
            self._tell(error)

    def take(self) -> Sequence[M]:
        """Return the messages that are due; `due` is the instant of the next ones after that."""
        messages, before = self._messages, self.due
        try:
            self.due, self._messages = next(self._upcoming, _nothing)
        except Exception as error:
            self._tell(error)
        if not before < self.due < NEVER:
            self._end_after(before)
        return messages

    def _end_after(self, last: int) -> None:
        """End with the messages of an instant, the last ones; `SimulationError` where others come that are earlier."""
        if self.due <= last:
            raise SimulationError(f"{self.message_type.__name__} was announced for {self.due}, after one for {last}")
        self.withdraw()

    def _tell(self, error: Exception) -> NoReturn:
        """Raise what came of asking a user for what is upcoming: no such pairs, or an exception."""
        if isinstance(error, PerpsimError):
            raise error
        raise SimulationError(
            f"what {self._who} announced of {self.message_type.__name__} failed at "
            f"{utc_text(int(self._bus.clock.env.now))}: {type(error).__name__}: {error}; "
            "`upcoming` yields (time_ms, [message, ...])"
        ) from error

    def go_to(self, reader: Subscription[M] | None) -> None:
        """Put the messages straight into the batches of `reader` from now on; None: publish them."""
        if self._reader is not None and self._reader is not reader:
            self._reader.expect_no_more(self)
        if reader is not None and self._reader is not reader:
            reader.expect(self)
        self._reader = reader
        if reader is None and self.due < NEVER:
            self._publish_later()

    def _publish_later(self) -> None:
        if self._moment is None or self._moment.due != self.due:
            self._moment = self._bus.clock.at(self.due, self._phase, self._rank)
            self._moment.callbacks.append(self._on_moment)

    def _on_moment(self, moment: Event) -> None:
        if self._reader is not None or moment is not self._moment:
            return
        for message in self.take():
            self._bus.publish(message)
        if self._reader is None and self.due < NEVER:
            self._publish_later()

    def withdraw(self) -> None:
        """Say nothing more; `over` fires, as it does after the last message."""
        self.due, self._messages, self._upcoming = NEVER, (), iter(())
        if not self.over.triggered:
            self.over.succeed()


def _place(announcement: Announcement[Any]) -> tuple[int, int]:
    return announcement.due, announcement.priority


class Bus:
    """Delivers each published message, in order, to the subscribers of its type or of a base of its type."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._subscribers: list[tuple[type, Callable[[Any], None]]] = []
        self._routes: dict[type, tuple[Callable[[Any], None], ...]] = {}
        self._announcements: list[Announcement[Any]] = []

    def subscribe(self, message_type: type[M], phase: Phase | None = None, rank: int = 0) -> Subscription[M]:
        """Return a new subscription with an inbox of its own; a process reads it with ``yield inbox.batch()``."""
        _require_class(message_type)
        if phase is not None and not isinstance(phase, Phase):
            raise SimulationError(f"{shown(phase)} is no phase: subscribe(Fill) or subscribe(Fill, Phase.BOOKKEEPING)")
        subscription = Subscription(self, message_type, phase, rank)
        self.listen(message_type, subscription.put)
        return subscription

    def listen(self, message_type: type[M], callback: Callable[[M], None]) -> None:
        """Call `callback` with each message of the type at the moment it is published."""
        _require_class(message_type)
        if not callable(callback):
            raise SimulationError(f"bus.listen(Fill, function) calls a function, and {shown(callback)} is none")
        self._subscribers.append((message_type, callback))
        self._reroute()

    def unsubscribe(self, message_type: type[M], callback: Callable[[M], None]) -> None:
        """Undo `listen`."""
        self._subscribers.remove((message_type, callback))
        self._reroute()

    def publish(self, message: object) -> None:
        """Deliver a message at once; without a subscriber nothing happens."""
        route = self._routes.get(type(message))
        for deliver in self._route(type(message)) if route is None else route:
            deliver(message)

    def hears(self, message_type: type[Any]) -> bool:
        """Tell whether anybody would get a message of the type: else it need not be made."""
        route = self._routes.get(message_type)
        return bool(self._route(message_type) if route is None else route)

    def announce(
        self, message_type: type[M], upcoming: Iterable[tuple[int, Sequence[M]]], phase: Phase, rank: int = 0
    ) -> Event:
        """Publish messages at instants that are known ahead; return the event of their end.

        `upcoming` yields instants (epoch ms), each later than the one before (`SimulationError` else), with what is
        said then; it is asked for one instant at a time. Faster than a process that publishes each: where nobody else
        wants to know, the one that reads them is woken alone.
        """
        announcement = Announcement(self, message_type, upcoming, phase, rank)
        self._announcements.append(announcement)
        if announcement.due == NEVER:
            announcement.withdraw()
        announcement.go_to(self._only_reader(announcement))
        return announcement.over

    def withdraw(self) -> None:
        """Take back whatever was announced and is not said yet."""
        for announcement in self._announcements:
            announcement.withdraw()

    def _reroute(self) -> None:
        self._routes.clear()
        for announcement in self._announcements:
            announcement.go_to(self._only_reader(announcement))

    def _only_reader(self, announcement: Announcement[M]) -> Subscription[M] | None:
        if self.clock.is_shuffled:  # what is published comes in turns
            return None
        route = self._route(announcement.message_type)
        reader = getattr(route[0], "__self__", None) if len(route) == 1 else None
        is_one = isinstance(reader, Subscription) and reader.reads_after(announcement.priority)
        return reader if is_one else None

    def _route(self, message_type: type) -> tuple[Callable[[Any], None], ...]:
        if issubclass(message_type, (type, type(None))):
            raise SimulationError(
                f"{active_name(self.clock.env)} published no message: bus.publish(message) takes an object of a class "
                "that others subscribe to, such as TriggerEvent(sim.now, 'signal', 'BTC')"
            )
        route = tuple(call for wanted, call in self._subscribers if issubclass(message_type, wanted))
        self._routes[message_type] = route
        return route


def _require_class(message_type: object) -> None:
    if not isinstance(message_type, type):
        raise SimulationError(f"{shown(message_type)} is no class of messages, such as Fill or TriggerEvent")
