"""The process of a worker: it is sent a setup and arguments, and answers them."""

from __future__ import annotations

import gc
import os
import pickle
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from .main_script import MainScript, expect_main
from .mapped_files import read_object
from .sent_objects import as_sendable, unpacked
from .shared_columns import share_columns
from .worker_version import own_version

#: What a parent says: how arguments are answered from now on; an argument; that this is the end.
SETUP, ARGUMENT, END = b"S", b"A", b"E"
#: What a worker says: here I am; what the setup came to; the answer to the argument.
HERE, READY, ANSWER = b"H", b"R", b"A"

#: A worker whose parent has closed its end finds out within so long whether that is gone (a parent that is not ends its
#: workers sooner), and then has so long to end.
_PARTING_S = 3.0
_GRACE_S = 0.4


class Family(NamedTuple):
    """The process that started a worker, the folder that its workers share, and the script that it runs."""

    parent: int
    folder: Path
    script: MainScript | None

    def outlived(self) -> None:
        """Remove the folder if the parent is gone, or goes within a moment: then nobody else does."""
        until = time.monotonic() + _PARTING_S
        while os.getppid() == self.parent and time.monotonic() < until:
            time.sleep(0.01)
        until = time.monotonic() + _PARTING_S
        while os.getppid() != self.parent and self.folder.exists() and time.monotonic() < until:
            shutil.rmtree(self.folder, ignore_errors=True)  # it stays while another still leaves something there


def work(descriptor: int, family: Family) -> None:
    """Answer the parent at the other end of a socket until it closes that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends its workers
    signal.signal(signal.SIGTERM, _end)
    os.dup2(2, 1)  # what programs print is no output of the parent
    tempfile.tempdir = str(family.folder)  # what a worker that is killed leaves there goes with the folder
    expect_main(family.script)
    threading.Thread(target=_outlive_nobody, args=(descriptor, family), daemon=True).start()
    with Connection(descriptor) as parent, ExitStack() as stack:
        worker = _Worker(parent, stack)
        try:
            parent.send_bytes(HERE + own_version().encode())
            while (message := parent.recv_bytes()) != END:
                worker.hear(message)
        except (EOFError, ConnectionError):
            family.outlived()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


class _Ending(SystemExit):
    """The worker is told to end: no exit of what it runs."""


def _end(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # where nothing can be raised, as in a callback of an import, nothing is said either: the parent kills it then
    sys.unraisablehook = lambda what: None
    raise _Ending(0)


def _outlive_nobody(descriptor: int, family: Family) -> None:
    """End this process when the parent has closed its end, whatever it is doing."""
    here = os.getpid()
    closed = select.poll()
    closed.register(descriptor, 0)  # an end that is closed is always told
    while not closed.poll(1_000) and os.getppid() == family.parent:
        continue
    family.outlived()
    os.kill(here, signal.SIGTERM)
    time.sleep(_GRACE_S)
    os.kill(here, signal.SIGKILL)


class _Worker:
    def __init__(self, parent: Connection, stack: ExitStack) -> None:
        self._parent, self._stack = parent, stack
        self._answer: Any = None

    def hear(self, message: bytes) -> None:
        """Do what the parent says and tell it what that came to."""
        if message[:1] == SETUP:
            self._parent.send_bytes(READY + pickle.dumps(self._made_ready(*pickle.loads(message[1:]))))
        else:
            self._parent.send_bytes(ANSWER + self._answered(memoryview(message)[1:]))

    def _made_ready(self, number: int, path: Path) -> tuple[int, Exception | None, str | None]:
        self._stack.close()
        self._answer = None
        share_columns(path.parent, number)
        try:
            self._answer = self._stack.enter_context(read_object(path)())
        except _Ending:
            raise
        except BaseException as error:  # Ctrl-C is ignored here, and exits are those of what is run
            return number, as_sendable(error), traceback.format_exc()
        gc.collect()
        gc.freeze()  # what is there now stays: no collection looks through it again
        return number, None, None

    def _answered(self, argument: memoryview) -> bytes:
        try:
            return pickle.dumps((self._answer(unpacked(argument)), None), protocol=5)
        except _Ending:
            raise
        except BaseException as error:  # whoever submitted it is told
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            return pickle.dumps((None, as_sendable(error)))
