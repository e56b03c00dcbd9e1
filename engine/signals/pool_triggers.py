"""The triggers of a pool as the instants at which it fires; what its signals had seen is found when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from ..market import SymbolHistory
from ..market.series import TimeColumn
from .check_points import TRUE, CheckPoints, Points, States
from .pool import SignalPool

#: At so many triggers the signals are judged again together.
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class PoolTrigger:
    """One edge of a pool, with the signals that were true then."""

    timestamp: int
    triggered_signals: tuple[dict[str, Any], ...]


class PoolTriggers(Sequence[PoolTrigger]):
    """The edges of a pool at instants (epoch ms, increasing) on the history of one symbol, each made when it is looked
    at: what a signal sees at an instant does not depend on the others.
    """

    def __init__(self, pool: SignalPool, history: SymbolHistory, times_ms: TimeColumn) -> None:
        self._pool, self._history, self.times_ms = pool, history, times_ms
        self._block, self._points = -1, CheckPoints(history, times_ms[:0])
        self._members: list[States] = []

    def __len__(self) -> int:
        return len(self.times_ms)

    @overload
    def __getitem__(self, index: int) -> PoolTrigger: ...
    @overload
    def __getitem__(self, index: slice) -> list[PoolTrigger]: ...
    def __getitem__(self, index: int | slice) -> PoolTrigger | list[PoolTrigger]:
        places = range(len(self))[index]
        return [self._at(place) for place in places] if isinstance(places, range) else self._at(places)

    def _at(self, place: int) -> PoolTrigger:
        return PoolTrigger(self.times_ms.item(place), self.facts_at(place))

    def facts_at(self, place: int) -> tuple[dict[str, Any], ...]:
        """Return the entry in triggered_signals of each signal that was true at the trigger of a place, from 0 on."""
        block, within = divmod(place, _BLOCK)
        if block != self._block:
            self._points = CheckPoints(self._history, self.times_ms[block * _BLOCK :][:_BLOCK])
            self._members = [signal.condition.states(self._points) for signal in self._pool.signals]
            self._block = block
        return facts(self._pool, self._points, self._members, within)


def facts(pool: SignalPool, points: Points, members: Sequence[States], place: int) -> tuple[dict[str, Any], ...]:
    """Return the entry in triggered_signals of each signal of a pool that is true at the instant of that place."""
    return tuple(
        {
            "signal_id": signal.signal_id,
            "signal_name": signal.name,
            "description": signal.description,
            **signal.condition.fact(points, place),
            "exchange": signal.exchange,
        }
        for signal, states in zip(pool.signals, members, strict=True)
        if states[place] == TRUE
    )
