"""The watchdog: measures how long a worker takes to answer, interrupts its program, and kills it at last."""

from __future__ import annotations

import signal
from collections.abc import Callable
from math import inf

from .job import SandboxLimits

#: After asking a hanging worker where it is, it has so long to write that down.
_DUMP_S = 0.1


class Watchdog:
    """Watches one worker; `send` delivers it a signal.

    `begin` starts the time of an answer, `check` is called again and again while it is awaited. A program that is over
    the limit is interrupted; a worker that has not come back after the grace is asked for its place and killed, and
    `reason` says so then. Only time in which something is awaited counts: all that the worker does before its answer.
    Until the first `begin` the worker gets itself ready, for which it has `start_s`.
    """

    def __init__(self, limits: SandboxLimits, send: Callable[[int], None]) -> None:
        self._limits, self._send = limits, send
        self._stuck = 0.0
        self._steps = [
            (limits.call_s, signal.SIGUSR1),
            (limits.call_s + limits.grace_s, signal.SIGUSR2),
            (limits.call_s + limits.grace_s + _DUMP_S, signal.SIGKILL),
        ]
        self._step = 0
        self._next_s = limits.start_s
        self._waited = 0.0
        self._is_ready = False
        self.reason: str | None = None

    def begin(self) -> None:
        """Start the time of an answer."""
        self._stuck, self._step, self._next_s, self._is_ready = 0.0, 0, self._limits.call_s, True

    def check(self, waited_s: float) -> None:
        """Look at the worker after waiting `waited_s` for it since the last look."""
        self._waited += waited_s
        self._stuck += waited_s
        if self._stuck > self._next_s or self._waited > self._limits.total_s:
            self._act()

    def _act(self) -> None:
        """Do what is due."""
        if self._waited > self._limits.total_s:
            self.kill(f"the program took more than {self._limits.total_s:g} s altogether")
        elif not self._is_ready:
            self.kill(f"it was not ready within {self._limits.start_s:g} s")
        else:
            _, number = self._steps[self._step]
            self._step += 1
            self._next_s = self._steps[self._step][0] if self._step < len(self._steps) else inf
            if number == signal.SIGKILL:
                self.kill(f"no answer after {self._limits.call_s:g} s, and it could not be interrupted")
            else:
                self._send(number)

    def kill(self, reason: str) -> None:
        """Kill the worker for a reason; the first one counts."""
        if self.reason is None:
            self.reason = reason
            self._send(signal.SIGKILL)
