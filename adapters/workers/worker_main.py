"""The process of a worker: it is sent a setup and arguments, and answers them."""

from __future__ import annotations

import os
import pickle
import select
import shutil
import signal
import threading
import time
import traceback
from contextlib import ExitStack
from multiprocessing.connection import Connection
from typing import Any

from .main_script import MainScript, expect_main
from .sent_objects import as_sendable, mapped, unpacked
from .worker_version import own_version

#: What a parent says: how arguments are answered from now on; an argument.
SETUP, ARGUMENT = b"S", b"A"
#: What a worker says: here I am; what the setup came to; the answer to the argument.
HERE, READY, ANSWER = b"H", b"R", b"A"

#: A worker whose parent is gone has so long to put things in order, twice.
_GRACE_S = 0.4


def work(descriptor: int, folder: str, script: MainScript | None) -> None:
    """Answer the parent at the other end of a socket until it closes that; `folder` is what its workers share."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends its workers
    signal.signal(signal.SIGTERM, _end)
    os.dup2(2, 1)  # what programs print is no output of the parent
    expect_main(script)
    threading.Thread(target=_outlive_nobody, args=(descriptor, folder), daemon=True).start()
    with Connection(descriptor) as parent, ExitStack() as stack:
        worker = _Worker(parent, stack)
        try:
            parent.send_bytes(HERE + own_version().encode())
            while True:
                worker.hear(parent.recv_bytes())
        except (EOFError, ConnectionError):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _end(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _outlive_nobody(descriptor: int, folder: str) -> None:
    """End this process when the parent has closed its end, whatever it is doing; the last ones tidy up."""
    parent, here = os.getppid(), os.getpid()
    closed = select.poll()
    closed.register(descriptor, 0)  # an end that is closed is always told
    while not closed.poll(1_000) and os.getppid() == parent:
        continue
    time.sleep(_GRACE_S / 2)  # who waits for an argument ends by itself
    os.kill(here, signal.SIGTERM)
    time.sleep(_GRACE_S)
    if os.getppid() != parent:
        shutil.rmtree(folder, ignore_errors=True)
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

    def _made_ready(
        self, number: int, path: str, places: list[tuple[int, int]]
    ) -> tuple[int, Exception | None, str | None]:
        self._stack.close()
        self._answer = None
        try:
            *buffers, stream = mapped(path, places)
            self._answer = self._stack.enter_context(unpacked(stream, buffers)())
        except Exception as error:
            return number, as_sendable(error), traceback.format_exc()
        return number, None, None

    def _answered(self, argument: memoryview) -> bytes:
        try:
            return pickle.dumps((self._answer(unpacked(argument)), None), protocol=5)
        except Exception as error:  # whoever submitted it is told
            error.add_note(f"in a worker process:\n{traceback.format_exc()}")
            return pickle.dumps((None, as_sendable(error)))
