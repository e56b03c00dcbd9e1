"""The trigger log of a result: plain values of what happened at each trigger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from .trigger_columns import TriggerRecords


class TriggerLog(Sequence[dict[str, Any]]):
    """All handled triggers in order, as plain values that are made when they are looked at."""

    def __init__(self, records: TriggerRecords, price_at: Callable[[str, int], float]) -> None:
        self.records = records
        self.price_at = price_at

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        places = range(len(self.records))[index]
        if isinstance(places, range):
            return [self.records[place].to_dict(place, self.price_at) for place in places]
        return self.records[places].to_dict(places, self.price_at)

    def eventful(self) -> Iterator[dict[str, Any]]:
        """Yield the triggers of which something came, in order."""
        return (record.to_dict(place, self.price_at) for place, record in self.records.eventful())

    def unasked(self) -> Iterator[dict[str, Any]]:
        """Yield all triggers, in order, without what was asked, which takes longest to find again."""
        return (record.to_dict(place, self.price_at) for place, record in enumerate(self.records.unasked()))

    def empty(self) -> TriggerLog:
        """Return a log without triggers."""
        return TriggerLog(TriggerRecords(), self.price_at)
