"""A turnstile: so many may be inside at once, the others wait in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque


class _Waiting:
    """Someone in the queue: called when there is a place."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self.place = -1


class Turnstile:
    """Hands out numbered places; safe to use from several threads."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = list(range(places))
        self._queue: deque[_Waiting] = deque()
        self.places = places

    @property
    def inside(self) -> int:
        """How many places are taken."""
        return self.places - len(self._free)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._queue)

    def enter(self, timeout_s: float | None = None) -> int | None:
        """Return a place, at once or when it is this one's turn; None when that takes longer than `timeout_s`."""
        with self._lock:
            if self._free and not self._queue:
                return self._free.pop()
            entry = _Waiting()
            self._queue.append(entry)
        try:
            came = entry.called.wait(timeout_s)
        except BaseException:
            self._give_back(entry)
            raise
        if came:
            return entry.place
        self._give_back(entry)
        return None

    def leave(self, place: int) -> None:
        """Give a place back; the first who waits gets it."""
        with self._lock:
            self._pass_on(place)

    def _give_back(self, entry: _Waiting) -> None:
        with self._lock:
            if entry in self._queue:
                self._queue.remove(entry)
            else:
                self._pass_on(entry.place)

    def _pass_on(self, place: int) -> None:
        if self._queue:
            first = self._queue.popleft()
            first.place = place
            first.called.set()
        else:
            self._free.append(place)
