"""Klines as a strategy sees them, each made once while windows on them move on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ...periods import SECOND_MS
from .klines import Kline, KlineColumns

#: So many klines behind the newest ones are kept in any case.
_SPARE = 256
#: Makes a kline of its fields in their order: what the class itself does, in half the time.
_MAKE: Callable[[Iterable[Any]], Kline] = partial(tuple.__new__, Kline)


class ReadyKlines:
    """Gives windows of some columns as lists of klines; a window that overlaps the one before makes only what is new.

    Of the klines that have been asked for about twice the longest window is kept. It serves one reader at a time.
    """

    __slots__ = ("_columns", "_first", "_kept", "_klines", "_longest")

    def __init__(self, columns: KlineColumns) -> None:
        self._klines = columns
        #: They are looked up with the first window: what only counts klines needs no figures of them.
        self._columns: tuple[memoryview, ...] = ()
        self._first = self._longest = 0
        self._kept: list[Kline] = []

    def window(self, start: int, stop: int) -> list[Kline]:
        """Return the klines [start, stop), oldest first, in a list of the caller's own."""
        first, kept = self._first, self._kept
        last = first + len(kept)
        if not first <= start <= last:
            self._longest = max(self._longest, stop - start)
            self._first, self._kept = start, self._made(start, stop)
            return self._kept.copy()
        if stop > last:
            kept += self._made(last, stop)
            if len(kept) > 2 * self._longest + _SPARE:
                self._forget(min(start, stop - self._longest))
                return self._kept[start - self._first :]
        return kept[start - first : stop - first]

    def _forget(self, start: int) -> None:
        """Keep no klines before `start`."""
        self._kept = self._kept[start - self._first :]
        self._first = start

    def _made(self, start: int, stop: int) -> list[Kline]:
        if not self._columns:
            self._columns = (self._klines.open_ms.data, *(column.data for column in self._klines.figures))
        if stop - start == 1:  # the one that has closed since the call before: each column by name, in half the time
            times, opened, high, low, close, volume = self._columns
            fields = times[start] // SECOND_MS, opened[start], high[start], low[start], close[start], volume[start]
            return [_MAKE(fields)]
        times, *figures = self._columns
        timestamps = [time // SECOND_MS for time in times[start:stop]]
        return list(map(_MAKE, zip(timestamps, *(column[start:stop] for column in figures), strict=True)))
