"""A counter in shared memory: odd while the program runs, even while perpsim does."""

from __future__ import annotations

import fcntl
import mmap
import os

_SIZE = mmap.PAGESIZE
_ADD_SEALS = getattr(fcntl, "F_ADD_SEALS", 1033)
_SEAL_SIZE = 0x1 | 0x2 | 0x4  # no more seals, no shrinking, no growing


class Heartbeat:
    """The counter, mapped from a memory file: `enter` and `leave` in the worker, `value` in the parent."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, _SIZE)
        self._cell = memoryview(self._map).cast("Q")
        self._calls = 0

    @staticmethod
    def create() -> int:
        """Return the descriptor of a new memory file of fixed size."""
        descriptor = os.memfd_create("perpsim-heartbeat", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, _SIZE)
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEAL_SIZE)
        return descriptor

    @property
    def value(self) -> int:
        """The counter now."""
        return self._cell[0]

    @property
    def is_inside(self) -> bool:
        """Whether the program is running."""
        return self._cell[0] % 2 == 1

    def enter(self) -> None:
        """Say that the program runs from here on."""
        self._calls += 1
        self._cell[0] = 2 * self._calls - 1

    def leave(self) -> None:
        """Say that it has come back."""
        self._cell[0] = 2 * self._calls

    def close(self) -> None:
        """Release the memory."""
        self._cell.release()
        self._map.close()
