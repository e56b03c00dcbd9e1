"""Python and the libraries: those that every run needs, and those of the extras, against what the package asks for."""

from __future__ import annotations

import operator
import platform
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from .finding import Finding

#: What a user who has not installed an extra does without; the extras of developers are no matter here.
EXTRAS = {
    "cluster": "runs on a cluster (--cluster)",
    "download": "perpsim download",
    "parquet": "importing parquet files",
    "plot": "pictures (--plot)",
    "search": "perpsim search, but for grids",
    "web": "perpsim serve",
}
#: Modules whose distribution bears another name.
_MODULES = {"lazy-loader": "lazy_loader", "psycopg2-binary": "psycopg2", "ta-lib": "talib"}
_AS_WRITTEN = {"restrictedpython": "RestrictedPython"}
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[[^]]*\])?\s*(?P<wanted>[^;]*)(?:;(?P<marker>.*))?")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w.-]+)['"]""")
_BOUND = re.compile(r"(>=|<=|==|!=|<|>)\s*(\d+(?:\.\d+)*)")
_COMPARED: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


class Requirement(NamedTuple):
    """A library that the package asks for, in which versions, and for which extra ("": always)."""

    name: str
    wanted: str
    extra: str

    @property
    def module(self) -> str:
        """What is imported of it."""
        name = self.name.lower()
        return _MODULES.get(name) or _AS_WRITTEN.get(name, name)


class Wants(NamedTuple):
    """What the package asks for: a version of Python, and libraries."""

    python: str
    libraries: list[Requirement]


def look_at_libraries() -> Iterator[Finding]:
    """Look at Python, and at each library without importing any but those that every run needs."""
    wants = _wants()
    python = platform.python_version()
    yield Finding(
        "Python",
        f"Python {wants.python}",
        _satisfies(python, wants.python),
        f"{python} ({platform.python_implementation()}, {platform.system()} {platform.machine()})",
        "perpsim itself",
        "make the virtual environment with a newer Python",
        needed=True,
    )
    for each in wants.libraries:
        yield _library(each)


def _library(wanted: Requirement) -> Finding:
    problem = _problem(wanted)
    label = f"{wanted.name} {wanted.wanted}".strip()
    found = problem or _version(wanted.name)
    if not wanted.extra:
        remedy = f"pip install '{wanted.name}{wanted.wanted}'"
        return Finding("libraries", label, problem is None, found, "every run", remedy, needed=True)
    remedy = f"pip install 'perpsim[{wanted.extra}]'"
    return Finding("extras", label, problem is None, found, EXTRAS[wanted.extra], remedy)


def _problem(wanted: Requirement) -> str | None:
    """Return why a library cannot be used, or None."""
    try:
        if find_spec(wanted.module) is None:
            return "not installed"
        if not wanted.extra:
            import_module(wanted.module)
    except Exception as error:  # whatever a broken installation raises is what there is to tell
        return f"cannot be imported: {type(error).__name__}: {error}".splitlines()[0]
    found = _version(wanted.name)
    return None if _satisfies(found, wanted.wanted) else f"{found} is not {wanted.wanted}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "of an unknown version"


def _satisfies(found: str, wanted: str) -> bool:
    bounds = _BOUND.findall(wanted)
    numbers = _numbers(found)
    return not numbers or all(_COMPARED[kind](numbers, _numbers(bound)) for kind, bound in bounds)


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, without zeros at the end."""
    begun = re.match(r"\d+(?:\.\d+)*", text)
    numbers = [int(each) for each in begun[0].split(".")] if begun else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _wants() -> Wants:
    """Return what the installed package says, or in a clone that is not installed its pyproject.toml."""
    try:
        about = metadata("perpsim")
    except PackageNotFoundError:
        return _of_the_clone()
    lines = about.get_all("Requires-Dist") or []
    return Wants("".join(about.get_all("Requires-Python") or []), _known(map(parsed, lines)))


def _of_the_clone() -> Wants:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    found = [parsed(line) for line in project["dependencies"]]
    for extra, lines in project["optional-dependencies"].items():
        found += [parsed(line)._replace(extra=extra) for line in lines]
    return Wants(project["requires-python"], _known(found))


def _known(found: Iterator[Requirement] | list[Requirement]) -> list[Requirement]:
    kept = [each for each in found if not each.extra or each.extra in EXTRAS]
    return sorted(kept, key=lambda each: (each.extra, each.name.lower()))


def parsed(line: str) -> Requirement:
    """Return a requirement as packages write it, such as ``ccxt>=4.4; extra == "download"``."""
    found = _REQUIREMENT.match(line)
    if found is None:
        raise ValueError(f"{line!r} is no requirement")
    extra = _EXTRA.search(found["marker"] or "")
    return Requirement(found["name"], found["wanted"].strip(" ()"), extra[1] if extra else "")
