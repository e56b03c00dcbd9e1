"""The worker's side of the result pipe: what the program did at each trigger, several triggers to a frame."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from .frame import encode, framed

_MOST_ENTRIES = 256
_MOST_BYTES = 1 << 18
_LONGEST_WAIT_S = 0.05


class Journal:
    """Writes frames to a pipe. Entries wait until there are many, or until some time has passed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: list[bytes] = []
        self._size = 0
        self._written_at = time.monotonic()
        self._is_writing = False
        self.count = 0

    def add(self, entry: Sequence[Any]) -> None:
        """Report one trigger."""
        text = encode(entry)
        self._waiting.append(text)
        self._size += len(text)
        self.count += 1
        late = time.monotonic() - self._written_at > _LONGEST_WAIT_S
        if late or len(self._waiting) >= _MOST_ENTRIES or self._size >= _MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the entries that wait. A timer may call this at any time: within another flush, which waits for a
        parent that is slow to read, it does nothing.
        """
        if self._is_writing:
            return
        self._is_writing = True
        try:
            self._write_waiting()
        finally:
            self._is_writing = False

    def _write_waiting(self) -> None:
        if self._waiting:
            first = self.count - len(self._waiting)
            head = f'{{"kind":"triggers","first":{first},"entries":['.encode()
            self._write(head + b",".join(self._waiting) + b"]}")
            self._waiting, self._size = [], 0
        self._written_at = time.monotonic()

    def send(self, kind: str, **values: Any) -> None:
        """Write a frame of another kind, behind the entries that wait."""
        self.flush()
        self._write(encode({"kind": kind, **values}))

    def _write(self, payload: bytes) -> None:
        view = memoryview(framed(payload))
        while view:
            view = view[os.write(self._descriptor, view) :]
