"""A turnstile: so many may be inside at once, the others wait in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future


class Turnstile:
    """Hands out numbered places; safe to use from several threads."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = list(range(places))
        self._queue: deque[Future[int]] = deque()
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
        turn: Future[int] = Future()
        with self._lock:
            self._queue.append(turn)
            self._admit()
        try:
            return turn.result(timeout_s)
        except BaseException as error:
            self._give_up(turn)
            if isinstance(error, TimeoutError):
                return None
            raise

    def leave(self, place: int) -> None:
        """Give a place back; the first who waits gets it."""
        with self._lock:
            self._free.append(place)
            self._admit()

    def _admit(self) -> None:
        while self._free and self._queue:
            self._queue.popleft().set_result(self._free.pop())

    def _give_up(self, turn: Future[int]) -> None:
        with self._lock:
            if turn in self._queue:
                self._queue.remove(turn)
            else:
                self._free.append(turn.result())
                self._admit()
