"""What a program may import: loaded before the jail closes, because afterwards no file can be read.

A program's text is searched for names and never parsed here: this runs before the walls are up.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import stat
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from importlib.machinery import BuiltinImporter, FrozenImporter
from types import ModuleType
from typing import NoReturn

from engine import ActionType, Decision, MarketData, Strategy
from engine.market.indicators import tables_unseen
from engine.program import LIBRARIES

#: Modules of the standard library that do something at once, show windows, or are about this interpreter's own tests.
_LEFT_OUT = frozenset(
    "antigravity ensurepip idlelib lib2to3 msilib nt pip sitecustomize test this tkinter turtle turtledemo "
    "usercustomize venv winreg winsound __main__".split()
)
#: What the standard library loads when a function of it is called, by the module that does.
_LATE = {
    "datetime": ("_strptime",),
    "time": ("_strptime",),
    "json": ("json.decoder", "json.encoder"),
    "decimal": ("_decimal",),
    "random": ("bisect",),
    "re": ("copy",),
    "typing": ("annotationlib", "inspect"),
    "dataclasses": ("copy", "inspect"),
    "logging": ("logging.handlers", "traceback", "linecache"),
    "zoneinfo": ("zoneinfo._common", "zoneinfo._tzpath", "importlib.resources"),
    "statistics": ("fractions", "numbers"),
    "numpy": ("numpy.fft", "numpy.linalg", "numpy.ma", "numpy.polynomial", "numpy.random", "numpy.testing"),
    "pandas": ("numpy.random", "numpy.ma", "_strptime", "zoneinfo", "unicodedata"),
}
#: Of these libraries every module below is loaded: they load their own as they need them.
_WHOLE = ("pandas.core", "pandas.io.formats", "pandas.arrays", "pandas.tseries", "pandas.compat")
#: The package of ours as users import it.
_OURS = "perpsim"
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ZONE = re.compile(r"[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_/]+)?")
_MOST_ZONES = 200


def can_anybody_read() -> bool:
    """Tell whether a user without rights can read what is installed: not where it lies in the home of root, say."""
    paths = [each for each in sys.path if os.path.isabs(each) and os.path.isdir(each)]
    folders = {folder for path in paths for folder in _up_to_the_root(path)}
    return all(os.stat(folder).st_mode & stat.S_IXOTH for folder in folders) and all(
        os.stat(path).st_mode & stat.S_IROTH for path in paths
    )


def _up_to_the_root(folder: str) -> Iterator[str]:
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def load_named(source: str) -> None:
    """Load every module of the standard library and of `LIBRARIES` whose name stands in a program's text, with the
    modules in it whose names stand there too, and what these load later on; and where it names perpsim, a module of
    that name with what programs have without an import, for whom it completes in an editor.
    """
    if "import" not in source:
        return
    words = set(_WORD.findall(source))
    if _OURS in words:
        sys.modules.setdefault(_OURS, _names_of_programs())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in sorted(words & _loadable()):
            _load(name, words)
        if "pandas" in words:
            _load_all_of_pandas()
        if "zoneinfo" in words:
            _load_zones(source)


def _names_of_programs() -> ModuleType:
    module = ModuleType(_OURS)
    vars(module).update(ActionType=ActionType, Decision=Decision, MarketData=MarketData, Strategy=Strategy)
    return module


def _loadable() -> set[str]:
    return {*sys.stdlib_module_names, *LIBRARIES} - _LEFT_OUT


def _load(name: str, words: set[str]) -> None:
    """Load a module, what it loads late, and the modules in it that the text names."""
    module = _loaded(name)
    if module is None:
        return
    for late in _LATE.get(name, ()):
        _loaded(late)
    for inner in _inside(module):
        if inner.rpartition(".")[2] in words:
            _load(inner, words)


def _loaded(name: str) -> ModuleType | None:
    """Return a module of this name; the library of indicators without pandas unless the program names that, too."""
    try:
        with nullcontext() if name != "talib" else tables_unseen():
            return importlib.import_module(name)
    except Exception:  # not on this machine, or not without what it needs: the program's own import will say so
        return None


def _inside(module: ModuleType) -> Iterator[str]:
    """Return the names of a package's modules."""
    paths: Sequence[str] = getattr(module, "__path__", ())
    for found in pkgutil.iter_modules(list(paths), module.__name__ + "."):
        if found.name.rpartition(".")[2] not in {*_LEFT_OUT, "tests", "__main__"}:
            yield found.name


def _load_all_of_pandas() -> None:
    for name in _WHOLE:
        module = _loaded(name)
        if module is not None:
            _load_whole(module)


def _load_whole(module: ModuleType) -> None:
    for name in _inside(module):
        inner = _loaded(name)
        if inner is not None:
            _load_whole(inner)


def _load_zones(source: str) -> None:
    """Load the time zones that a text names, for their files are read when they are first asked for."""
    from zoneinfo import ZoneInfo

    for key in sorted(set(_ZONE.findall(source)))[:_MOST_ZONES]:
        try:
            _ZONES[key] = ZoneInfo(key)
        except Exception:  # another word
            continue


_ZONES: dict[str, object] = {}


class _NothingElse:
    """Says what there is, to a program that imports something else."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> NoReturn:
        """Raise `ModuleNotFoundError` with what may be imported."""
        libraries = ", ".join(LIBRARIES[:-1]) + " and " + LIBRARIES[-1]
        raise ModuleNotFoundError(
            f"no module {fullname!r}: a program may import the standard library, {libraries}, by names that stand in "
            "its text",
            name=fullname,
        )


def close_imports() -> None:
    """Let nothing be imported from here on but what is loaded."""
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter, _NothingElse()]
