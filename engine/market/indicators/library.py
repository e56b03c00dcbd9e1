"""TA-Lib, loaded without the libraries of tables that it brings along wherever they are installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import get_ident
from typing import Any

_NAME = "talib"
_TABLES = ("pandas", "polars")


@cache
def ta_lib() -> Any:
    """Return TA-Lib's functions of columns, loaded when they are first asked for.

    Without pandas, and the pyarrow that comes with it, that takes a hundredth of a second instead of a third. Whoever
    imports `talib` afterwards gets it anew, with functions that take tables; one that was there before is used.
    """
    was_there = _NAME in sys.modules
    with tables_unseen():
        import talib
    if not was_there and not any(name in sys.modules for name in _TABLES):
        sys.modules.pop(_NAME, None)
    return talib


@contextmanager
def tables_unseen() -> Iterator[None]:
    """A context in which this thread finds no library of tables but those that are loaded already: what does without
    them where they are not installed leaves them alone.
    """
    finder = _Unseen()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        finder.forget()


class _Unseen:
    # it takes no base class: importlib.abc brings a dozen modules about files along
    def __init__(self) -> None:
        self._thread = get_ident()
        self._raised: list[ModuleNotFoundError] = []

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Raise `ModuleNotFoundError` for a library of tables, in the thread that this was made in."""
        if fullname in _TABLES and get_ident() == self._thread:
            self._raised.append(ModuleNotFoundError(f"No module named {fullname!r}", name=fullname))
            raise self._raised[-1]

    def forget(self) -> None:
        """Let go of where it was asked: a compiled library keeps what it has caught, and all that was in use then."""
        for error in self._raised:
            error.__traceback__ = None
