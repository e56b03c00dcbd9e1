"""Triggers that are known before a run: as instants until they are published, and the order of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from engine import ConfigurationError, TriggerEvent

#: Time, rank of the source, rank of the symbol: what triggers are ordered by; and the trigger.
Ranked = tuple[int, int, int, TriggerEvent]


@dataclass(frozen=True)
class SymbolSeries:
    """The triggers of one symbol at instants (epoch ms, increasing); `make` makes that of a place."""

    symbol: str
    times_ms: Sequence[int]
    make: Callable[[int], TriggerEvent]


class TriggerSeries(Sequence[TriggerEvent]):
    """The triggers of some symbols, those of one after those of another, each made when it is looked at."""

    def __init__(self, parts: Sequence[SymbolSeries]) -> None:
        self.parts = tuple(parts)

    def __len__(self) -> int:
        return sum(len(part.times_ms) for part in self.parts)

    @overload
    def __getitem__(self, index: int) -> TriggerEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[TriggerEvent]: ...
    def __getitem__(self, index: int | slice) -> TriggerEvent | list[TriggerEvent]:
        places = range(len(self))[index]
        return [self._at(place) for place in places] if isinstance(places, range) else self._at(places)

    def _at(self, place: int) -> TriggerEvent:
        for part in self.parts:
            if place < len(part.times_ms):
                return part.make(place)
            place -= len(part.times_ms)
        raise IndexError(place)


def in_order(triggers: Sequence[TriggerEvent], rank: int, symbols: Sequence[str]) -> list[Iterator[Ranked]]:
    """Return the triggers of the source of a rank, as iterators that are each in order.

    Raises `ConfigurationError` at once for a symbol that is not among `symbols`.
    """
    if isinstance(triggers, TriggerSeries):
        return [_of_series(part, rank, symbols.index(part.symbol)) for part in triggers.parts]
    ranked = [(each.timestamp, rank, _symbol_rank(each, symbols), each) for each in triggers]
    ranked.sort(key=lambda entry: entry[:3])
    ranked.reverse()
    return [_given_away(ranked)]


def _of_series(part: SymbolSeries, rank: int, symbol_rank: int) -> Iterator[Ranked]:
    for place, time in enumerate(part.times_ms):
        yield time, rank, symbol_rank, part.make(place)


def _given_away(ranked: list[Ranked]) -> Iterator[Ranked]:
    """Yield from the last one on, and let each go: the log keeps what it needs of it."""
    while ranked:
        yield ranked.pop()


def _symbol_rank(trigger: TriggerEvent, symbols: Sequence[str]) -> int:
    if trigger.symbol not in symbols:
        source = trigger.pool_name or "a source"
        raise ConfigurationError([f"signals: {source} fires for {trigger.symbol!r}, which is not a configured symbol"])
    return symbols.index(trigger.symbol)
