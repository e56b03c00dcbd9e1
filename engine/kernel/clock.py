"""Simulated time: integer milliseconds, and named phases that decide ties within one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import IntEnum
from heapq import heappush
from numbers import Real
from random import Random
from typing import Any
from weakref import WeakValueDictionary

from simpy import Environment, Event
from simpy.events import NORMAL, EventPriority

from ..errors import SimulationError
from ..instants import utc_text
from ..plain_values import shown
from .shuffled_ties import ShuffledTies

RANKS = 65_536
LAST_RANK = RANKS - 1
_FIRST_PRIORITY = 10 * RANKS  # SimPy's own events use priorities 0 and 1: those are wake-ups only
#: The priority of what comes after all phases of an instant.
AFTER_ALL = EventPriority(2 * _FIRST_PRIORITY)


class Phase(IntEnum):
    """The order of what happens within one millisecond."""

    MARKET_DATA = 0
    FUNDING = 1
    LIQUIDATION = 2
    RESTING_ORDERS = 3
    SIGNALS = 4
    SCHEDULED = 5
    DECISIONS = 6
    ORDERS = 7
    BOOKKEEPING = 8
    END = 9


class IntegerEnvironment(Environment):
    """An environment whose time stays an integer: a fraction is refused where it is asked for."""

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: int | float = 0) -> None:
        """Put an event on the queue; `SimulationError` when `delay` is no integer."""
        if delay.__class__ is not int:
            raise SimulationError(float_time_text(active_name(self), delay))
        super().schedule(event, priority, delay)


def float_time_text(who: str, value: object) -> str:
    """Say that time must be an integer, who broke that rule by asking for `value`, and what to write instead."""
    instead = "write epoch ms, such as sim.now + 60_000"
    if isinstance(value, datetime):
        zone = "" if value.tzinfo else ", once it has a time zone"
        instead = f"that is round(moment.timestamp() * 1000){zone}"
    elif isinstance(value, Real):
        instead = "round it with int(...)"
    return f"time must be integer milliseconds, but {who} asked for {shown(value)}: {instead}"


def active_name(env: Environment) -> str:
    """Return the name of the process that is running, for messages."""
    process = env.active_process
    return f"process {process.name!r}" if process is not None else "something outside of any process"


def priority_of(phase: Phase, rank: int) -> int:
    """Return the priority of a phase and a rank on an environment's queue."""
    return _FIRST_PRIORITY + phase * RANKS + rank


class Moment(Event):
    """An event at one instant, phase and rank; made by `Clock.at`, waited for with ``yield``."""

    def __init__(self, clock: Clock, priority: int, value: Any = None) -> None:
        self.env = clock.env
        self.callbacks = [clock.arrive]
        self._ok = True
        self._value = value
        self._clock = clock
        self._priority = priority
        #: The instant that it is scheduled for, -1 when it is not.
        self.due = -1

    def schedule(self, at_ms: int) -> None:
        """Put the moment on its environment's queue.

        Raises `SimulationError` for a time in the past or a phase of the present instant that is over.
        """
        env = self.env
        if at_ms.__class__ is not int or env._now.__class__ is not int or at_ms <= env._now:
            self._clock.check(at_ms, self._priority)
        self.due = at_ms
        queue: list[Any] = env._queue
        heappush(queue, (at_ms, self._priority, next(env._eid), self))  # what `Environment.schedule` does


class MovableMoment(Moment):
    """A moment that may be brought forward. What stands on the queue is a place of it: one that it has left is empty,
    and needs not be looked for among all that is queued.
    """

    _place: Moment | None = None

    def schedule(self, at_ms: int) -> None:
        """Put a place of the moment on its environment's queue; `SimulationError` as of any moment."""
        place = self._place
        if place is None or place.callbacks is not None:  # there is none, or it stands on the queue still, an empty one
            place = self._place = Moment(self._clock, self._priority)
        place.callbacks = [self._come]
        place.schedule(at_ms)
        self.due = at_ms

    def _come(self, _: Event) -> None:
        """Do what SimPy does with an event whose turn it is."""
        callbacks, self.callbacks = self.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(self)

    def bring_forward(self, at_ms: int) -> None:
        """Schedule the moment, or, when it is scheduled for a later instant, for this one instead."""
        if self.due > at_ms:
            self.call_off()
        if self.due < 0:
            self.schedule(at_ms)

    def call_off(self) -> None:
        """Let a scheduled moment be one that is not: at its place on the queue nothing will happen."""
        if self._place is not None and self.due >= 0:
            self._place.callbacks = []
            self.due = -1


class Clock:
    """The one clock of an environment: makes moments, knows which phase of the present instant is reached, and
    gives every process its rank (its place in the alphabetical order of names, whatever started first).
    """

    # By the environment's id: a clock keeps its environment alive, so an entry never outlives the object of that id.
    _clocks: WeakValueDictionary[int, Clock] = WeakValueDictionary()

    def __init__(self, env: Environment) -> None:
        self.env = env
        #: The last moment that has come.
        self.latest: Moment | None = None
        #: Gives True for each instant that need not go through the environment's queue, since nothing but announced
        #: messages comes at it. Who runs it allows some at a time; for a host, who may count its steps, there are none.
        self.leaps: Iterator[bool] = iter(())
        self._names: dict[str, int] = {}
        self._ranked = False
        #: Whether what no rule puts in order comes in an order that is drawn.
        self.is_shuffled = False

    @classmethod
    def of(cls, env: Environment) -> Clock:
        """Return the clock of `env`; simulations that share an environment share it."""
        clock = cls._clocks.get(id(env))
        if clock is None:
            clock = cls._clocks[id(env)] = cls(env)
        return clock

    def arrive(self, moment: Event) -> None:
        """Note that a moment has come: the first callback of each."""
        self.latest = moment  # type: ignore[assignment]

    def now(self) -> int:
        """Return the present instant in epoch ms; `SimulationError` when it is no integer."""
        now = self.env._now
        if type(now) is not int:
            raise SimulationError(
                f"time must be integer milliseconds, but it has become {now!r}: {active_name(self.env)}, or what woke "
                "it, waited for a fraction"
            )
        return now

    def at(self, at_ms: int, phase: Phase, rank: int = 0, value: Any = None) -> Moment:
        """Return the scheduled moment (`at_ms`, `phase`, `rank`).

        Raises `SimulationError` for a time in the past or a phase of the present instant that is over.
        """
        moment = Moment(self, priority_of(phase, rank), value)
        moment.schedule(at_ms)
        return moment

    def some_time(self, phase: Phase, rank: int = 0) -> Moment:
        """Return a moment of `phase` whose instant is not known yet; its `schedule` sets it."""
        return Moment(self, priority_of(phase, rank))

    def reached(self) -> int:
        """Return the priority of the last moment of the present instant, -1 before the first one."""
        reached = self.latest
        return reached._priority if reached is not None and reached.due == self.env._now else -1

    def is_over(self, phase: Phase) -> bool:
        """Tell whether `phase` of the present instant has passed."""
        reached = self.latest
        return reached is not None and reached.due == self.env._now and _phase_of(reached._priority) > phase

    def check(self, at_ms: int, priority: int) -> None:
        """Raise `SimulationError` when nothing can be scheduled at this instant and priority any more."""
        reached = self.latest
        if reached is not None and reached.due == at_ms == self.env._now and reached._priority <= priority:
            return
        now = self.now()
        if type(at_ms) is not int:
            raise SimulationError(float_time_text(active_name(self.env), at_ms))
        who = active_name(self.env)
        if at_ms < now:
            raise SimulationError(
                f"{who} asked for {at_ms}, which is {now - at_ms} ms in the past (now is {utc_text(now)}): ask for an "
                "instant in epoch ms from sim.now on, such as sim.now + 60_000"
            )
        phase = _phase_of(priority)
        if self.is_over(phase):
            raise SimulationError(
                f"{who} asked for phase {phase.name} of {utc_text(now)}, which is over: ask for a later phase, or for "
                "sim.now + 1"
            )

    def register(self, name: str) -> None:
        """Announce a process by its unique name; names announced before time moves are ranked alphabetically."""
        if name in self._names:
            raise SimulationError(
                f"there are two processes named {name!r}: give one another name, with sim.process_named(name, "
                "function) or, of a simulation, Simulation(..., name=name)"
            )
        self._names[name] = 0 if self.is_shuffled else len(self._names)

    def shuffle(self, random: Random) -> None:
        """Let what is due in one phase of an instant come in an order drawn from `random`, at each instant anew: names
        give no ranks; see `ShuffledTies`. Raises `SimulationError` once ranks were given out.
        """
        if self._ranked:
            raise SimulationError("the order of processes cannot be shuffled any more: the first of them has acted")
        self.is_shuffled = True
        self.env._eid = ShuffledTies(self, random)  # type: ignore[assignment]

    def rank(self, name: str) -> int:
        """Return the rank of a registered process within its phase; all have the same where ties are shuffled."""
        if not self._ranked:
            self._ranked = True
            self._names = {each: 0 if self.is_shuffled else place for place, each in enumerate(sorted(self._names))}
        return self._names[name]

    def priority(self, phase: Phase, name: str) -> int:
        """Return the priority of a registered process's moments in a phase."""
        return priority_of(phase, self.rank(name))


def in_order(names: Iterable[str], shuffled: Random | None) -> list[str]:
    """Return names by the alphabet, or shuffled."""
    names = sorted(names)
    if shuffled is not None:
        shuffled.shuffle(names)
    return names


def _phase_of(priority: int) -> Phase:
    return Phase((priority - _FIRST_PRIORITY) // RANKS)


class Alarm:
    """What a process waits on when the time it waits for may move: anyone may set it to an earlier instant.

    It rings in its phase, or, when that phase of the present instant is over, after all orders of the instant.
    """

    def __init__(self, clock: Clock, phase: Phase = Phase.RESTING_ORDERS) -> None:
        self._clock = clock
        self._phase, self._priority = phase, priority_of(phase, 0)
        self._moment: Moment | None = None
        self._bell = Event(clock.env)

    def set(self, at_ms: int) -> None:
        """Ring at `at_ms` unless the alarm is set to an earlier instant already."""
        if self._moment is not None and self._moment.due <= at_ms:
            return
        clock = self._clock
        priority = self._priority
        if at_ms == clock.env._now and clock.is_over(self._phase):
            rank = LAST_RANK - Phase.RESTING_ORDERS + min(self._phase, Phase.RESTING_ORDERS)
            priority = priority_of(Phase.ORDERS, rank)
        moment = self._moment = Moment(clock, priority)
        moment.callbacks.append(self._on_moment)
        moment.schedule(at_ms)

    def ring(self) -> None:
        """Ring now, as a wake-up; an instant that was set still rings."""
        bell, self._bell = self._bell, Event(self._clock.env)
        bell.succeed()

    def _on_moment(self, moment: Event) -> None:
        if moment is not self._moment:
            return
        self._moment = None
        bell, self._bell = self._bell, Event(self._clock.env)
        bell._ok, bell._value = True, None  # what comes of `ring`, but at once: nothing else can be due before it
        callbacks, bell.callbacks = bell.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(bell)

    def wait(self) -> Event:
        """Return the event of the next ring."""
        return self._bell
