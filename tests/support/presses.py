"""Presses of Ctrl-C at a chosen moment of work with a database."""

from __future__ import annotations

import inspect
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import adapters.database
import adapters.results

ROOM = str(Path(adapters.database.__file__).parent)
ROOMS = (ROOM, str(Path(adapters.results.__file__).parent))

#: Tells of what the interpreter comes to, as a profile function hears of it, whether it is one of the moments.
Moment = Callable[[FrameType, str, object], bool]


def in_the_room(frame: FrameType, event: str, argument: object) -> bool:
    """Whether a function of the room begins or ends."""
    yields = event == "return" and frame.f_code.co_flags & inspect.CO_GENERATOR  # nobody looks for signals then
    return event in ("call", "return") and not yields and frame.f_code.co_filename.startswith(ROOM)


def after_a_statement(frame: FrameType, event: str, argument: object) -> bool:
    """Whether a statement has been executed, of which rows may be left to give."""
    executed = isinstance(getattr(argument, "__self__", None), sqlite3.Connection | sqlite3.Cursor)
    return executed and event == "c_return" and getattr(argument, "__name__", "").startswith("execute")


def at_a_context(frame: FrameType, event: str, argument: object) -> bool:
    """Whether a context that is used in the room, or in that of the results, has just begun or is about to end."""
    if (event, frame.f_code.co_name) not in {("c_return", "__enter__"), ("call", "__exit__")}:
        return False
    return frame.f_back is not None and frame.f_back.f_code.co_filename.startswith(ROOMS)


@contextmanager
def pressing(is_moment: Moment, number: int) -> Iterator[Callable[[], None]]:
    """A context in which Ctrl-C is pressed at the `number`-th of some moments; what it gives puts an end to that."""
    left = number

    def look(frame: FrameType, event: str, argument: object) -> None:
        nonlocal left
        if is_moment(frame, event, argument):
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGINT)

    sys.setprofile(look)
    try:
        yield partial(sys.setprofile, None)
    finally:
        sys.setprofile(None)
