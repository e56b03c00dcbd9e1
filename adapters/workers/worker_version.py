"""Which perpsim a process runs: workers must run the same."""

from __future__ import annotations

import platform
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


@cache
def own_version() -> str:
    """Return the versions of perpsim and of Python in this process."""
    return f"perpsim {_perpsim_version()} on Python {platform.python_version()}"


def _perpsim_version() -> str:
    if _PROJECT.is_file():
        with open(_PROJECT, "rb") as file:
            project = tomllib.load(file).get("project", {})
        if project.get("name") == "perpsim":  # a clone, installed or not
            return str(project["version"])
    try:
        return version("perpsim")
    except PackageNotFoundError:
        return "of no version"
