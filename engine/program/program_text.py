"""What is in the text of programs, for us and for their authors: private names, and the lines of errors.

A name of a program that starts with an underscore gets a mark that cannot be typed. So it has private attributes of its
own, and none of ours, nor a name that the policy itself uses, can be written down in it.
"""

from __future__ import annotations

from traceback import walk_tb
from types import FunctionType, MethodType

from ..errors import ProgramFailed, StrategyError
from ..market.indicators import ValueWithSeries
from ..plain_values import printable
from .right_names import error_hint

#: The file name of a program's text in tracebacks.
FILE_NAME = "<program>"
PRIVATE_MARK = "\u2060"

#: The public methods of named tuples, such as klines, which happen to start with an underscore.
NAMED_TUPLE_NAMES = frozenset({"_asdict", "_fields", "_replace"})


def is_special(name: str) -> bool:
    """Tell whether a name both starts and ends with two underscores."""
    return name.startswith("__") and name.endswith("__")


def marked(name: str) -> str:
    """Return the name as it is compiled: private ones with the mark, special ones (which are judged) as they are."""
    if not name.startswith("_") or name == "_" or is_special(name) or name in NAMED_TUPLE_NAMES:
        return name
    return name + PRIVATE_MARK


def readable(text: str) -> str:
    """Return a message without the marks, with names as the program has them."""
    return text.replace(PRIVATE_MARK, "")


def failing_line(error: BaseException) -> int | None:
    """Return the last line of a program's own text that an error passed through, or None."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == FILE_NAME]
    if lines:
        return lines[-1]
    return error.line if isinstance(error, StrategyError) else None


def definition_line(function: object) -> int | None:
    """Return the line on which a program defines a function, or None for what is not in a program's text."""
    inner = function.__func__ if isinstance(function, MethodType) else function
    if not isinstance(inner, FunctionType) or inner.__code__.co_filename != FILE_NAME:
        return None
    return inner.__code__.co_firstlineno


def error_text(error: BaseException) -> str:
    """Return kind, message, hint and line of an error on one line, control characters escaped.

    The text of a program's own error is made by the program: this may raise, or not come back.
    """
    if isinstance(error, ProgramFailed):
        return str(error)
    line = failing_line(error)
    place = "" if line is None else f" (line {line})"
    message, hint = str(error), error_hint(error)
    if hint:
        message = f"{message.replace(ValueWithSeries.__name__, dict.__name__)}; {hint}"
    return f"{printable(readable(f'{type(error).__name__}: {message}'))}{place}"


def shown_text(error: BaseException) -> str:
    """Return the text of an error even where the program's own text of it cannot be had."""
    try:
        return error_text(error)
    except Exception:  # the message of a program's own exception is its own code, too
        line = failing_line(error)
        return f"{type(error).__name__} (its message cannot be shown)" + ("" if line is None else f" (line {line})")
