"""Ctrl-C, and what else asks a process to end: a run ends with a result up to then, whatever its program is doing."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine import Simulation

#: What asks a process to end: Ctrl-C, a plain kill or a system that goes down, a terminal that is closed. Not every
#: system has them all.
ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

#: A program that has not come back after so long is interrupted where it is, and once more after `_STEP_S`.
_PATIENCE_S = 0.25
_STEP_S = 0.1
_MOST_PUSHES = 2

#: Further presses of an impatient user count as one for so long.
_ONE_PRESS_S = 1.0


@contextmanager
def interruptible() -> Iterator[None]:
    """A context in which everything of `ENDINGS` raises KeyboardInterrupt, as Ctrl-C does.

    What the process was started to ignore (nohup) stays ignored. Outside of the main thread the context does nothing.
    """
    here = threading.current_thread() is threading.main_thread()
    chosen = [number for number in ENDINGS if here and signal.getsignal(number) is signal.SIG_DFL]
    for number in chosen:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in chosen:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def signals_waiting() -> Iterator[None]:
    """A context at whose end the signals that ask this thread for an end are delivered, and not before."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Interruption:
    """A context in which Ctrl-C, or another of `ENDINGS`, ends the watched simulation before its next event.

    A program that hangs gets a KeyboardInterrupt after a quarter of a second. One that swallows that too cannot be
    left in an orderly way: `last_resort` is called from inside it, with the simulation still running, and must end
    the process. Before a simulation is watched and after it is over, Ctrl-C is a KeyboardInterrupt as ever. Outside
    of the main thread, and where there are no interval timers, the context does nothing.
    """

    def __init__(self, last_resort: Callable[[Simulation], None]) -> None:
        self._last_resort = last_resort
        self._simulation: Simulation | None = None
        self._pressed_at: float | None = None
        self._pushes = 0
        self._previous: dict[int, signal._HANDLER] = {}

    def watch(self, simulation: Simulation) -> None:
        """Name the simulation that Ctrl-C ends."""
        self._simulation = simulation

    def __enter__(self) -> Interruption:
        if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
            self._previous[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
            for number in ENDINGS:
                if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
                    self._previous[number] = signal.signal(number, self._on_press)
        return self

    def __exit__(self, *error: object) -> None:
        if self._previous:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _on_press(self, number: int, frame: object) -> None:
        simulation, now = self._simulation, time.monotonic()
        if self._pressed_at is not None and now < self._pressed_at + _ONE_PRESS_S:
            return
        if simulation is None or simulation.is_over:
            raise KeyboardInterrupt
        if self._pressed_at is None:
            self._pressed_at = now
            simulation.interrupt()
            signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S, _STEP_S)

    def _on_alarm(self, number: int, frame: object) -> None:
        simulation = self._simulation
        if simulation is None or simulation.is_over:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            return
        self._pushes += 1
        if self._pushes <= _MOST_PUSHES:
            raise KeyboardInterrupt
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        self._last_resort(simulation)
