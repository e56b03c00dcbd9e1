"""A PostgreSQL server that does not answer: its processes are stopped, as on a machine that hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.databases import Raw


def _children(process: int) -> set[int]:
    return {int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


@contextmanager
def frozen(raw: Raw) -> Iterator[None]:
    """Stop the whole server while the context lasts, but for the process of this connection, which nothing is asked
    meanwhile: one that is stopped may hold a lock that the answer takes.
    """
    place, own = raw.execute("select current_setting('data_directory'), pg_backend_pid()")[0]
    try:
        postmaster = int((Path(place) / "postmaster.pid").read_text().split()[0])
        _children(postmaster)
        os.kill(postmaster, signal.SIGSTOP)
    except OSError as error:
        pytest.skip(f"the server is not one of this machine and user: {error}")
    stopped = {postmaster}
    try:
        while more := _children(postmaster) - stopped - {own}:  # it may have begun one just now
            stopped |= more
            for pid in more:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
