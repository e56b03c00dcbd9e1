"""Real terminals for tests: what is drawn on one, in this process and by a command."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.commands import ROOT

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Drawn:
    """What has come out of a terminal; `lines` are what stood on it one after another, without colours."""

    def __init__(self) -> None:
        self.raw = b""

    @property
    def lines(self) -> list[str]:
        parts = re.split(r"[\r\n]+", _ESCAPES.sub("", self.raw.decode()))
        return [part.strip() for part in parts if part.strip()]

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)


@contextmanager
def terminal(width: int = 120) -> Iterator[tuple[int, Drawn]]:
    """A context with the descriptor of a terminal, and what is drawn there: whole when the context has ended."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    drawn = Drawn()

    def read() -> None:
        while True:
            try:
                data = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                return
            if not data:
                return
            drawn.raw += data

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield theirs, drawn
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)


@contextmanager
def standard_error_on_a_terminal(width: int = 120) -> Iterator[Drawn]:
    """A context in which standard error of this process is a terminal."""
    before = sys.stderr
    with terminal(width) as (descriptor, drawn):
        sys.stderr = os.fdopen(os.dup(descriptor), "w")
        try:
            yield drawn
        finally:
            sys.stderr.close()
            sys.stderr = before


def on_a_terminal(*arguments: object, width: int = 120) -> tuple[int, Drawn, str]:
    """Run a command whose standard error is a terminal; return its status, that, and its standard output."""
    command = [sys.executable, "-m", "adapters", *map(str, arguments)]
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with terminal(width) as (descriptor, drawn):
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            text=True,
            cwd=ROOT,
            env={**environment, "TERM": "xterm-256color"},
        )
    return done.returncode, drawn, done.stdout
