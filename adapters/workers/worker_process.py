"""One worker process as its parent sees it."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .main_script import MainScript
from .surroundings import worker_environment
from .worker_main import ARGUMENT, END, SETUP, Family

#: Finds its modules where the parent does.
_MAIN = """
import sys
sys.path[:] = {path!r}
from pathlib import PosixPath
from adapters.workers.main_script import MainScript
from adapters.workers.worker_main import Family, work
work({descriptor}, {family})
"""


class WorkerProcess:
    """A fresh interpreter at the other end of a socket; never a fork of the parent, whose threads and locks it must not
    have. It is in a session of its own, so that Ctrl-C in the terminal reaches the parent alone, and ends when the
    parent does. What it answers is read by `hear`, once one of `waited_for` is ready.
    """

    def __init__(
        self, folder: Path, script: MainScript | None, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            family = Family(os.getpid(), folder, script)
            main = _MAIN.format(path=module_path(), descriptor=theirs.fileno(), family=family)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", main],
                env={**worker_environment(), **environment},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        self._exit = os.pidfd_open(self._process.pid) if hasattr(os, "pidfd_open") else None
        #: What is under way there; it is idle with None.
        self.ticket: int | None = None
        #: The number of the last setup that it was sent.
        self.setup = 0
        #: Whether it has said that it is ready for arguments.
        self.is_ready = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def waited_for(self) -> list[Any]:
        """What becomes ready when it has said something, or has ended."""
        return [self._connection] if self._exit is None else [self._connection, self._exit]

    def send_setup(self, number: int, path: Path) -> bool:
        """Say what answers arguments from now on; tell whether there was anybody to hear it."""
        self.setup = number
        return self._send(SETUP + pickle.dumps((number, path)))

    def send_argument(self, ticket: int, argument: bytes) -> bool:
        """Have an argument answered; tell whether there was anybody to hear it."""
        self.ticket = ticket
        return self._send(ARGUMENT + argument)

    def _send(self, message: bytes) -> bool:
        try:
            self._connection.send_bytes(message)
        except OSError:  # it has died
            return False
        return True

    def hear(self) -> bytes | None:
        """Return the next thing that it has said, None when it has died."""
        try:
            return self._connection.recv_bytes() if self._connection.poll() or self._process.poll() is None else None
        except (EOFError, OSError):
            return None

    @property
    def exit_text(self) -> str:
        """How it ended, in words."""
        code = self._process.wait()
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def stop(self) -> None:
        """Ask it to end, whatever it is doing; `end` sees to it that it does."""
        if self.ticket is None:
            self._send(END)
        else:
            self._process.terminate()
        self._connection.close()

    def end(self, patience_s: float) -> None:
        """Wait for its end, and bring it about."""
        try:
            self._process.wait(max(0.0, patience_s))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._exit is not None:
            os.close(self._exit)
            self._exit = None


def module_path() -> list[str]:
    """Return where this process finds its modules; this project's own comes first."""
    own = str(Path(__file__).resolve().parents[2])
    return list(dict.fromkeys([own, *map(os.path.abspath, sys.path)]))
