"""The worker's end of the result pipe."""

from __future__ import annotations

import os
import signal
import threading
import time

from adapters.sandbox.frame import HEADER_BYTES, decode
from adapters.sandbox.journal import Journal
from tests.support.patience import PATIENCE_S


def test_a_timer_within_a_flush_that_waits_for_a_slow_reader_tears_no_frame() -> None:
    source, target = os.pipe()
    received = bytearray()
    done = threading.Event()
    rings: list[int] = []

    def read_slowly() -> None:
        """Take a little after each ring of the timer, so that every ring finds the pipe full."""
        while content := os.read(source, 8_192):
            received.extend(content)
            heard, deadline = len(rings), time.monotonic() + PATIENCE_S
            while len(rings) == heard and not done.is_set() and time.monotonic() < deadline:
                time.sleep(0.001)

    def ring(number: int, frame: object) -> None:
        rings.append(number)
        journal.flush()

    reader = threading.Thread(target=read_slowly)
    reader.start()
    journal = Journal(target)
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        for place in range(400):
            journal.add([place, "x" * 5_000])
        journal.send("end", count=journal.count)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        done.set()
        signal.signal(signal.SIGALRM, before)
        os.close(target)
        reader.join()
        os.close(source)
    entries = []
    while received:
        end = HEADER_BYTES + int.from_bytes(received[:HEADER_BYTES], "little")
        entries += decode(received[HEADER_BYTES:end]).get("entries", ["end"])
        del received[:end]
    assert [each if isinstance(each, str) else each[0] for each in entries] == [*range(400), "end"]


def test_a_journal_writes_what_waits(tmp_path):
    with open(tmp_path / "journal", "wb") as file:
        journal = Journal(file.fileno())
        for number in range(300):
            journal.add([number])
        journal.send("end", count=journal.count)
    content, frames = (tmp_path / "journal").read_bytes(), []
    while content:
        size = int.from_bytes(content[:4], "little")
        frames.append(decode(content[4 : 4 + size]))
        content = content[4 + size :]
    assert [entry for frame in frames[:-1] for entry in frame["entries"]] == [[number] for number in range(300)]
    assert frames[-1] == {"kind": "end", "count": 300}
