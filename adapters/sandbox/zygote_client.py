"""Starting a zygote and asking it for workers."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NamedTuple

from engine import SimulationError

from .walls import ControlGroup, fixed_addresses, jail_problem

#: Finds its modules where this process does: what else a start of Python looks for takes a tenth of the whole start.
_MAIN = """
import site, sys
sys.path[:] = sys.argv[2].split({separator!r})
site.setquit(), site.setcopyright(), site.sethelper()
from adapters.sandbox.zygote import main
main()
"""
_MOST_BYTES = 4_096
_PATIENCE_MS = 5_000


class _Started(NamedTuple):
    process: subprocess.Popen[bytes]
    channel: socket.socket


#: Zygotes that were started before anybody asked for one.
_ahead: list[_Started] = []


class ZygoteClient:
    """A zygote of this process; safe to use from several threads. It starts in the background, and takes at most
    `memory_bytes` together with `workers` of its kind, where the kernel lets it be told so.
    """

    def __init__(self, start_s: float, workers: int, memory_bytes: int) -> None:
        self._lock = threading.Lock()
        self._process, self._channel = _ahead.pop() if _ahead else _start()
        self._channel.settimeout(start_s)
        self._is_ready = False
        self._group = ControlGroup.make(memory_bytes, workers + 1)
        if self._group is not None:
            self._group.add(self._process.pid)

    def fork(self, descriptors: list[int], uid: int) -> tuple[int, int]:
        """Return process id and process descriptor of a new worker that gets these descriptors and, where this process
        is root's, a user id.
        """
        with self._lock:
            self._await_start()
            pid = self._ask({"what": "fork", "uid": uid}, descriptors)["pid"]
            return pid, os.pidfd_open(pid)

    def wait(self, pid: int) -> int:
        """Return the exit status of a worker that has been killed: negative for a signal."""
        with self._lock:
            status: int = self._ask({"what": "wait", "pid": pid})["status"]
        return status

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def _await_start(self) -> None:
        if self._is_ready:
            return
        answer = self._receive()
        if "error" in answer:
            raise SimulationError(f"the sandbox could not be started: {answer['error']}")
        self._is_ready = True

    def _ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any]:
        try:
            socket.send_fds(self._channel, [json.dumps(request).encode()], descriptors or [])
        except OSError as error:
            raise SimulationError(f"the sandbox is gone: {error}") from error
        return self._receive()

    def _receive(self) -> dict[str, Any]:
        try:
            message = self._channel.recv(_MOST_BYTES)
        except TimeoutError:
            raise SimulationError("the sandbox does not answer") from None
        except OSError as error:
            raise SimulationError(f"the sandbox is gone: {error}") from error
        if not message:
            raise SimulationError(f"the sandbox is gone (status {self._process.poll()})")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def close(self) -> None:
        """End the zygote and every worker of it."""
        self._channel.close()
        if not self._is_ready or not _ends(self._process, _PATIENCE_MS):  # it would first see its start through
            self._process.kill()
        self._process.wait()
        if self._group is not None:
            self._group.close()


def start_ahead() -> None:
    """Start the zygote of the next sandbox of this process, while other things are got ready. One that nobody takes
    ends with this process.
    """
    if jail_problem() is None:
        _ahead.append(_start())
        atexit.register(_discard)


def _discard() -> None:
    while _ahead:
        process, channel = _ahead.pop()
        channel.close()
        process.kill()
        process.wait()


def _start() -> _Started:
    channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    main = _MAIN.format(separator=os.pathsep)
    with other, fixed_addresses():
        process = subprocess.Popen(
            [sys.executable, "-S", "-s", "-P", "-B", "-c", main, f"{other.fileno():08}", _path()],
            env={"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[other.fileno()],
            start_new_session=True,
        )
    return _Started(process, channel)


def _ends(process: subprocess.Popen[bytes], patience_ms: int) -> bool:
    """Wait for the end of a process; tell whether it comes in time."""
    if process.poll() is not None:
        return True
    descriptor = os.pidfd_open(process.pid)
    try:
        ended = select.poll()
        ended.register(descriptor, select.POLLIN)
        return bool(ended.poll(patience_ms))
    finally:
        os.close(descriptor)


def _path() -> str:
    """Return where this process finds its modules, without relative places; this project's own comes first."""
    own = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(dict.fromkeys([own, *(each for each in sys.path if os.path.isabs(each))]))
