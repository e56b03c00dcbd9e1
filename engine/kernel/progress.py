"""Progress: a watcher that is woken again and again at one instant, with nothing moving, is stopped with its name."""

from __future__ import annotations

from ..errors import SimulationError
from ..instants import utc_text
from .clock import Clock

#: So many rings at one instant may find everything as it was: two alarms can ring for one cause.
MOST_IDLE_RINGS = 16


class Progress:
    """Watches over the loop of one process: time or state must move from ring to ring."""

    __slots__ = ("_clock", "_idle", "_last", "_name", "_now")

    def __init__(self, clock: Clock, name: str) -> None:
        self._clock, self._name = clock, name
        self._now = -1
        self._last: tuple[object, ...] = ()
        self._idle = 0

    def check(self, *state: object) -> None:
        """Note that the process was woken and has done what there was to do; `state` is whatever that changes, compared
        by identity or as numbers. Raises `SimulationError`, naming the process, when nothing has moved for too long.
        """
        now = self._clock.now()
        if now != self._now:  # nearly always
            self._now, self._last, self._idle = now, state, 0
            return
        moved = len(state) != len(self._last) or any(map(_differs, state, self._last))
        self._idle = 0 if moved else self._idle + 1
        self._last = state
        if self._idle > MOST_IDLE_RINGS:
            raise SimulationError(
                f"process {self._name!r} was woken {self._idle} times at {utc_text(now)}, "
                "and neither time nor what it watches has moved"
            )


def _differs(new: object, old: object) -> bool:
    return new is not old and (not isinstance(new, int) or new != old)
