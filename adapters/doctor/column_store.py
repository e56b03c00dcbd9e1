"""The cache of loaded columns: where it is, how large, whether it can be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..market import ColumnCache
from .finding import Finding

_GROUP = "cache"


def look_at_cache() -> Iterator[Finding]:
    """Look at the cache of columns; a folder that is not there yet is one that the first run would make."""
    folder = ColumnCache().directory
    problem = _problem(folder)
    yield Finding(
        _GROUP,
        "cache of columns",
        problem is None,
        f"{folder}: {problem or f'{_size(folder) / 1e6:,.1f} MB'}",
        "every run reads its market from the database anew",
        "name a folder of yours with PERPSIM_CACHE_DIR",
    )


def _problem(folder: Path) -> str | None:
    """Return why nothing can be kept there, or None."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir():
        return f"{there} is no folder"
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return f"{there} cannot be written: {error.strerror}"


def _size(folder: Path) -> int:
    """Return what the files in a folder take, in bytes; those that go away meanwhile take nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:
                continue
    return total
