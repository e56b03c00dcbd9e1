"""The page's scripts as one text: modules that a file holds need neither addresses nor a server.

A page inside a notebook may run what stands in it, and load nothing: not even from an address that holds the script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

STATIC = Path(__file__).with_name("static")

#: Another script that stands in the place of one: it answers from the data of the file.
_INSTEAD = {"api.js": "report_api.js"}

_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.\.?/[\w./-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_LAST_EXPORT = re.compile(r"\bexport\s*\{([^}]*)\};?\s*\Z")


@cache
def bundled(entry: str, *further: Path, served: bool = False) -> str:
    """Return a script with all that it imports, each once and before those that import it; what `further` folders do
    not have is of this room. One that is `served` asks a server, and not the file that it stands in.
    """
    texts: dict[str, str] = {}
    _collect(entry, (*further, STATIC), {} if served else _INSTEAD, texts)
    parts = (
        f"modules[{json.dumps(name)}] = await (async () => {{\n{_as_function(name, text)}\n}})();"
        for name, text in texts.items()
    )
    return "\n".join(("const modules = {};", *parts))


def _collect(name: str, folders: Sequence[Path], instead: Mapping[str, str], texts: dict[str, str]) -> None:
    if name in texts:
        return
    files = (folder / instead.get(name, name) for folder in folders)
    text = next(file for file in files if file.is_file()).read_text("utf-8")
    for found in _IMPORT.finditer(text):
        _collect(_address(name, found[2]), folders, instead, texts)
    texts[name] = text


def _address(name: str, relative: str) -> str:
    """Return where an import leads, as a module says it: from its own folder."""
    return normpath(join(dirname(name), relative))


def _as_function(name: str, text: str) -> str:
    """Return a module as the body of a function that returns what it exports."""
    names = [found[1] for found in _EXPORT.finditer(text)]
    last = _LAST_EXPORT.search(text)
    if last is not None:
        names += [_entry(each, backwards=True) for each in _listed(last[1])]
        text = text[: last.start()]
    text = _EXPORT.sub("", text)
    text = _IMPORT.sub(
        lambda found: f"const {{ {_imported(found[1])} }} = modules[{json.dumps(_address(name, found[2]))}];", text
    )
    return f"{text}\nreturn {{ {', '.join(names)} }};"


def _imported(names: str) -> str:
    return ", ".join(_entry(each, backwards=False) for each in _listed(names))


def _listed(names: str) -> list[str]:
    return [each.strip() for each in names.split(",") if each.strip()]


def _entry(name: str, backwards: bool) -> str:
    """Return `a as b` as the entry of an object, `b: a` where one is made of it and `a: b` where one is read."""
    inner, _, outer = (part.strip() for part in name.partition(" as "))
    if not outer:
        return inner
    return f"{outer}: {inner}" if backwards else f"{inner}: {outer}"
