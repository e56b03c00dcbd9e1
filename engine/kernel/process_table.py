"""The processes of one simulation: announced by name, started in alphabetical order, told by name when they fail."""

from __future__ import annotations

from collections.abc import Callable, Generator
from random import Random
from types import GeneratorType
from typing import Any, NoReturn

from simpy import Event, Process

from ..errors import PerpsimError, SimulationError
from ..instants import utc_text
from .clock import Clock, in_order
from .user_processes import error_text, failure_of, is_copy, minded, process_in, start_problem

Make = Callable[[], Generator[Event, Any, Any]]


class ProcessTable:
    """What a simulation of this name has announced. `end` ends its run with a text when a process of a user's fails."""

    def __init__(self, clock: Clock, simulation: str, end: Callable[[str], None]) -> None:
        self._clock, self._simulation, self._end = clock, simulation, end
        self._announced: dict[str, Make] = {}
        self._standard: set[str] = set()
        self._names: dict[Process | None, str] = {}

    @property
    def has_standard(self) -> bool:
        """Whether there is any process without which nothing happens in a run."""
        return bool(self._standard)

    def announce(self, name: str, make: Make, is_standard: bool) -> str:
        """Take a process in under its unique name and return its full one, with that of the simulation before it."""
        full_name = f"{self._simulation}/{name}"
        self._clock.register(full_name)
        self._announced[full_name] = make
        if is_standard:
            self._standard.add(full_name)
        return full_name

    def start_all(self, shuffled: Random | None = None) -> None:
        """Start whatever is announced, by the alphabet, or shuffled."""
        for name in in_order(self._announced, shuffled):
            self.start(name)

    def start(self, name: str) -> None:
        """Start one; raises `SimulationError` when its function gives no generator."""
        made = self._announced[name]()
        problem = start_problem(name, made)
        if problem is not None:
            raise SimulationError(f"{problem} (at {utc_text(self._clock.now())})")
        process = made if name in self._standard else minded(name, made, self._clock)
        if isinstance(process, GeneratorType):
            process.__name__ = name  # what SimPy and our own messages call it
        running = self._clock.env.process(process)
        self._names[running] = name
        running.callbacks.append(self._ended)

    def active_rank(self) -> int:
        """Return the rank of the process that runs just now, 0 outside of any."""
        name = self._names.get(self._clock.env.active_process)
        return 0 if name is None else self._clock.rank(name)

    def _ended(self, process: Event) -> None:
        """Raise what a process has raised, whatever it was: of a user's own, with its name and the time."""
        if process.ok:
            return
        assert isinstance(process, Process)
        error, name, now = process.value, self._names[process], self._clock.env.now
        assert isinstance(error, BaseException)
        if not isinstance(error, Exception):
            raise error
        if name in self._standard:
            error.add_note(f"in process {name!r}")
            raise error
        failure = failure_of(name, int(now), error, self._failed_beside(process))
        if type(now) is int:
            self._end(str(failure))  # for a host that goes on
        if failure is error:
            raise failure
        raise failure from error

    def tell(self, error: Exception) -> NoReturn:
        """Raise what the environment has raised: with the time, and the name of a process that is not announced here
        and that nobody waited for.
        """
        now = int(self._clock.env.now)
        first = error.__cause__
        if isinstance(first, Exception) and is_copy(error, first):
            failure = failure_of(process_in(first.__traceback__) or "of an event", now, first)
            self._end(str(failure))
            raise failure from first
        if not isinstance(error, PerpsimError):
            error.add_note(f"at {utc_text(now)} of simulation {self._simulation!r}")
        raise error

    def _failed_beside(self, process: Process) -> list[str]:
        """Return the other processes that have failed at the same instant, before anybody could be told."""
        others = [(each, name) for each, name in self._names.items() if each is not None and each is not process]
        return [
            f"process {name!r} failed, too: {error_text(name, each.value)}"
            for each, name in others
            if each.triggered and not each.processed and isinstance(each.value, BaseException)
        ]
