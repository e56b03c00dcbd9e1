"""Calls into libraries that do not come back for Ctrl-C: they are cut from outside, or made in another thread."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TypeVar

from .interruption import ENDINGS

logger = logging.getLogger("perpsim.runs")

T = TypeVar("T")

#: A call that has not come back so long after Ctrl-C is cut.
_GRACE_S = 0.3
_LOOK_S = 1.0
_LOOK_AT_THE_END_S = 0.1
_NEVER = float("inf")


class Patience:
    """How long something may take, from now on: so many seconds, and fewer where `hearing` says so after Ctrl-C."""

    def __init__(self, seconds: float) -> None:
        self._began, self._seconds = time.monotonic(), seconds

    @property
    def is_over(self) -> bool:
        """Whether it has taken longer."""
        watcher = _watcher()
        last = max(self._began, watcher.asked_at) + watcher.last_s
        return time.monotonic() > min(self._began + self._seconds, last)


@dataclass(eq=False)
class _Call:
    cut: Callable[[], None]
    patience: Patience
    cut_by: int | None = None  # the signal for which it was cut


class _Watcher:
    """A thread that learns of a signal while the main thread cannot, and cuts what was going on then and still is."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # also for what the garbage collector ends meanwhile
        self._calls: set[_Call] = set()
        self._receiver, self._sender = socket.socketpair()
        self._sender.setblocking(False)
        self._chained = -1
        self.asked_at = _NEVER  # to end
        self.last_s = _NEVER  # may be taken for each thing from then on
        threading.Thread(target=self._watch, name="perpsim deaf calls", daemon=True).start()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """A context in which signals are told to the watcher, and to whom they were told before."""
        previous = signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        is_ours = previous == self._sender.fileno()
        if not is_ours:
            self._chained = previous
        try:
            yield
        finally:
            if not is_ours:
                signal.set_wakeup_fd(previous)
                self._chained = -1

    @contextmanager
    def limiting(self, last_s: float) -> Iterator[None]:
        """A context in which a signal leaves only so much time."""
        self.last_s = last_s
        try:
            yield
        finally:
            self.asked_at = self.last_s = _NEVER

    @contextmanager
    def watching(self, call: _Call) -> Iterator[None]:
        """A context in which a call may be cut; never after it."""
        with self._lock:
            self._calls.add(call)
        try:
            yield
        finally:
            with self._lock:
                self._calls.discard(call)

    def _watch(self) -> None:
        while True:
            number = self._ending(_LOOK_S if self.asked_at == _NEVER else _LOOK_AT_THE_END_S)
            going_on = self._going_on()
            if number is not None:
                self.asked_at = time.monotonic() if self.last_s < _NEVER else _NEVER
                self._ending(_GRACE_S)
                self._cut(going_on, number)
            self._cut([call for call in self._going_on() if call.patience.is_over], None)

    def _ending(self, wait_s: float) -> int | None:
        """Wait for signals, or so long; return one that asks to end."""
        if not select.select([self._receiver], [], [], wait_s)[0]:
            return None
        numbers = self._receiver.recv(64)
        if self._chained != -1:
            with suppress(OSError):  # that end is full or closed: its affair
                os.write(self._chained, numbers)
        return next((number for number in numbers if number in ENDINGS), None)

    def _going_on(self) -> list[_Call]:
        with self._lock:
            return list(self._calls)

    def _cut(self, calls: list[_Call], number: int | None) -> None:
        for call in calls:
            with self._lock:
                if call in self._calls:
                    call.cut_by = call.cut_by or number
                    try:
                        call.cut()
                    except Exception as error:  # what it was a call to is closed: it is over
                        logger.info("a call could not be cut: %s", error)
                        self._calls.discard(call)


_made: list[_Watcher] = []
_making = threading.RLock()  # also for whoever interrupts whom it serves


def _watcher() -> _Watcher:
    with _making:
        if not _made:
            _made.append(_Watcher())
        return _made[0]


@contextmanager
def hearing(last_s: float | None = None) -> Iterator[None]:
    """A context in whose `deaf_call`s, in any thread, Ctrl-C is heard; outside of the main thread it does nothing.

    With `last_s` nothing takes longer than so many seconds once Ctrl-C was heard, also what is begun after that.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    limits = nullcontext() if last_s is None else _watcher().limiting(last_s)
    with _watcher().hearing(), limits:
        yield


@contextmanager
def deaf_call(cut: Callable[[], None], patience_s: float = _NEVER) -> Iterator[None]:
    """A context for one call into a library that runs no Python code until it is done.

    `cut` makes the call fail, at once and from another thread. It is called when the call goes on for 0.3 s after
    Ctrl-C, or another signal that asks the process to end, was heard in a context of `hearing`, or goes on for
    `patience_s` in any case. The signal itself is dealt with as soon as the call has failed.
    """
    call = _Call(cut, Patience(patience_s))
    try:
        with _watcher().watching(call):
            yield
    except Exception:
        _hear_again(call.cut_by)
        raise


def _hear_again(number: int | None) -> None:
    """Deal with a signal once more: a library may have lost the KeyboardInterrupt while it made up its error."""
    handler = None if number is None else signal.getsignal(number)
    if number is not None and callable(handler) and threading.current_thread() is threading.main_thread():
        handler(number, None)


def in_another_thread(call: Callable[[], T]) -> T:
    """Return what a call gives or raise what it raises; Ctrl-C is heard meanwhile and leaves the call to itself.

    It is a `deaf_call`: when it is cut, which is for threads that hear nothing themselves, `TimeoutError` is raised.
    """
    future: Future[T] = Future()

    def work() -> None:
        try:
            answer = call()
        except BaseException as error:
            _fail(future, error)
        else:
            with suppress(InvalidStateError):  # nobody waits for it any more
                future.set_result(answer)

    threading.Thread(target=work, name="perpsim deaf call", daemon=True).start()
    with deaf_call(lambda: _fail(future, TimeoutError("timed out"))):
        return future.result()


def _fail(future: Future[T], error: BaseException) -> None:
    with suppress(InvalidStateError):  # it is over already
        future.set_exception(error)
