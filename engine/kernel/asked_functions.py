"""Functions that are asked while a run goes on, and how one of a user's that does it wrong is told."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, isnan
from numbers import Integral, Real
from typing import Any, TypeVar

from ..errors import ProcessFailed
from ..plain_values import shown
from .user_processes import error_text, failed, line_within, place_text

T = TypeVar("T")


class AskedFunctions(list[T]):
    """A list of functions, each asked in turn; empty where nothing is changed. It is known as `name`, they are called
    with `asked`, and what they answer `fits`, which `answer` says in words.
    """

    def __init__(self, name: str, asked: str, answer: str, fits: Callable[[Any], bool]) -> None:
        super().__init__()
        self.name, self.asked, self.answer, self.fits = name, asked, answer, fits


def watched(of: str, function: Any, functions: Any, now: Callable[[], int]) -> Any:
    """Return a function of a user's as one that raises `ProcessFailed`, with the name of what it is part of, the
    user's line and the time, where it raises or where it answers what a list of `AskedFunctions` cannot take.
    """
    place = functions if isinstance(functions, AskedFunctions) else None
    if not callable(function):
        asked = "" if place is None else f" as {place.name} asks it, {place.asked}"
        raise failed(of, now(), f"{shown(function)} is no function{asked}", what="")

    def ask(*args: Any) -> Any:
        try:
            answer = function(*args)
        except Exception as error:
            failure = own_failure(of, now(), error, function, __file__)
            if place is not None and isinstance(error, TypeError) and not line_within(error.__traceback__, __file__):
                failure = ProcessFailed(f"{failure.problem}; {place.name} asks with {place.asked}", of, now())
            if failure is error:
                raise
            raise failure from error
        if place is not None and not place.fits(answer):
            problem = f"it has answered {shown(answer)} to {place.name}, which takes {place.answer}"
            raise failed(of, now(), problem, _line_of(function), what="")
        return answer

    return ask


def own_failure(of: str, now_ms: int, error: Exception, function: object, asked_in: str) -> ProcessFailed:
    """Return how an exception that a function of a user's has raised, known as `of`, is told: with the time and the
    user's line. Code in the file `asked_in` has called it.
    """
    if isinstance(error, ProcessFailed):
        return error
    line = line_within(error.__traceback__, asked_in) or _line_of(function)
    return failed(of, now_ms, error_text(of, error), line, what="")


def _line_of(function: Any) -> str:
    """Return where a function is written."""
    code = getattr(getattr(function, "func", function), "__code__", None)
    return "" if code is None else place_text(code.co_filename, code.co_firstlineno)


def is_percent(value: Any) -> bool:
    """Whether it is a finite number."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def is_price(value: Any) -> bool:
    """Whether it is a finite number above 0."""
    return is_percent(value) and value > 0.0


def is_volume(value: Any) -> bool:
    """Whether it is a number from 0 on; as much as one likes is one, too."""
    return isinstance(value, Real) and not isinstance(value, bool) and not isnan(value) and float(value) >= 0.0


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, such as an instant in epoch ms."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_length(value: Any) -> bool:
    """Whether it is a whole number of milliseconds, 0 or more."""
    return is_whole(value) and value >= 0


def is_reason(value: Any) -> bool:
    """Whether it is a text, or None."""
    return value is None or isinstance(value, str)


def is_instant_or_none(value: Any) -> bool:
    """Whether it is an instant in epoch ms, or None."""
    return value is None or is_whole(value)
