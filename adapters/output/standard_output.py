"""Standard output, which may be a full disk, a terminal that is closed, or a reader who has left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine import DataError


@contextmanager
def printing() -> Iterator[None]:
    """A context to print in: all of it has been written when it ends. Raises `DataError` when it cannot be.

    A reader who has left (``| head``) has had what it wanted. After either of both nothing goes there any more.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise DataError(f"standard output cannot be written: {error.strerror or error}") from error


def _discard() -> None:
    """Let what is still in the buffer, and what follows, go nowhere: it would fail again at the end of the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
