"""Copying what becomes known of a part to where nothing later has ever been written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from ..series import BLOCK_ROWS, TimeColumn, smallest_step
from .parts import Column, KnownColumns

_NEVER_MS = 1 << 61
_NEVER = float("inf")

#: Makes room: a writable column of a type ("i8" or "f8") and length, full of zeros.
MakeRoom = Callable[[str, int], Column]


class Revealing:
    """Copies the rows of parts, all of which become known at the same times as those of `first`, as they do.

    `next_ms` is when the next row does, in epoch ms; infinite when all of them are there.
    """

    __slots__ = ("_cells", "_column", "_delay_ms", "_known", "_latest", "_rows", "_times", "next_ms")

    def __init__(self, first: KnownColumns) -> None:
        self._column, self._times, self._rows = first.times, first.times.data, len(first.times)
        self._delay_ms = first.delay_ms
        self._cells: list[tuple[memoryview, memoryview]] = []
        self._known = self._latest = 0
        self.next_ms: float = self._times[0] + self._delay_ms if self._rows else _NEVER

    def is_for(self, part: KnownColumns) -> bool:
        """Whether the rows of a part become known at these times."""
        same = part.times is self._column or np.array_equal(part.times, self._column)
        return part.delay_ms == self._delay_ms and same

    def add(self, part: KnownColumns, shown: tuple[Column, ...]) -> None:
        """Copy the rows of a part, too: to `shown`, a column for each of its columns, at once what is known."""
        cells = [(column.data, room.data) for column, room in zip(part.columns, shown, strict=True)]
        known = slice(0, self._known)
        for cell, room in cells:
            room[known] = cell[known]
        self._cells += cells

    def advance(self, time_ms: int) -> None:
        """Copy what is known at `time_ms` (epoch ms, never earlier than before)."""
        if self.next_ms > time_ms:
            return
        times, begin, latest_ms = self._times, self._known, time_ms - self._delay_ms
        end = begin + self._latest  # mostly as many rows as the last time
        if end >= self._rows or not times[end - 1] <= latest_ms < times[end]:
            end = bisect_right(times, latest_ms, begin)
            self._latest = end - begin
        self._known = end
        self.next_ms = times[end] + self._delay_ms if end < self._rows else _NEVER
        if end - begin == 1:  # a slice takes twice as long
            for cell, room in self._cells:
                room[begin] = cell[begin]
            return
        new = slice(begin, end)
        for cell, room in self._cells:
            room[new] = cell[new]


def hidden_columns(part: KnownColumns, make_room: MakeRoom) -> tuple[Column, ...]:
    """Return room for the rows of a part, none of them there yet.

    Times that are not known are later than any time and still in order, at least as far apart as the others are: the
    search in them finds what it would find in the whole column, which tells no more than their number and the
    smallest step between two of them. There is room for two more, so that there always are such times; the last is one
    more away, lest times of which none is known look like ones without a hole, which are counted and not looked at.
    """
    rows = len(part.times) + 2
    room = tuple(make_room("i8" if column.dtype.kind == "i" else "f8", rows) for column in part.columns)
    for column, shown in zip(part.columns, room, strict=True):
        if column.dtype.kind == "i":
            _fill(shown, smallest_step(column))
            shown[-1] += 1
    return room


def _fill(shown: TimeColumn, step_ms: int) -> None:
    """Write times that never come, block by block."""
    steps = step_ms * np.arange(BLOCK_ROWS)
    for begin in range(0, len(shown), BLOCK_ROWS):
        block = shown[begin : begin + BLOCK_ROWS]
        np.add(steps[: len(block)], _NEVER_MS + begin * step_ms, out=block)
