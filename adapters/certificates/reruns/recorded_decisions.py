"""The decisions of a run, said again by a program that only remembers them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from engine import Decision, MarketData, TriggerEvent
from engine.contract import FIELDS
from engine.instants import utc_text
from engine.program import WarmUpOutcome
from engine.triggers import Answered, TriggerRecord
from processes import KnownTriggers

from .moved_market import Units

_PRICES = ("max_price", "min_price", "take_profit_price", "stop_loss_price", "trigger_price")


class Remembered(NamedTuple):
    """A trigger, by its time (epoch ms), type and symbol, and what was decided at it, as values of decisions."""

    at_ms: int
    kind: str
    symbol: str
    decisions: Sequence[tuple[Any, ...]]


@dataclass
class RecordedDecisions:
    """A program that decides at each trigger what was decided at it, in other units and as much later; it asks nothing.
    Raises `ValueError` at a trigger that the recorded run did not have.
    """

    remembered: Sequence[Remembered]
    units: Units
    place: int | None = None
    timers: int = 0

    def should_trade(self, data: MarketData) -> list[Decision]:
        """Return what was decided at this trigger."""
        woken = data.timestamp - self.units.later_ms, data.trigger_type, data.trigger_symbol
        if self.place is None:  # the first trigger; after a restart of the program one of those that follow
            self.place = self._place_of(woken)
        expected = self.remembered[self.place] if self.place < len(self.remembered) else None
        if expected is None or expected[:3] != woken:
            before = "none" if expected is None else _words(*expected[:3])
            raise ValueError(f"trigger {self.place} is {_words(*woken)}, and was {before}")
        self.place += 1
        self._ask_for_timer(data)
        return [Decision(*_in_units(values, self.units)) for values in expected.decisions]

    def _place_of(self, woken: tuple[int, str, str]) -> int:
        first = bisect_left(self.remembered, woken[0], key=lambda each: each.at_ms)
        last = bisect_right(self.remembered, woken[0], key=lambda each: each.at_ms)
        return next((place for place in range(first, last) if self.remembered[place][:3] == woken), first)

    def _ask_for_timer(self, data: MarketData) -> None:
        """Ask to be woken where the recorded program was next."""
        remembered, later_ms = self.remembered, self.units.later_ms
        while self.timers < len(remembered) and (
            remembered[self.timers].kind != "timer" or remembered[self.timers].at_ms + later_ms <= data.timestamp
        ):
            self.timers += 1
        if self.timers < len(remembered):
            data.wake_at(remembered[self.timers].at_ms + later_ms)

    def __deepcopy__(self, memo: object) -> RecordedDecisions:
        """Return one for another run, on the same memory: nothing that is remembered changes."""
        return replace(self)


def _words(at_ms: int, kind: str, symbol: str) -> str:
    return " ".join(filter(None, (kind, symbol, "at", utc_text(at_ms))))


def remembered_of(records: Sequence[TriggerRecord]) -> list[Remembered]:
    """Return what these records tell of triggers and decisions."""
    return [
        Remembered(
            record.trigger.timestamp,
            record.trigger.trigger_type,
            record.trigger.symbol,
            [_values(each) for each in record.answers if not _was_held(each)],
        )
        for record in records
    ]


def _was_held(answered: Answered) -> bool:
    return answered.warm_up is not None and answered.warm_up.outcome == WarmUpOutcome.HELD


def _values(answered: Answered) -> tuple[Any, ...]:
    values = dict(zip(FIELDS, answered.decision, strict=True))
    if answered.warm_up is not None and answered.warm_up.outcome == WarmUpOutcome.CLOSED:
        values["reduce_only"] = True
    return tuple(values.values())


def _in_units(decided: tuple[Any, ...], units: Units) -> tuple[Any, ...]:
    values = dict(zip(FIELDS, decided, strict=True))
    factors = {**dict.fromkeys(_PRICES, units.price), "size": units.coins, "notional": units.money}
    for name, factor in factors.items():
        if isinstance(values[name], (int, float)):
            values[name] *= factor
    return tuple(values.values())


def recorded_signals(records: Sequence[TriggerRecord], units: Units) -> list[KnownTriggers]:
    """Return sources that fire what signals have fired, in the same order: of those at one instant each is of another
    source.
    """
    sources: list[list[TriggerEvent]] = [[]]
    last_ms, place = -1, 0
    for record in records:
        trigger = record.trigger
        if trigger.trigger_type != "signal":
            continue
        place = place + 1 if trigger.timestamp == last_ms else 0
        last_ms = trigger.timestamp
        if place == len(sources):
            sources.append([])
        sources[place].append(
            TriggerEvent(
                trigger.timestamp + units.later_ms,
                "signal",
                trigger.symbol,
                trigger.pool_id,
                trigger.pool_name,
                trigger.pool_logic,
                tuple(trigger.triggered_signals),
            )
        )
    return [KnownTriggers(each, f"recorded {place + 1}") for place, each in enumerate(sources)]
