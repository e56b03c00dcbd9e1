"""A PostgreSQL server that does not answer: its processes are stopped, as on a machine that hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.databases import Raw

_OTHERS = "select pid from pg_stat_activity where pid <> pg_backend_pid()"


@contextmanager
def frozen(raw: Raw) -> Iterator[None]:
    """Stop the whole server while the context lasts."""
    place = Path(raw.execute("show data_directory")[0][0]) / "postmaster.pid"
    try:
        postmaster = int(place.read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)
    except OSError as error:
        pytest.skip(f"the server is not one of this machine and user: {error}")
    stopped = {postmaster}
    try:
        while more := {pid for (pid,) in raw.execute(_OTHERS)} - stopped:  # it may have begun one just now
            stopped |= more
            for pid in more:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
