"""The private names of programs, kept apart from ours.

A name that starts with an underscore gets a mark that cannot be typed. So a program has private attributes of its own,
and none of ours, nor a name that the policy itself uses, can be written down in it.
"""

from __future__ import annotations

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
