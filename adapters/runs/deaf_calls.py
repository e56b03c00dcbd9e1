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

from .waiting_signals import ENDINGS, is_main_thread, patient_handlers, signals_are_noted, signals_noted

logger = logging.getLogger("perpsim.runs")

T = TypeVar("T")

#: A call that has not come back so long after Ctrl-C is cut.
_GRACE_S = 0.3
_LOOK_S = 1.0
_LOOK_AT_THE_END_S = 0.1
_NEVER = float("inf")
#: The thread that watches them: it does nothing for as long as no such call is made.
WATCHER = "perpsim deaf calls"


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
    asked_at: float = _NEVER  # to end

    @property
    def is_too_long(self) -> bool:
        """Whether it is to be cut."""
        return self.patience.is_over or time.monotonic() > self.asked_at + _GRACE_S


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
        threading.Thread(target=self._watch, name=WATCHER, daemon=True).start()

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """A context in which signals are told to the watcher, and to whom they were told before."""
        previous = ours = self._sender.fileno()
        try:
            with signals_noted():
                previous = signal.set_wakeup_fd(ours, warn_on_full_buffer=False)
                if previous != ours:
                    self._chained = previous
            yield
        finally:
            if previous != ours:
                signal.set_wakeup_fd(previous)
                self._chained = -1

    @contextmanager
    def limiting(self, last_s: float) -> Iterator[None]:
        """A context in which a signal leaves only so much time."""
        self.asked_at, self.last_s = _NEVER, last_s
        try:
            yield
        finally:
            self.asked_at = self.last_s = _NEVER

    @contextmanager
    def watching(self, cut: Callable[[], None], patience_s: float) -> Iterator[None]:
        """A context for a call that may be cut; never after it."""
        call = _Call(cut, Patience(patience_s))
        with self._lock:
            self._calls.add(call)
        try:
            if signals_are_noted():  # before the call was there to be cut
                call.asked_at = time.monotonic()
                self._sender.send(b"\0")
            yield
        finally:
            with self._lock:
                self._calls.discard(call)

    def _watch(self) -> None:
        while True:
            is_asked = min(self.asked_at, *(call.asked_at for call in self._going_on()), _NEVER) < _NEVER
            if self._ending(_LOOK_AT_THE_END_S if is_asked else _LOOK_S):
                now = time.monotonic()
                self.asked_at = now if self.last_s < _NEVER else _NEVER
                for call in self._going_on():
                    call.asked_at = min(call.asked_at, now)
            for call in self._going_on():
                if call.is_too_long:
                    self._cut(call)  # again and again: SQLite does not hear it between two rows

    def _ending(self, wait_s: float) -> bool:
        """Wait for signals, or so long; return whether one asks to end."""
        if not select.select([self._receiver], [], [], wait_s)[0]:
            return False
        numbers = self._receiver.recv(64)
        if self._chained != -1:
            with suppress(OSError):  # that end is full or closed: its affair
                os.write(self._chained, numbers)
        return any(number in ENDINGS for number in numbers)

    def _going_on(self) -> list[_Call]:
        with self._lock:
            return list(self._calls)

    def _cut(self, call: _Call) -> None:
        with self._lock:
            if call in self._calls:
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
    if not is_main_thread():
        yield
        return
    with patient_handlers():
        with signals_noted():
            watcher = _watcher()
        limits = nullcontext() if last_s is None else watcher.limiting(last_s)
        with watcher.hearing(), limits:
            yield


@contextmanager
def deaf_call(cut: Callable[[], None], patience_s: float = _NEVER) -> Iterator[None]:
    """A context for one call into a library that hears no signals until it is done.

    `cut` makes the call fail, at once and from another thread. It is called when the call goes on for 0.3 s after
    Ctrl-C, or another signal that asks the process to end, was heard in a context of `hearing`, or goes on for
    `patience_s` in any case; and again until the call is over. What the library calls back meanwhile, such as the codec
    of its error texts, is not interrupted either, because C code may drop the exception: the signal is dealt with when
    the call is over, and a KeyboardInterrupt then takes the place of its error.
    """
    with signals_noted(), _watcher().watching(cut, patience_s):
        yield


def in_another_thread(call: Callable[[], T]) -> T:
    """Return what a call gives or raise what it raises; Ctrl-C is heard meanwhile and leaves the call to itself.

    It is cut as a `deaf_call` is, which is for threads that hear nothing themselves: `TimeoutError` is raised then.
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
    with _watcher().watching(lambda: _fail(future, TimeoutError("timed out")), _NEVER):
        return future.result()  # not inside a library: interrupted at once


def _fail(future: Future[T], error: BaseException) -> None:
    with suppress(InvalidStateError):  # it is over already
        future.set_exception(error)
