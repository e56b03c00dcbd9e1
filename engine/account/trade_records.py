"""All closed trades of an account: what is kept of each, and its record when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from .trade_record import BacktestTradeRecord, Closing, Excursion


class TradeRecords(Sequence[BacktestTradeRecord]):
    """The records of closed trades in order of their exits, each made when it is first looked at: most runs are judged
    by their figures, and a record takes four times the memory of what it is made from, the `closings`.
    """

    __slots__ = ("_excursions", "_made", "closings")

    def __init__(self) -> None:
        self.closings: list[Closing] = []
        self._made: dict[int, BacktestTradeRecord] = {}
        self._excursions: Sequence[Excursion] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # without the records, which are made again
        return _of, (self.closings, self._excursions)

    def append(self, closing: Closing) -> None:
        """Add the trade that was closed last."""
        self.closings.append(closing)

    def note_excursions(self, excursions: Sequence[Excursion]) -> None:
        """Let records that are looked at from now on have these, one for each."""
        self._excursions = excursions
        self._made.clear()

    def __len__(self) -> int:
        return len(self.closings)

    @overload
    def __getitem__(self, index: int) -> BacktestTradeRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[BacktestTradeRecord]: ...
    def __getitem__(self, index: int | slice) -> BacktestTradeRecord | list[BacktestTradeRecord]:
        places = range(len(self.closings))[index]
        return [self._at(place) for place in places] if isinstance(places, range) else self._at(places)

    def _at(self, place: int) -> BacktestTradeRecord:
        record = self._made.get(place)
        if record is None:
            excursion = self._excursions[place] if self._excursions else None
            record = self._made[place] = BacktestTradeRecord.of(self.closings[place], excursion)
        return record

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def _of(closings: list[Closing], excursions: Sequence[Excursion]) -> TradeRecords:
    records = TradeRecords()
    records.closings = closings
    records.note_excursions(excursions)
    return records
