"""What asks a process to end, and handlers for it that do not raise where an exception would be lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import FrameType, MappingProxyType

#: What asks a process to end: Ctrl-C, a plain kill or a system that goes down, a terminal that is closed. Not every
#: system has them all.
ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

#: What has handlers that raise: those, and the timer by which an `Interruption` reaches a program that hangs.
_RAISING = (*ENDINGS, *([signal.SIGALRM] if hasattr(signal, "SIGALRM") else []))

Handler = Callable[[int, FrameType | None], object]


class _Waiting:
    """In how many contexts the main thread is in which no handler may raise, and what waits for their end.

    Only the main thread changes it: the handlers of signals run there. `depth` is changed in place and not by a method,
    because Python looks for signals whenever a function begins.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.noted: dict[int, Callable[[], object]] = {}

    def settle(self) -> None:
        """Handle what has been noted, all of it even if one raises; nothing inside of a context."""
        numbers = () if self.depth else tuple(self.noted)
        if numbers:
            handle = self.noted.pop(numbers[0], lambda: None)  # another one may have come just now, and settled it
            try:
                handle()
            finally:
                self.settle()


_waiting = _Waiting()

#: What stood there before each of the contexts that the main thread is in.
_layers: dict[object, Mapping[signal.Signals, signal._HANDLER]] = {}


class _Patient:
    """A handler that waits for the end of the context that the main thread is in; like a system, it notes each signal
    once.
    """

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal, now or then."""
        _waiting.noted[number] = partial(self._handler, number, frame)
        _waiting.settle()


def is_main_thread() -> bool:
    """Whether this is the thread in which the handlers of signals run and can be set."""
    return threading.current_thread() is threading.main_thread()


@contextmanager
def patient_handlers(wanted: Mapping[signal.Signals, Handler] = MappingProxyType({})) -> Iterator[None]:
    """A context with these handlers, and those of Python's that are there for other endings, made patient.

    At its end those before are put back, whatever comes meanwhile. What is none of Python's stays: it could not be put
    back. For the main thread.
    """
    there = {number: signal.getsignal(number) for number in _RAISING}
    patient = {number: _made_patient(wanted.get(number, handler)) for number, handler in there.items()}
    before = {number: there[number] for number, made in patient.items() if made is not there[number] is not None}
    layer = object()
    try:
        _layers[layer] = before
        for number in before:
            signal.signal(number, patient[number])
        yield
    finally:
        _waiting.depth += 1
        try:
            _put_back(_before(layer))
        finally:
            _waiting.depth -= 1
            _waiting.settle()


def _before(layer: object) -> Mapping[signal.Signals, signal._HANDLER]:
    """Return what stood there before a context, which is over now, as are those inside of it: a signal may have come
    just when one of them was to end.
    """
    handlers: dict[signal.Signals, signal._HANDLER] = {}
    while layer in _layers:
        handlers.update(_layers.popitem()[1])
    return handlers


def _made_patient(handler: signal._HANDLER) -> signal._HANDLER:
    return _Patient(handler) if callable(handler) and not isinstance(handler, _Patient) else handler


def _put_back(before: Mapping[signal.Signals, signal._HANDLER]) -> None:
    """Set handlers; once the first is, a signal may raise here, and it does so when all are."""
    try:
        for number, handler in before.items():
            signal.signal(number, handler)
    except BaseException:
        _put_back(before)
        raise


@contextmanager
def signals_noted() -> Iterator[None]:
    """A context in which patient handlers only note their signals; they are handled at its end, however it ends.

    What they raise then takes the place of what the context has raised. In other threads it does nothing.
    """
    if not is_main_thread():
        yield
        return
    _waiting.depth += 1
    try:
        yield
    finally:
        _waiting.depth -= 1
        _waiting.settle()


def signals_are_noted() -> bool:
    """Whether the main thread, if this is it, has noted signals that it has not handled yet."""
    return bool(_waiting.noted) and is_main_thread()


@contextmanager
def signals_waiting() -> Iterator[None]:
    """A context at whose end the signals that ask the process for an end are handled, and not before.

    It is for code that would take their exception for one of its own. In other threads it does nothing.
    """
    if not is_main_thread():
        yield
        return
    with patient_handlers(), signals_noted():
        yield
