"""The world beside the market as a program finds it: simulated time, and randomness that is the same in every run.

While a program is called, the clocks of `time` and `datetime` tell the simulated time (UTC), and whatever asks the
system for randomness gets it from a seed. Outside of its calls, and in other threads, everything is as it was.
"""

from __future__ import annotations

import ctypes
import gc
import os
import random
import threading
import time
from calendar import timegm
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

from .simulated_libraries import stand_in_for_libraries

A = TypeVar("A")
R = TypeVar("R")

_SEED = 0
_CLOCKS = "time monotonic perf_counter process_time thread_time".split()


class _Running:
    """The world of the program that a thread is calling, None while it calls none."""

    __slots__ = ("world",)

    def __init__(self) -> None:
        self.world: SimulatedWorld | None = None


class _Thread(threading.local):
    """What is this thread's: its one name is looked up once a call, as that takes as long as ten of other objects."""

    def __init__(self) -> None:
        self.running = _Running()


_thread = _Thread()


class SimulatedWorld:
    """What one program finds in one run.

    `begin` seeds the global generators of `random` and `numpy.random`, and `end` gives them back as they were. A
    program is called with `call`; it may be without `begin`.
    """

    #: Of the last name that was made of the time.
    last_ticks = 0

    def __init__(self) -> None:
        _stand_in()
        self._now_ms = self._slept_ns = 0
        self._randomness = random.Random(_SEED)
        self._before: list[Callable[[], None]] | None = None

    def begin(self) -> None:
        """Seed the global generators. Nothing happens the second time."""
        stand_in_for_libraries(_either)
        if self._before is None:
            self._before = [*_seed_random(), *_seed_numpy()]

    def end(self) -> None:
        """Give the global generators back."""
        before, self._before = self._before, None
        for give_back in before or ():
            give_back()

    def call(self, function: Callable[[A], R], argument: A, time_ms: int) -> R:
        """Call a function of this thread's program, which finds the world of an instant (epoch ms), and return what it
        returns.
        """
        running = _thread.running
        outer, running.world = running.world, self
        self._now_ms, self._slept_ns = time_ms, 0
        try:
            return function(argument)
        finally:
            running.world = outer

    def stay(self, time_ms: int) -> None:
        """Let this thread find the world of an instant from here on, outside of calls."""
        self._now_ms, self._slept_ns = time_ms, 0
        _thread.running.world = self

    def time_ns(self) -> int:
        """Return the simulated time in ns since 1970."""
        return self._now_ms * 1_000_000 + self._slept_ns

    def time(self) -> float:
        """Return the simulated time in seconds since 1970."""
        return self.time_ns() // 1_000 / 1e6

    def sleep(self, seconds: float) -> None:
        """Let the clock of the rest of this call go on; nothing waits."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        self._slept_ns += int(seconds * 1e9)

    def random_bytes(self, size: int) -> bytes:
        """Return what the system's source of randomness gives."""
        if size < 0:
            raise ValueError("negative argument not allowed")
        return self._randomness.randbytes(size)


def _seed_random() -> Iterator[Callable[[], None]]:
    state = random.getstate()
    random.seed(_SEED)
    yield lambda: random.setstate(state)


def _seed_numpy() -> Iterator[Callable[[], None]]:
    try:
        generator: Any = import_module("numpy.random")  # numpy itself loads it when a program first asks for it
    except ModuleNotFoundError:  # behind a wall nothing is loaded any more, and the program does not name it
        return
    state = generator.get_state()
    generator.seed(_SEED)
    yield lambda: generator.set_state(state)


_has_stood_in = False


def _stand_in() -> None:
    """Put our functions in the places of the system's, once in the life of a process."""
    global _has_stood_in
    if _has_stood_in:
        return
    _has_stood_in = True
    for module, functions in ((time, _time_functions()), (os, _os_functions()), (random, {"_urandom": _urandom})):
        for name, simulated in functions.items():
            if hasattr(module, name):
                setattr(module, name, _either(getattr(module, name), simulated))
    random.Random.seed = _either(random.Random.seed, _seeded)  # type: ignore[method-assign]
    generator: random.Random = random.seed.__self__  # type: ignore[attr-defined]
    random.seed = generator.seed  # it was the method as it had been before
    _change_clocks_of_classes()


def _either(real: Callable[..., Any], simulated: Callable[..., Any]) -> Callable[..., Any]:
    """Return the real function, which is the simulated one where a program is being called."""

    @wraps(real)
    def ask(*arguments: Any, **keywords: Any) -> Any:
        world = _thread.running.world
        return real(*arguments, **keywords) if world is None else simulated(world, *arguments, **keywords)

    return ask


def _urandom(world: SimulatedWorld, size: int, /) -> bytes:
    return world.random_bytes(size)


def _os_functions() -> dict[str, Callable[..., Any]]:
    return {"urandom": _urandom, "getrandom": lambda world, size, flags=0: world.random_bytes(size)}


_seed_really = random.Random.seed


def _seeded(world: SimulatedWorld, generator: random.Random, a: Any = None, version: int = 2) -> None:
    """Seed a generator; one that is to be seeded by the system, by the world."""
    _seed_really(generator, int.from_bytes(world.random_bytes(32)) if a is None else a, version)


def _time_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions of `time` that look at a clock, or at the time zone of the machine."""
    real_gmtime, real_strftime, real_asctime = time.gmtime, time.strftime, time.asctime

    def seconds(world: SimulatedWorld, *_: Any) -> float:
        return world.time()

    def whole(world: SimulatedWorld, *_: Any) -> int:
        return world.time_ns()

    def gmtime(world: SimulatedWorld, at: float | None = None, /) -> time.struct_time:
        return real_gmtime(seconds(world) if at is None else at)

    def strftime(world: SimulatedWorld, text: str, moment: Any = None, /) -> str:
        return real_strftime(text, gmtime(world) if moment is None else moment)

    def asctime(world: SimulatedWorld, moment: Any = None, /) -> str:
        return real_asctime(gmtime(world) if moment is None else moment)

    functions: dict[str, Callable[..., Any]] = {
        **dict.fromkeys([*_CLOCKS, "clock_gettime"], seconds),
        **dict.fromkeys([*(f"{name}_ns" for name in _CLOCKS), "clock_gettime_ns"], whole),
        "gmtime": gmtime,
        "localtime": gmtime,
        "strftime": strftime,
        "asctime": asctime,
        "ctime": lambda world, at=None: asctime(world, gmtime(world, at)),
        "mktime": lambda _, moment: float(timegm(moment)),
        "sleep": lambda world, length: world.sleep(length),
    }
    return functions


#: As they are written in C.
_from_timestamp: Any = datetime.__dict__["fromtimestamp"]
_timestamp: Callable[..., float] = datetime.timestamp
_as_time_zone: Callable[..., datetime] = datetime.astimezone


def _from_seconds(world: SimulatedWorld, kind: Any, at: float, tz: tzinfo | None = None) -> Any:
    moment = _from_timestamp.__get__(None, kind)(at, UTC if tz is None else tz)
    return moment.replace(tzinfo=None) if tz is None else moment


def _now(world: SimulatedWorld, kind: Any, tz: tzinfo | None = None) -> Any:
    return _from_seconds(world, kind, world.time(), tz)


def _day_of(world: SimulatedWorld, kind: Any, at: float) -> Any:
    moment = _from_seconds(world, datetime, at)
    return kind(moment.year, moment.month, moment.day)


def _today(world: SimulatedWorld, kind: Any) -> Any:
    return _now(world, kind) if issubclass(kind, datetime) else _day_of(world, kind, world.time())


def _placed(moment: datetime) -> datetime:
    """Return a moment with a time zone: one without is UTC."""
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


#: The methods as they are written in C, by kind and name.
_OF_CLASSES: dict[type, dict[str, Callable[..., Any]]] = {
    datetime: {"now": _now, "utcnow": _now, "fromtimestamp": _from_seconds},
    date: {"today": _today, "fromtimestamp": _day_of},
}
_OF_MOMENTS: dict[str, Callable[..., Any]] = {
    "timestamp": lambda _, moment: _timestamp(_placed(moment)),
    "astimezone": lambda _, moment, tz=None: _as_time_zone(_placed(moment), UTC if tz is None else tz),
}


def _change_clocks_of_classes() -> None:
    """Put our methods into classes that are written in C: into their dictionaries, of which only a view is shown."""
    for kind, methods in _OF_CLASSES.items():
        (members,) = gc.get_referents(kind.__dict__)
        members |= {name: _class_method(members[name], simulated) for name, simulated in methods.items()}
        if kind is datetime:
            members |= {name: _either(members[name], simulated) for name, simulated in _OF_MOMENTS.items()}
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _class_method(real: Any, simulated: Callable[..., Any]) -> Any:
    def ask(kind: type, *arguments: Any, **keywords: Any) -> Any:
        world = _thread.running.world
        if world is None:
            return real.__get__(None, kind)(*arguments, **keywords)
        return simulated(world, kind, *arguments, **keywords)

    return classmethod(ask)
