"""Values kept small: each by a number, recurring ones once, and many of them compressed together."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Hashable
from typing import Any

#: So many values are known again; those of programs that never repeat themselves are not searched for.
_MOST_KNOWN = 1_024
#: So many values are compressed together: what is alike in them costs next to nothing.
_BLOCK = 128
#: So many blocks are kept unpacked for whoever looks at many values.
_MOST_UNPACKED = 16
_FASTEST = 1


class KeptValues:
    """Values by number, in the order in which they came; a value with the key of a recent one has the number of that.

    They must be immutable, and of types that can be pickled.
    """

    def __init__(self, *values: Hashable) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._count = 0
        self._blocks: list[bytes] = []
        self._open: list[Any] = []
        self._unpacked: dict[int, list[Any]] = {}
        for value in values:
            self.number(value, value)

    def number(self, key: Hashable, value: Any) -> int:
        """Return the number of a value; equal ones have equal keys."""
        number = self._numbers.get(key)
        if number is None:
            number = self._count
            if number % _MOST_KNOWN == 0:
                self._numbers.clear()
            self._numbers[key] = number
            self._open.append(value)
            self._count += 1
            if self._count % _BLOCK == 0:
                self._pack()
        return number

    def _pack(self) -> None:
        self._blocks.append(zlib.compress(pickle.dumps(self._open, pickle.HIGHEST_PROTOCOL), _FASTEST))
        self._open = []

    def __getstate__(self) -> dict[str, Any]:
        # without what is looked up in them and what is made again: values are only read from here on
        return {**vars(self), "_numbers": {}, "_unpacked": {}}

    def __getitem__(self, number: int) -> Any:
        block, place = divmod(number, _BLOCK)
        return (self._open if block == len(self._blocks) else self._block(block))[place]

    def _block(self, block: int) -> list[Any]:
        if block not in self._unpacked:
            if len(self._unpacked) >= _MOST_UNPACKED:
                self._unpacked.clear()
            self._unpacked[block] = pickle.loads(zlib.decompress(self._blocks[block]))
        return self._unpacked[block]
