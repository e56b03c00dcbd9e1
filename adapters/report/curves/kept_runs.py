"""What was worked out of stored results, kept for the next request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar

from ...results import StoredResult
from ..prices import SeenFaults

T = TypeVar("T")


class Results(Protocol):
    """Reads stored results."""

    def result(self, run_id: int) -> StoredResult:
        """Return a stored result; refuses an unknown id."""

    def faults(self, run_id: int) -> SeenFaults:
        """Return the faults of a result, as they were in its run."""


class KeptOfRuns(Generic[T]):
    """The last few things that were made of stored results; what was made of an earlier state of one is made anew."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[StoredResult, T]] = OrderedDict()
        self._lock = Lock()

    def get(self, found: StoredResult, make: Callable[[], T], *key: Hashable) -> T:
        """Return what was made of a result under a key, made now if it is not there."""
        place = (found.run_id, *key)
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None and kept[0] is found:
                self._kept.move_to_end(place)
                return kept[1]
        made = make()
        with self._lock:
            self._kept[place] = found, made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
