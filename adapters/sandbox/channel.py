"""A worker's side of its pipes: what the parent says, and what is answered."""

from __future__ import annotations

import marshal
import os
from typing import Any

from .frame import AGAIN_FRAME, EMPTY_FRAME, HEADER_BYTES, INSTANT, INSTANT_BYTES, QUICK_READ_BYTES, encode, framed

_READ_BYTES = 1 << 16


class Channel:
    """Reads messages from one pipe and writes frames to another; both wait for the parent."""

    def __init__(self, requests: int, results: int) -> None:
        self._requests, self._results = requests, results
        self._buffer = b""

    def receive_bytes(self) -> bytes | None:
        """Return the next message as it is; None when the parent has closed the pipe."""
        content = self._buffer or os.read(self._requests, _READ_BYTES)
        while len(content) < (end := _end_of_first(content)):
            more = os.read(self._requests, _READ_BYTES)
            if not more:
                return None
            content += more
        self._buffer = content[end:]
        return content[HEADER_BYTES:end]

    def receive(self) -> Any:
        """Return the next message: a tuple of plain values whose first says what it is, or the instant that stands for
        a question; None at the end.
        """
        if not self._buffer:
            content = os.read(self._requests, QUICK_READ_BYTES)
            if len(content) == INSTANT.size:  # nearly all are
                size, at = INSTANT.unpack(content)
                if size == INSTANT_BYTES:
                    return at
            self._buffer = content
        message = self.receive_bytes()
        if message is not None and len(message) == INSTANT_BYTES:  # behind another message
            return int.from_bytes(message, "little", signed=True)
        return None if message is None else marshal.loads(message)  # of the parent, who is believed

    def send(self, kind: str, **values: Any) -> None:
        """Write a frame."""
        self._write(encode({"kind": kind, **values}))

    def send_nothing(self) -> None:
        """Write the frame that says that nothing was decided and nothing else happened."""
        os.write(self._results, EMPTY_FRAME)

    def send_again(self) -> None:
        """Write the frame that says that nothing was decided and the same asked again."""
        os.write(self._results, AGAIN_FRAME)

    def _write(self, payload: bytes) -> None:
        view = memoryview(framed(payload))
        while view:
            view = view[os.write(self._results, view) :]


def _end_of_first(content: bytes) -> int:
    """Return where the first message ends, as far as its length has been read."""
    whole = len(content) >= HEADER_BYTES
    return HEADER_BYTES + (int.from_bytes(content[:HEADER_BYTES], "little") if whole else 0)
