"""The events of one run: kept so that a client that comes late, or comes back, misses nothing that matters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ...output import cleaned

PROGRESS = "progress"
LAST_EVENTS = ("complete", "error")
#: What events can be of: back-tests, and studies, whose ids are theirs alone.
BACKTESTS, STUDIES = "backtests", "studies"

#: More progress events than these are thinned out: every other one of the older ones goes.
MOST_PROGRESS = 1_000


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event: its number in the run (from 1), its kind, and its data as plain values."""

    number: int
    kind: str
    data: dict[str, Any]
    of: str = BACKTESTS

    def to_bytes(self) -> bytes:
        """Return it as a server-sent event."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {json.dumps(self.data)}\n\n".encode()

    def to_shared_bytes(self) -> bytes:
        """Return it as one of a stream of several runs: what it is of, its number and kind stand in its data."""
        entry = {"of": self.of, "id": self.data["id"], "number": self.number, "event": self.kind, "data": self.data}
        return f"data: {json.dumps(entry)}\n\n".encode()


class RunEvents:
    """What has happened in a back-test or a study so far, and the waiting for more."""

    def __init__(self, run_id: int, of: str = BACKTESTS) -> None:
        self.run_id, self.of = run_id, of
        self._events: list[RunEvent] = []
        self._number = 0
        self._progress = 0
        self._hearing: set[asyncio.Event] = set()

    @property
    def is_over(self) -> bool:
        """Whether the last event has come."""
        return bool(self._events) and self._events[-1].kind in LAST_EVENTS

    @property
    def latest(self) -> RunEvent | None:
        """The newest event."""
        return self._events[-1] if self._events else None

    def add(self, kind: str, **data: Any) -> None:
        """Add an event and wake whoever waits; nothing comes after the last event."""
        if self.is_over:
            return
        if "message" in data:
            data["message"] = cleaned(data["message"])
        self._number += 1
        self._events.append(RunEvent(self._number, kind, {"id": self.run_id, **data}, self.of))
        if kind == PROGRESS:
            self._progress += 1
            if self._progress > MOST_PROGRESS:
                self._thin_out()
        for each in self._hearing:
            each.set()

    @contextmanager
    def heard(self, by: asyncio.Event) -> Iterator[None]:
        """Return a context in which an event of a listener is set whenever there is more."""
        self._hearing.add(by)
        try:
            yield
        finally:
            self._hearing.discard(by)

    def after(self, number: int) -> list[RunEvent]:
        """Return the events that are kept of those after a number."""
        return [event for event in self._events if event.number > number]

    def _thin_out(self) -> None:
        progress = [event.number for event in self._events if event.kind == PROGRESS]
        dropped = set(progress[1:-1:2])
        self._events = [event for event in self._events if event.number not in dropped]
        self._progress -= len(dropped)
