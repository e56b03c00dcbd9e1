"""Shared memory for columns: the parent writes what has become known, and a worker can do nothing but read it."""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Any

import numpy as np
import numpy.typing as npt

_ALIGNMENT = 64
_ADD_SEALS = getattr(fcntl, "F_ADD_SEALS", 1033)
#: No more seals, no shrinking, no growing, and nobody who maps it from now on can write (Linux 5.1).
_SEALS = 0x1 | 0x2 | 0x4 | 0x10

#: Type ("i8" or "f8"), offset in bytes and number of rows of a column.
Place = tuple[str, int, int]


class Arena:
    """A memory file of at most `size` bytes, of which only what is written takes memory. Nothing is ever removed."""

    def __init__(self, size: int) -> None:
        self._size = max(size, mmap.PAGESIZE)
        self._used = 0
        self.descriptor = os.memfd_create("perpsim-market", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.descriptor, self._size)
            self._map = mmap.mmap(self.descriptor, self._size)
            fcntl.fcntl(self.descriptor, _ADD_SEALS, _SEALS)
        except BaseException:
            os.close(self.descriptor)
            raise

    def take(self, kind: str, rows: int) -> tuple[npt.NDArray[Any], Place] | None:
        """Return a new column of zeros and its place, or None when there is no room left."""
        offset = -(-self._used // _ALIGNMENT) * _ALIGNMENT
        if offset + 8 * rows > self._size:
            return None
        self._used = offset + 8 * rows
        return np.frombuffer(self._map, kind, rows, offset), (kind, offset, rows)

    def close(self) -> None:
        """Give up the descriptor and the memory, which goes when nothing looks at it any more."""
        os.close(self.descriptor)
        del self._map  # it holds a descriptor of its own


class ArenaView:
    """The same memory as a worker sees it."""

    def __init__(self, descriptor: int) -> None:
        self._map = mmap.mmap(descriptor, 0, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ)

    def column(self, place: Place) -> npt.NDArray[Any]:
        """Return the column at a place."""
        kind, offset, rows = place
        return np.frombuffer(self._map, kind, rows, offset)
