"""Copying what becomes known of a part to where nothing later has ever been written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from ..series import TimeColumn
from .parts import Column, KnownColumns

_NEVER_MS = 1 << 61
_NEVER = float("inf")

#: Makes room: a writable column of a type ("i8" or "f8") and length, full of zeros.
MakeRoom = Callable[[str, int], Column]


class Revealing:
    """Copies the rows of a part to `shown` (one column for each of its columns) as they become known.

    `next_ms` is when the next row does, in epoch ms; infinite when all of them are there.
    """

    __slots__ = ("_cells", "_known", "_latest", "_rows", "_times", "next_ms")

    def __init__(self, part: KnownColumns, shown: tuple[Column, ...]) -> None:
        self._times = part.known_ms.data
        self._cells = tuple((column.data, room.data) for column, room in zip(part.columns, shown, strict=True))
        self._rows = len(part.known_ms)
        self._known = self._latest = 0
        self.next_ms = self._next()

    def _next(self) -> float:
        return self._times[self._known] if self._known < self._rows else _NEVER

    def advance(self, time_ms: int) -> None:
        """Copy what is known at `time_ms` (epoch ms, never earlier than before)."""
        if self.next_ms > time_ms:
            return
        begin = self._known
        self._known = begin + 1
        self.next_ms = self._next()
        if self.next_ms > time_ms:  # nearly always: one row
            for cells, room in self._cells:
                room[begin] = cells[begin]
            return
        end = self._known = self._first_after(time_ms, begin)
        new = slice(begin, end)
        for cells, room in self._cells:
            room[new] = cells[new]
        self.next_ms = self._next()

    def _first_after(self, time_ms: int, begin: int) -> int:
        """Return the first row from `begin` on that is not known: mostly it is as far away as the last time."""
        times, end = self._times, begin + self._latest
        if not (end < self._rows and times[end - 1] <= time_ms < times[end]):
            end = bisect_right(times, time_ms, begin)
            self._latest = end - begin
        return end


def hidden_columns(part: KnownColumns, make_room: MakeRoom) -> tuple[Column, ...]:
    """Return room for the rows of a part, none of them there yet.

    Times that are not known are later than any time and still in order, at least as far apart as the others are: the
    search in them finds what it would find in the whole column, which tells no more than their number and the
    smallest step between two of them. There is room for two more, so that there always are such times; the last is one
    more away, lest times of which none is known look like ones without a hole, which are counted and not looked at.
    """
    rows = len(part.known_ms) + 2
    room = tuple(make_room("i8" if column.dtype.kind == "i" else "f8", rows) for column in part.columns)
    for column, shown in zip(part.columns, room, strict=True):
        if column.dtype.kind == "i":
            shown[:] = _NEVER_MS + _smallest_step(column) * np.arange(rows)
            shown[-1] += 1
    return room


def _smallest_step(times: TimeColumn) -> int:
    return int((times[1:] - times[:-1]).min()) if len(times) > 1 else 1
