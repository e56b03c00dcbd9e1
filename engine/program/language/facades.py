"""Modules as programs see them: only safe functions, in an object that nobody can change."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


class Facade:
    """An immutable bundle of functions and constants under a module's name."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"<module {self._name!r}>"


def facade(name: str, members: Mapping[str, Any]) -> Facade:
    """Return a facade with these members as attributes."""
    fixed = {key: staticmethod(value) if callable(value) else value for key, value in members.items()}
    kind: type[Facade] = type(name, (Facade,), {"__slots__": (), **fixed})
    return kind(name)


MATH = facade("math", {name: getattr(math, name) for name in dir(math) if not name.startswith("_")})

_STATISTICS = (
    "mean fmean geometric_mean harmonic_mean median median_low median_high mode multimode quantiles pstdev pvariance "
    "stdev variance covariance correlation"
).split()
STATISTICS = facade("statistics", {name: getattr(statistics, name) for name in _STATISTICS})


def time_facade(now: Callable[[], int]) -> Facade:
    """Return a `time` whose clock is the simulated one; `now` is in epoch ms."""

    def gmtime(seconds: float | None = None) -> time.struct_time:
        return time.gmtime(now() / 1_000 if seconds is None else seconds)

    def strftime(text: str, moment: Any = None) -> str:
        return time.strftime(text, gmtime() if moment is None else moment)

    return facade(
        "time",
        {"time": lambda: now() / 1_000, "time_ns": lambda: now() * 1_000_000, "gmtime": gmtime, "strftime": strftime},
    )
