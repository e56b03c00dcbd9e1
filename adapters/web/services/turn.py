"""Work that is done one at a time, with few who wait for it."""

from __future__ import annotations

from threading import Lock
from types import TracebackType

from ..safety import Refused

#: Each who waits keeps a thread from answering others.
_MOST_WAITING = 6


class Turn:
    """A lock that refuses who comes when too many wait already."""

    def __init__(self) -> None:
        self._lock, self._count, self._counting = Lock(), 0, Lock()

    def __enter__(self) -> None:
        with self._counting:
            if self._count > _MOST_WAITING:
                raise Refused(429, f"{_MOST_WAITING} such requests are waiting already; try again later")
            self._count += 1
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        with self._counting:
            self._count -= 1
