"""Columns of a setup that a worker of a cluster fetches itself, in a process of their own."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from engine import PerpsimError

from .mapped_files import write_columns
from .sent_objects import packed
from .worker_process import module_path

_MAIN = """
import sys
sys.path[:] = {path!r}
from adapters.workers.cluster_fetching import main
main({target!r})
"""


class Fetch(NamedTuple):
    """How columns are had from a database, which is named without a password: `make`, pickled, returns an object with
    the same big arrays in the same order.
    """

    database: str
    make: bytes


@runtime_checkable
class FetchedElsewhere(Protocol):
    """A setup whose columns come from a database, so that another machine may fetch them there."""

    @property
    def database(self) -> str | None:
        """The URL of the database, without a password; None where the columns are in none."""

    def columns_made(self) -> Callable[[], Any] | None:
        """Return what can be sent and, called elsewhere, returns an object with the same big arrays, in order."""


def fetch_of(setup: object) -> Fetch | None:
    """Return how another machine has the columns of a setup, None where it has not."""
    if not isinstance(setup, FetchedElsewhere) or setup.database is None:
        return None
    return Fetch(setup.database, packed(setup.columns_made(), "where the market is stored", far=True).stream)


def fetched_columns(fetch: Fetch, target: Path) -> str:
    """Write the columns to a file as they stand in that of the setup; return "", or why they cannot be had.

    This process may know the password of the database; what runs programs does not.
    """
    main = _MAIN.format(path=module_path(), target=str(target))
    done = subprocess.run(
        [sys.executable, "-P", "-c", main],
        input=fetch.make,
        capture_output=True,
        start_new_session=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"its process ended with status {done.returncode}"


def main(target: str) -> None:
    """Write the big arrays of what standard input makes to a file; say in one line why they cannot be had."""
    try:
        made = pickle.load(sys.stdin.buffer)()
        write_columns(Path(target), packed(made, "the market", aside=True))
    except (PerpsimError, OSError) as error:
        sys.exit(" ".join(f"{error}".split()))
