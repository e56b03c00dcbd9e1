"""The events of one run: kept so that a client that comes late, or comes back, misses nothing that matters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from ...output import cleaned

PROGRESS = "progress"
LAST_EVENTS = ("complete", "error")

#: More progress events than these are thinned out: every other one of the older ones goes.
MOST_PROGRESS = 1_000

#: A comment is sent when nothing has happened for so long, so that both ends know that the other is there.
_QUIET_S = 10.0


@dataclass(frozen=True, slots=True)
class RunEvent:
    """One event: its number in the run (from 1), its kind, and its data as plain values."""

    number: int
    kind: str
    data: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return it as a server-sent event."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {json.dumps(self.data)}\n\n".encode()


class RunEvents:
    """What has happened in a run so far, and the waiting for more."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self._events: list[RunEvent] = []
        self._number = 0
        self._progress = 0
        self._more = asyncio.Event()

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
        self._events.append(RunEvent(self._number, kind, {"id": self.run_id, **data}))
        if kind == PROGRESS:
            self._progress += 1
            if self._progress > MOST_PROGRESS:
                self._thin_out()
        self._more.set()
        self._more = asyncio.Event()

    def after(self, number: int) -> list[RunEvent]:
        """Return the events that are kept of those after a number."""
        return [event for event in self._events if event.number > number]

    async def stream(self, number: int = 0) -> AsyncIterator[bytes]:
        """Yield every event after a number as bytes, until the last event of the run."""
        while True:
            more = self._more
            for event in self.after(number):
                number = event.number
                yield event.to_bytes()
            if self.is_over:
                return
            try:
                await asyncio.wait_for(more.wait(), _QUIET_S)
            except TimeoutError:
                yield b": still there\n\n"

    def _thin_out(self) -> None:
        progress = [event.number for event in self._events if event.kind == PROGRESS]
        dropped = set(progress[1:-1:2])
        self._events = [event for event in self._events if event.number not in dropped]
        self._progress -= len(dropped)
