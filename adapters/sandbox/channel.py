"""A worker's side of its pipes: what the parent says, and what is answered."""

from __future__ import annotations

import marshal
import os
from typing import Any

from .frame import HEADER_BYTES, encode, framed


class Channel:
    """Reads messages from one pipe and writes frames to another; both wait for the parent."""

    def __init__(self, requests: int, results: int) -> None:
        self._requests, self._results = requests, results

    def receive_bytes(self) -> bytes | None:
        """Return the next message as it is; None when the parent has closed the pipe."""
        head = self._read(HEADER_BYTES)
        return None if head is None else self._read(int.from_bytes(head, "little"))

    def receive(self) -> Any:
        """Return the next message: a tuple of plain values whose first says what it is; None at the end."""
        content = self.receive_bytes()
        return None if content is None else marshal.loads(content)  # of the parent, who is believed

    def _read(self, size: int) -> bytes | None:
        content = os.read(self._requests, size)
        while len(content) < size:
            more = os.read(self._requests, size - len(content))
            if not more:
                return None
            content += more
        return content

    def send(self, kind: str, **values: Any) -> None:
        """Write a frame."""
        self._write(encode({"kind": kind, **values}))

    def send_nothing(self) -> None:
        """Write the frame that says that nothing was decided and nothing else happened."""
        self._write(b"")

    def _write(self, payload: bytes) -> None:
        view = memoryview(framed(payload))
        while view:
            view = view[os.write(self._results, view) :]
