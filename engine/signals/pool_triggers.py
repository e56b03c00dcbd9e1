"""The triggers of a pool as the instants at which it fires; what its signals had seen is found when it is looked at."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from ..kept_values import KeptValues
from ..market import MarketHistory, SymbolHistory
from ..market.series import TimeColumn
from ..plain_values import portable
from .check_points import TRUE, CheckPoints, Points, States
from .pool import SignalPool

#: At so many triggers the signals are judged again together.
_BLOCK = 256

Facts = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PoolTrigger:
    """One edge of a pool, with the signals that were true then."""

    timestamp: int
    triggered_signals: Facts


class PoolTriggers(Sequence[PoolTrigger]):
    """The edges of a pool at instants (epoch ms, increasing) on the history of one symbol, each made when it is looked
    at: what a signal sees at an instant does not depend on the others.

    Copies and pickles hold what was seen, and no history.
    """

    def __init__(self, pool: SignalPool, history: SymbolHistory, times_ms: TimeColumn) -> None:
        self._pool, self.times_ms = pool, times_ms
        self._points, self._members = CheckPoints(history, times_ms[:0]), list[States]()
        self._block = -1
        #: What was seen, once it is kept.
        self._kept: KeptValues | None = None

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

    def facts_at(self, place: int) -> Facts:
        """Return the entry in triggered_signals of each signal that was true at the trigger of a place, from 0 on."""
        if self._kept is not None:
            found: Facts = self._kept[place]
            return found
        block, within = divmod(place, _BLOCK)
        if block != self._block:
            self._points = CheckPoints(self._points.history, self.times_ms[block * _BLOCK :][:_BLOCK])
            self._members = [signal.condition.states(self._points) for signal in self._pool.signals]
            self._block = block
        return facts(self._pool, self._points, self._members, within)

    def outlive(self, market: MarketHistory) -> None:
        """Let go of the history when `market`, to which it belongs, is gone: from then on what was seen is kept."""
        # by a weak reference: what nobody reads any more is not kept until then
        weakref.finalize(market, _let_go, weakref.ref(self)).atexit = False

    def let_go(self) -> None:
        """Keep what was seen, which takes much less than the history does."""
        vars(self).update(self.__getstate__())
        for name in ("_pool", "_points", "_members"):
            vars(self).pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        kept = self._kept
        if kept is None:
            kept = KeptValues()
            for place in range(len(self)):
                kept.number(place, tuple(map(portable, self.facts_at(place))))
        return {"times_ms": self.times_ms, "_kept": kept}


def _let_go(triggers: weakref.ref[PoolTriggers]) -> None:
    there = triggers()
    if there is not None:
        there.let_go()


def facts(pool: SignalPool, points: Points, members: Sequence[States], place: int) -> Facts:
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
