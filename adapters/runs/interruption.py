"""Ctrl-C, and what else asks a process to end: a run ends with a result up to then, whatever its program is doing."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from .waiting_signals import ENDINGS, is_main_thread, patient_handlers

if TYPE_CHECKING:  # a command that looks at what is missing has to do without it
    from engine import Simulation

#: A program that has not come back after so long is interrupted where it is, and once more after `_STEP_S`.
_PATIENCE_S = 0.25
_STEP_S = 0.1
_MOST_PUSHES = 2

#: What lost an interruption is over after so long.
_MOMENT_S = 0.01

#: Further presses of an impatient user count as one for so long.
_ONE_PRESS_S = 1.0


@contextmanager
def interruptible(whole_process: bool = False) -> Iterator[None]:
    """A context in which everything of `ENDINGS` raises KeyboardInterrupt, as Ctrl-C does.

    What the process was started to ignore (nohup) stays ignored; handlers that are there stay, unless the process is
    there for this alone (`whole_process`). Outside of the main thread the context does nothing.
    """
    if not is_main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDINGS}
    free = [
        number
        for number, handler in before.items()
        if handler is signal.SIG_DFL or (whole_process and handler is not signal.SIG_IGN)
    ]
    with patient_handlers(dict.fromkeys(free, signal.default_int_handler)), _lost_interruptions_come_again():
        yield


@contextmanager
def _lost_interruptions_come_again() -> Iterator[None]:
    """A context in which a KeyboardInterrupt that Python can only report, because it was raised in a destructor or in a
    callback of a weak reference, is not reported but raised again a moment later.
    """
    before = sys.unraisablehook

    def told(lost: sys.UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            threading.Thread(target=_press_again, daemon=True).start()
        else:
            before(lost)

    sys.unraisablehook = told
    try:
        yield
    finally:
        sys.unraisablehook = before


def _press_again() -> None:
    time.sleep(_MOMENT_S)
    number = next((each for each in ENDINGS if callable(signal.getsignal(each))), None)
    if number is not None:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


class Interruption:
    """What becomes of signals in `ended_by_signals`."""

    def __init__(self, last_resort: Callable[[Simulation], None]) -> None:
        self._last_resort = last_resort
        self._simulation: Simulation | None = None
        self._pressed_at: float | None = None
        self._pushes = 0

    def watch(self, simulation: Simulation) -> None:
        """Name the simulation that Ctrl-C ends."""
        self._simulation = simulation

    @contextmanager
    def hearing(self) -> Iterator[None]:
        """A context in which signals come here."""
        heard = [each for each in ENDINGS if each == signal.SIGINT or signal.getsignal(each) != signal.SIG_IGN]
        with patient_handlers({signal.SIGALRM: self._on_alarm, **dict.fromkeys(heard, self._on_press)}):
            try:
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0.0)

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


@contextmanager
def ended_by_signals(last_resort: Callable[[Simulation], None]) -> Iterator[Interruption]:
    """A context in which Ctrl-C, or another of `ENDINGS`, ends the watched simulation before its next event.

    A program that hangs gets a KeyboardInterrupt after a quarter of a second. One that swallows that too cannot be
    left in an orderly way: `last_resort` is called from inside it, with the simulation still running, and must end
    the process. Before a simulation is watched and after it is over, Ctrl-C is a KeyboardInterrupt as ever. Outside
    of the main thread, and where there are no interval timers, the context does nothing.
    """
    interruption = Interruption(last_resort)
    with interruption.hearing() if hasattr(signal, "setitimer") and is_main_thread() else nullcontext():
        yield interruption
