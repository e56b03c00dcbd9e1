"""Loading what a program imports before it runs: what a module does when it is loaded is not the program's doing."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from types import CodeType

from .. import is_importable


def load_imports(code: CodeType) -> None:
    """Load what a program imports of what `is_importable`, where it can be had.

    Some modules draw random numbers when they are loaded (`numpy.random`, `multiprocessing`): where that happened in
    the program's own simulated world it would find other numbers than where they are loaded already.
    """
    for name in _imported(code):
        if is_importable(name.partition(".")[0]):
            with suppress(Exception):  # the program's own import says what is wrong
                import_module(name)


def _imported(code: CodeType) -> Iterator[str]:
    """Return the names of modules that a code imports, and the codes in it."""
    for each in dis.get_instructions(code):
        if each.opname == "IMPORT_NAME":
            yield each.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _imported(constant)
