"""Values kept small: each by a number, recurring ones once, and many of them compressed together."""

from __future__ import annotations

import pickle
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Hashable
from typing import Any

#: So many values are known again; those of programs that never repeat themselves are not searched for.
_MOST_KNOWN = 1_024
#: So many bytes are compressed together: what is alike in them costs next to nothing, and one value is found soon.
_BLOCK_BYTES = 1 << 15
_FASTEST = 1


class KeptValues:
    """Values by number, in the order in which they came; a value with the key of a recent one has the number of that.

    They are made anew when they are looked at, and must be of types that can be pickled.
    """

    def __init__(self, *values: Any) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._recent: dict[int, Any] = {}
        self._ends = array("i")
        self._open = bytearray()
        self._firsts = [0]
        self._blocks: list[bytes] = []
        self._unpacked: tuple[int, bytes] = (-1, b"")
        for value in values:
            self.number(value, value)

    def number(self, key: Hashable, value: Any) -> int:
        """Return the number of a value; equal ones have equal keys."""
        number = self._numbers.get(key)
        if number is None:
            if len(self._numbers) >= _MOST_KNOWN:
                self._numbers.clear()
            number = self._numbers[key] = self.add(value)
            self._remember(number, value)
        return number

    def add(self, value: Any) -> int:
        """Keep a value that will hardly come again, and return its number."""
        self._open += pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        self._ends.append(len(self._open))
        if len(self._open) >= _BLOCK_BYTES:
            self._blocks.append(zlib.compress(self._open, _FASTEST))
            self._firsts.append(len(self._ends))
            self._open = bytearray()
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> Any:
        if number not in self._recent:
            self._remember(number, self._made(number))
        return self._recent[number]

    def _remember(self, number: int, value: Any) -> None:
        if len(self._recent) >= _MOST_KNOWN:
            self._recent.clear()
        self._recent[number] = value

    def _made(self, number: int) -> Any:
        block = bisect_right(self._firsts, number) - 1
        begin = 0 if number == self._firsts[block] else self._ends[number - 1]
        return pickle.loads(self._bytes(block)[begin : self._ends[number]])

    def _bytes(self, block: int) -> bytes | bytearray:
        if block == len(self._blocks):
            return self._open
        if self._unpacked[0] != block:
            self._unpacked = block, zlib.decompress(self._blocks[block])
        return self._unpacked[1]
