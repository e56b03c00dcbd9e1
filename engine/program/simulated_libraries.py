"""Libraries that ask the system for more than a clock or randomness, as a program finds them: `uuid` and `asyncio`."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

_EPOCH_TICKS = 0x01B21DD213814000  # of 100 ns, from 1582 to 1970
_NODE_BITS = 48
_MICROSECOND = 1e-6
_MULTICAST = 1 << 40  # which a node that is no network device's has (RFC 4122, 4.5)
#: The node of every world.
_NODE = random.Random(0).getrandbits(_NODE_BITS) | _MULTICAST

Real = Callable[..., Any]


class World(Protocol):
    """What these libraries need of a simulated world."""

    #: Of the last name that was made of the time.
    last_ticks: int

    def time_ns(self) -> int:
        """Return the simulated time in ns since 1970."""

    def random_bytes(self, size: int) -> bytes:
        """Return randomness."""

    def sleep(self, seconds: float) -> None:
        """Let the clock go on."""


def stand_in_for_libraries(either: Callable[[Real, Real], Real]) -> None:
    """Put simulated functions in the places of those of libraries that are loaded by now; `either` makes of a real and
    a simulated one what is the second where a program is called.
    """
    for name, functions in (("uuid", _uuid_functions), ("asyncio", _loop_functions)):
        module = sys.modules.get(name)
        if module is not None and not hasattr(module, "is_simulated"):
            module.is_simulated = True  # type: ignore[attr-defined]
            for place, function, simulated in functions(module):
                setattr(place, function, either(getattr(place, function), simulated))


def _uuid_functions(uuid: Any) -> list[tuple[ModuleType, str, Real]]:
    def uuid1(world: World, node: int | None = None, clock_seq: int | None = None) -> Any:
        ticks = max(world.time_ns() // 100 + _EPOCH_TICKS, world.last_ticks + 1)
        world.last_ticks = ticks
        clock = int.from_bytes(world.random_bytes(2)) if clock_seq is None else clock_seq
        low, middle, high = ticks & 0xFFFFFFFF, ticks >> 32 & 0xFFFF, ticks >> 48 & 0xFFF
        fields = low, middle, high, clock >> 8 & 0x3F, clock & 0xFF, _NODE if node is None else node
        return uuid.UUID(fields=fields, version=1)

    return [(uuid, "uuid1", uuid1), (uuid, "getnode", lambda world: _NODE)]


def _loop_functions(asyncio: Any) -> list[tuple[ModuleType, str, Real]]:
    class SimulatedLoop(asyncio.BaseEventLoop):  # type: ignore[misc]
        """Runs coroutines; where they wait, the simulated clock goes on. There is nothing else to be waited for."""

        def __init__(self, world: World) -> None:
            super().__init__()
            self._world = world
            self._selector = self
            self._clock_resolution = _MICROSECOND  # less is lost in seconds since 1970

        def select(self, timeout: float | None) -> list[Any]:
            """Wait for the next of what is due."""
            if timeout is None:
                raise RuntimeError("asyncio waits for what never comes: a program has no files and no network")
            if timeout > 0:
                self._world.sleep(timeout)
            return []

        def _process_events(self, events: list[Any]) -> None:
            """There are none."""

        def _write_to_self(self) -> None:
            """It need not be woken."""

    return [(place, "new_event_loop", SimulatedLoop) for place in (asyncio, asyncio.events)]
