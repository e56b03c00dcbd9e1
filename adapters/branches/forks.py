"""Copies of this process that go on by themselves, and what they come to."""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from engine import SimulationError

from ..runs import WATCHER
from ..sandbox.walls import die_with_parent

_READ_BYTES = 1 << 16


def can_fork() -> bool:
    """Whether this process can be copied safely: on Linux, while no other thread of Python may hold anything."""
    others = [each for each in threading.enumerate() if each is not threading.main_thread() and each.name != WATCHER]
    return sys.platform == "linux" and not others and threading.current_thread() is threading.main_thread()


@dataclass
class _Copy:
    """A copy under way: its number, its process, and what it has sent so far."""

    number: int
    pid: int
    sent: list[bytes] = field(default_factory=list)


class Forks:
    """At most `most` copies of this process at a time; a context, which ends those that are left.

    A copy goes on behind `fork`, hears no Ctrl-C, and must end with `answer`. It ends when this process does.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._copies: dict[int, _Copy] = {}
        self._answers: dict[int, Any] = {}
        #: In a copy where it sends what it has come to; None in the process that was copied.
        self._answer_to: int | None = None
        self._process = os.getpid()

    @property
    def is_copy(self) -> bool:
        """Whether this process is a copy."""
        return self._answer_to is not None

    def fork(self, number: int) -> bool:
        """Copy this process, when there is room; return whether this is the copy. Raises `SimulationError` where the
        machine has no room for one.
        """
        while len(self._copies) >= self._most:
            self._hear()
        end, answer_to = os.pipe()
        try:
            pid = self._forked()
        except OSError as error:
            os.close(end)
            os.close(answer_to)
            raise SimulationError(f"the machine has no room for another copy of the run ({error.strerror})") from error
        if pid == 0:
            os.close(end)
            self._become_copy(answer_to)
            return True
        os.close(answer_to)
        self._copies[end] = _Copy(number, pid)
        return False

    def _forked(self) -> int:
        """Fork; where there is no room, once more when the copies that there are have ended."""
        try:
            return os.fork()
        except OSError:
            if not self._copies:
                raise
            while self._copies:
                self._hear()
            return os.fork()

    def _become_copy(self, answer_to: int) -> None:
        self._answer_to = answer_to
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is copied hears it, and ends this
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for end in self._copies:
            os.close(end)
        self._copies = {}
        try:
            die_with_parent(self._process)
        except OSError:
            os._exit(1)

    def answer(self, value: Any) -> NoReturn:
        """Send what this copy has come to, or why it has not, an exception, and end it at once."""
        assert self._answer_to is not None
        status = 1
        try:
            with os.fdopen(self._answer_to, "wb") as file:
                file.write(_packed(value))
            status = 0
        finally:
            os._exit(status)

    def _hear(self) -> None:
        """Wait until some copy says something, or ends."""
        ready, _, _ = select.select(list(self._copies), [], [])
        for end in ready:
            content = os.read(end, _READ_BYTES)
            if content:
                self._copies[end].sent.append(content)
            else:
                copy = self._copies.pop(end)
                os.close(end)
                self._answers[copy.number] = _answer_of(copy)

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Wait for all copies; yield their numbers in order, each with what it has come to: an exception for one that
        came to nothing.
        """
        while self._copies:
            self._hear()
        yield from sorted(self._answers.items())

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *error: object) -> None:
        for end, copy in self._copies.items():
            os.close(end)
            with suppress(ProcessLookupError):
                os.kill(copy.pid, signal.SIGKILL)
            os.waitpid(copy.pid, 0)
        self._copies = {}


def _packed(value: Any) -> bytes:
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # what a program has left in it may raise anything
        return pickle.dumps(SimulationError(f"what a copy of the run came to cannot be sent: {error}"))


def _answer_of(copy: _Copy) -> Any:
    _, status = os.waitpid(copy.pid, 0)
    if status == 0:
        return pickle.loads(b"".join(copy.sent))
    number = os.waitstatus_to_exitcode(status)
    how = f"was killed ({signal.Signals(-number).name})" if number < 0 else f"ended with status {number}"
    return SimulationError(f"a copy of the run {how}: where memory is short, ask for fewer at a time")
