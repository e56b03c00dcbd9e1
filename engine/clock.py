"""Simulated time: integer milliseconds, and named phases that decide ties within one of them."""

from __future__ import annotations

from enum import IntEnum
from typing import Any
from weakref import WeakKeyDictionary

from simpy import Environment, Event, Process, Timeout
from simpy.events import EventPriority

from .errors import SimulationError

RANKS = 65_536
LAST_RANK = RANKS - 1
_FIRST_PRIORITY = 10 * RANKS  # SimPy's own events use priorities 0 and 1: those are wake-ups only


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


class Moment(Event):
    """An event at one instant, phase and rank; made by `Clock.at`, waited for with ``yield``.

    `schedule` raises `SimulationError` for a time in the past or a phase of the present instant that is over.
    """

    def __init__(self, clock: Clock, priority: int, value: Any = None) -> None:
        super().__init__(clock.env)
        self._ok = True
        self._value = value
        self._clock = clock
        self._priority = priority
        self._due = -1
        self.callbacks.append(_arrive)

    def schedule(self, at_ms: int) -> None:
        """Put the moment on its environment's queue."""
        env = self.env
        if at_ms.__class__ is not int or env.now.__class__ is not int or at_ms <= env.now:
            self._clock.check(at_ms, self._priority)
        self._due = at_ms
        env.schedule(self, EventPriority(self._priority), at_ms - env.now)


def _arrive(event: Event) -> None:
    assert isinstance(event, Moment)
    clock = event._clock
    clock._reached_ms = event._due
    clock._reached_priority = event._priority


class Clock:
    """The one clock of an environment: makes moments, knows which phase of the present instant is reached, and
    gives every process its rank (its place in the alphabetical order of names, whatever started first).
    """

    _clocks: WeakKeyDictionary[Environment, Clock] = WeakKeyDictionary()

    def __init__(self, env: Environment) -> None:
        self.env = env
        self._reached_ms = -1
        self._reached_priority = 0
        self._names: dict[str, int] = {}
        self._ranked = False

    @classmethod
    def of(cls, env: Environment) -> Clock:
        """Return the clock of `env`; simulations that share an environment share it."""
        clock = cls._clocks.get(env)
        if clock is None:
            clock = cls._clocks[env] = cls(env)
        return clock

    def now(self) -> int:
        """Return the present instant in epoch ms; `SimulationError` when it is no integer."""
        now = self.env.now
        if type(now) is not int:
            raise SimulationError(self.float_time_text(now))
        return now

    def at(self, at_ms: int, phase: Phase, rank: int = 0, value: Any = None) -> Moment:
        """Return the scheduled moment (`at_ms`, `phase`, `rank`).

        Raises `SimulationError` for a time in the past or a phase of the present instant that is over.
        """
        moment = Moment(self, _FIRST_PRIORITY + phase * RANKS + rank, value)
        moment.schedule(at_ms)
        return moment

    def some_time(self, phase: Phase, rank: int = 0) -> Moment:
        """Return a moment of `phase` whose instant is not known yet; its `schedule` sets it."""
        return Moment(self, _FIRST_PRIORITY + phase * RANKS + rank)

    def is_over(self, phase: Phase) -> bool:
        """Tell whether `phase` of the present instant has passed."""
        reached = self._reached_priority if self._reached_ms == self.env.now else 0
        return reached >= _FIRST_PRIORITY + (phase + 1) * RANKS

    def check(self, at_ms: int, priority: int) -> None:
        """Raise `SimulationError` when nothing can be scheduled at this instant and priority any more."""
        now = self.env.now
        if type(now) is not int or type(at_ms) is not int:
            raise SimulationError(self.float_time_text(now if type(now) is not int else at_ms))
        if at_ms < now:
            raise SimulationError(f"{self.active_name()} asked for {at_ms}, which is {now - at_ms} ms in the past")
        phase = Phase((priority - _FIRST_PRIORITY) // RANKS)
        if at_ms == now and self.is_over(phase):
            raise SimulationError(f"{self.active_name()} asked for phase {phase.name} of {now}, which is over")

    def float_time_text(self, value: object) -> str:
        """Say which process made time something else than an integer."""
        return f"time must be integer milliseconds, but {self.active_name()} made it {value!r}"

    def active_name(self) -> str:
        """Return the name of the process that is running, for messages."""
        process = self.env.active_process
        return f"process {process.name!r}" if process is not None else "a callback"

    def register(self, name: str) -> None:
        """Announce a process by its unique name; names announced before time moves are ranked alphabetically."""
        if name in self._names:
            raise SimulationError(f"there are two processes named {name!r}: give one another name")
        self._names[name] = len(self._names)

    def rank(self, name: str) -> int:
        """Return the rank of a registered process within its phase."""
        if not self._ranked:
            self._ranked = True
            self._names = {each: place for place, each in enumerate(sorted(self._names))}
        return self._names[name]


class Alarm:
    """What a process waits on when the time it waits for may move: anyone may set it to an earlier instant.

    It rings in the resting-orders phase, or, when that phase of the present instant is over, after all orders
    of the instant.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moment: Moment | None = None
        self._bell = Event(clock.env)

    def set(self, at_ms: int) -> None:
        """Ring at `at_ms` unless the alarm is set to an earlier instant already."""
        if self._moment is not None and self._moment._due <= at_ms:
            return
        clock = self._clock
        if at_ms == clock.env.now and clock.is_over(Phase.RESTING_ORDERS):
            moment = clock.at(at_ms, Phase.ORDERS, LAST_RANK)
        else:
            moment = clock.at(at_ms, Phase.RESTING_ORDERS)
        self._moment = moment
        moment.callbacks.append(self._ring)

    def _ring(self, moment: Event) -> None:
        if moment is self._moment:
            self._moment = None
            bell, self._bell = self._bell, Event(self._clock.env)
            bell.succeed()

    def wait(self) -> Event:
        """Return the event of the next ring."""
        return self._bell


def waits_for_float_time(process: Process) -> bool:
    """Tell whether a process sleeps in a timeout whose delay is no integer."""
    target = process.target
    return isinstance(target, Timeout) and type(target._delay) is not int
