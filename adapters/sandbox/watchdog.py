"""The watchdog: measures how long a worker takes to answer, interrupts its program, and kills it at last."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from math import inf
from time import monotonic  # as it is before programs are shown another clock

from .job import SandboxLimits

#: After asking a hanging worker where it is, it has so long to write that down.
_DUMP_S = 0.1
_LOOK_S = 0.05


class Watchdog:
    """Watches one worker from a thread of its own; `send` delivers it a signal. `look` is called now and then, and told
    whether the same has been awaited since the last time.

    `begin` starts the time of an answer, which is awaited from there, or from `wait`, up to `waited`. A program that
    is over the limit is interrupted; a worker that has not come back after the grace is asked for its place and killed,
    and `reason` says so then. Only time in which something is awaited counts: all that the worker does before its
    answer. Until the first `begin` the worker gets itself ready, for which it has `start_s`.
    """

    def __init__(self, limits: SandboxLimits, send: Callable[[int], None], look: Callable[[bool], object]) -> None:
        self._limits, self._send, self._look = limits, send, look
        self._steps = [
            (limits.call_s, signal.SIGUSR1),
            (limits.call_s + limits.grace_s, signal.SIGUSR2),
            (limits.call_s + limits.grace_s + _DUMP_S, signal.SIGKILL),
            (inf, signal.SIGKILL),
        ]
        self._step = 0
        self._stuck = self._waited = 0.0
        self._is_ready = False
        #: While something is awaited: since when, and how long it had been before, for this answer and altogether.
        self._awaited: tuple[float, float, float] | None = None
        self.reason: str | None = None
        #: Held while a signal is sent, so that none can come late: in the time of the next answer.
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def begin(self) -> float:
        """Start the time of an answer, await it, and return the present time."""
        self._stuck, self._step, self._is_ready = 0.0, 0, True
        now_s = monotonic()
        self._awaited = now_s, 0.0, self._waited
        return now_s

    def wait(self) -> None:
        """Await something from here on."""
        self._awaited = monotonic(), self._stuck, self._waited

    def waited(self) -> None:
        """Say that it has come."""
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            self.count(monotonic() - awaited[0])

    def count(self, seconds: float) -> None:
        """Count time of the worker in which nothing was awaited of it."""
        self._stuck += seconds
        self._waited += seconds
        if self._stuck > self._limits.call_s or self._waited > self._limits.total_s:
            with self._lock:
                self._act(self._stuck, self._waited)

    def _watch(self) -> None:
        awaited = None
        while not self._is_over.wait(_LOOK_S):
            awaited, before = self._awaited, awaited
            self._look(awaited is not None and awaited is before)
            with self._lock:
                self._check(self._awaited)

    def _check(self, awaited: tuple[float, float, float] | None) -> None:
        if awaited is None:
            return
        since, stuck, waited = awaited
        seconds = monotonic() - since
        if self._awaited is awaited:  # else it has come meanwhile
            self._act(stuck + seconds, waited + seconds)

    def _act(self, stuck_s: float, waited_s: float) -> None:
        """Do what is due."""
        limits = self._limits
        if waited_s > limits.total_s:
            self.kill(f"the program took more than {limits.total_s:g} s altogether")
        elif not self._is_ready:
            if stuck_s > limits.start_s:
                self.kill(f"it was not ready within {limits.start_s:g} s")
        elif stuck_s > self._steps[self._step][0]:
            number = self._steps[self._step][1]
            self._step += 1
            if number == signal.SIGKILL:
                self.kill(f"no answer after {limits.call_s:g} s, and it could not be interrupted")
            else:
                self._send(number)

    def kill(self, reason: str) -> None:
        """Kill the worker for a reason; the first one counts."""
        if self.reason is None:
            self.reason = reason
            self._send(signal.SIGKILL)

    def stop(self) -> None:
        """Look no more. May be called twice."""
        self._is_over.set()
        self._thread.join()
