"""Turns of what is due in one phase and rank of an instant, when no rule says which comes first."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from simpy import Event

if TYPE_CHECKING:
    from .clock import Clock

_BITS = 62


class ShuffledTies:
    """Numbers for the events on an environment's queue, in place of a count: of those that are due at one instant with
    one priority, the one with the least comes first.

    What one process, or one moment outside of any, schedules at one instant keeps its order; between them each instant
    has an order of its own, drawn from `random`. Time, phases and ranks come before it: it decides what nothing else
    does.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock, self._random = clock, random
        self._count = 0
        self._now: float = -1
        self._turns: dict[Event | None, int] = {}

    def __iter__(self) -> ShuffledTies:
        return self

    def __next__(self) -> int:
        """Return the number of the event that is being scheduled."""
        env = self._clock.env
        if env._now != self._now:
            self._now = env._now
            self._turns.clear()
        source = env.active_process or self._clock.latest
        turn = self._turns.get(source)
        if turn is None:
            turn = self._turns[source] = self._random.getrandbits(_BITS)
        self._count += 1
        return turn << _BITS | self._count
