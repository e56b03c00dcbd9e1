"""Values of users, whatever they are, as plain JSON that is the same in every run."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Mapping
from collections.abc import Set as AnySet
from numbers import Integral, Real
from typing import Any

import numpy as np

_CONSTANT = frozenset((str, int, float, bool, type(None)))
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+(?=>)")


def plain(value: object) -> Any:
    """Return `value` as None, bool, int, finite float, text, list or dict with text keys.

    A float that JSON does not know becomes its text ("nan"), a set a sorted list, and an object without a text of
    its own the name of its type, never its address.
    """
    if isinstance(value, str):
        return str.__str__(value)  # of a subclass, such as an enum, the text alone
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, (Mapping, list, tuple, AnySet, np.ndarray)):
        return _plain_collection(value)
    if isinstance(value, (Integral, np.bool_)):
        return bool(value) if isinstance(value, np.bool_) else int(value)
    return plain(float(value)) if isinstance(value, Real) else _text(value)


def counted(count: int, what: str, several: str = "") -> str:
    """Return a number of things, as in "1 trial" and "2,000 trials"; `several` is what more of them are called, where
    that is not an s more.
    """
    return f"{count:,} {what if count == 1 else several or f'{what}s'}"


def portable(value: object) -> Any:
    """Return `value` as it can go to any other process: as it is, where it is made of plain values, lists, tuples and
    dicts alone, else as `plain` has it.
    """
    return value if _is_portable(value) else plain(value)


def _is_portable(value: object) -> bool:
    kind = type(value)
    if kind is dict:
        assert isinstance(value, dict)
        return all(type(name) in _CONSTANT and _is_portable(each) for name, each in value.items())
    if kind in (list, tuple):
        assert isinstance(value, (list, tuple))
        return all(map(_is_portable, value))
    return kind in _CONSTANT


def pickling_problem(value: object) -> str | None:
    """Return why a value of a user cannot be pickled, None where it can."""
    try:
        pickle.dumps(value)
    except Exception as error:  # its own methods may raise anything
        return str(error) or type(error).__name__
    return None


def plain_text(value: object) -> str:
    """Return `value` as a text that is the same in every run."""
    return value if isinstance(value, str) else str(plain(value))


def _plain_collection(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    assert isinstance(value, (list, tuple, AnySet))
    entries = [plain(each) for each in value]
    return sorted(entries, key=repr) if isinstance(value, AnySet) else entries


def _text(value: object) -> str:
    if isinstance(value, type):
        return value.__qualname__
    text = str(value)
    return f"<{type(value).__qualname__}>" if " at 0x" in text else text


def printable(text: str, most: int = 2_000) -> str:
    """Return the first `most` characters of a text on one line, with control characters escaped."""
    text = text[:most]
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: object, most: int = 100) -> str:
    """Return a value of a user as a message names it: its representation, on one line, without an address and not
    longer than `most`.
    """
    try:
        text = _ADDRESS.sub("", repr(value))
    except (ValueError, RecursionError):  # of more digits than Python writes, or nested too deeply
        return f"this {type(value).__name__}"
    return printable(text, most) + "..." * (len(text) > most)


def kind_of(value: object) -> str:
    """Return what a value that may be large is, for a message: "a BacktestConfig", "the class Environment"."""
    return f"the class {value.__name__}" if isinstance(value, type) else f"a {type(value).__name__}"


def nests_deeper(value: object, most: int) -> bool:
    """Whether a value holds lists or tables in each other more than `most` levels deep; without recursion."""
    waiting = [(value, 1)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, (Mapping, list, tuple, AnySet)):
            if depth > most:
                return True
            waiting += [(inner, depth + 1) for inner in (each.values() if isinstance(each, Mapping) else each)]
    return False
