"""Back-tests of trading programs on perpetual futures: what users need of it, in one package.

`__init__.pyi` beside this file is the table of contents. A name is imported from its home when it is first used.
"""

from __future__ import annotations

import ast
import importlib
from importlib.util import find_spec
from pathlib import Path


def _require_own_packages() -> None:
    """Raise an `ImportError` that names a file of the user's that hides one of the packages that stand behind this."""
    spec = find_spec("adapters")
    folders = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or ()]
    if not any((folder / "namesakes.py").is_file() for folder in folders):
        hiding = folders[0] if folders else spec and spec.origin
        raise ImportError(
            f"{hiding} hides the package adapters of perpsim, which has the same name: rename it, or start Python "
            "where it is not found first"
        )
    from adapters import refuse_namesakes

    refuse_namesakes()


_require_own_packages()
importlib.import_module("adapters").present_results()

_CONTENTS = ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8"))
_HOMES = {
    alias.name: node.module
    for node in _CONTENTS.body
    if isinstance(node, ast.ImportFrom) and node.module is not None
    for alias in node.names
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
