"""The bus: processes publish messages, subscribers get every message of the type they asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from simpy import Event

from .clock import Clock, Moment, Phase

M = TypeVar("M")


class Subscription(Generic[M]):
    """The messages of one type for one subscriber; it owns its inbox until it is closed.

    With a `phase` the batch is handed over in that phase of the instant in which its first message came, so that
    everything published in the earlier phases of the instant is in it.
    """

    def __init__(self, bus: Bus, message_type: type[M], phase: Phase | None, rank: int) -> None:
        self._bus, self._type, self._phase, self._rank = bus, message_type, phase, rank
        self._inbox: list[M] = []
        self._waiting: Event | None = None

    def put(self, message: M) -> None:
        """Take a message in, and wake the waiting process when it is the first one."""
        self._inbox.append(message)
        if self._waiting is not None:
            self._hand_over(self._waiting)

    def batch(self) -> Event:
        """Return an event whose value is the list of all messages that have come since the last batch.

        It fires at once when there are some already. Raises `SimulationError` when their phase is over.
        """
        clock = self._bus.clock
        event = Event(clock.env) if self._phase is None else clock.some_time(self._phase, self._rank)
        event.callbacks.append(self._drain)
        self._waiting = event
        if self._inbox:
            self._hand_over(event)
        return event

    def _hand_over(self, event: Event) -> None:
        self._waiting = None
        if isinstance(event, Moment):
            event.schedule(self._bus.clock.now())
        else:
            event.succeed()

    def _drain(self, event: Event) -> None:
        event._value = self._inbox
        self._inbox = []

    def close(self) -> None:
        """Stop collecting; what has not been read is dropped."""
        self._bus.unsubscribe(self._type, self.put)
        self._inbox.clear()


class Bus:
    """Delivers each published message, in order, to the subscribers of its type or of a base of its type."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._subscribers: list[tuple[type, Callable[[Any], None]]] = []
        self._routes: dict[type, tuple[Callable[[Any], None], ...]] = {}

    def subscribe(self, message_type: type[M], phase: Phase | None = None, rank: int = 0) -> Subscription[M]:
        """Return a new subscription with an inbox of its own; a process reads it with ``yield inbox.batch()``."""
        subscription = Subscription(self, message_type, phase, rank)
        self.listen(message_type, subscription.put)
        return subscription

    def listen(self, message_type: type[M], callback: Callable[[M], None]) -> None:
        """Call `callback` with each message of the type at the moment it is published."""
        self._subscribers.append((message_type, callback))
        self._routes.clear()

    def unsubscribe(self, message_type: type[M], callback: Callable[[M], None]) -> None:
        """Undo `listen`."""
        self._subscribers.remove((message_type, callback))
        self._routes.clear()

    def publish(self, message: object) -> None:
        """Deliver a message at once; without a subscriber nothing happens."""
        route = self._routes.get(type(message))
        for deliver in self._route(type(message)) if route is None else route:
            deliver(message)

    def _route(self, message_type: type) -> tuple[Callable[[Any], None], ...]:
        route = tuple(call for wanted, call in self._subscribers if issubclass(message_type, wanted))
        self._routes[message_type] = route
        return route
