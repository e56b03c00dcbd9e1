"""What is worked out from columns, once a machine: whoever needs it first leaves it for the other processes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from .mapped_files import read_object, write_object
from .sent_objects import packed

logger = logging.getLogger("perpsim.workers")

T = TypeVar("T")

#: A process leaves at most so much, and only as long as so much stays free.
_MOST_BYTES = 1 << 30
_FREE_BYTES = 1 << 30


class SharedColumns:
    """Keeps objects with columns in a folder, each worked out by one process; see `engine.market.DerivedStore`.

    `scope` tells what they come from: what has the same keys in another scope is another thing. Where there is no
    room, everybody works it out.
    """

    def __init__(self, folder: Path, scope: tuple[str | int, ...] = (), most_bytes: int = _MOST_BYTES) -> None:
        self._folder, self._scope = folder, scope
        self._left = [most_bytes]  # together with all that are within

    def within(self, *scope: str | int) -> SharedColumns:
        """Return the same folder, with what is left of its room, and a narrower scope."""
        narrower = SharedColumns(self._folder, (*self._scope, *scope))
        narrower._left = self._left
        return narrower

    def get(self, key: tuple[str | int, ...], make: Callable[[], T]) -> T:
        """Return what is kept under a key, and work it out where nothing is."""
        name = blake2b(repr((self._scope, key)).encode(), digest_size=16).hexdigest()
        path = self._folder / f"derived-{name}"
        if path.exists():
            return self._read(path, make)
        claim = _claim(path.with_suffix(".lock"))
        if claim is None:
            return make()
        try:
            if not path.exists():  # nobody has come first
                made = make()
                if not self._is_left(path, made):
                    return made
        finally:
            os.close(claim)
        return self._read(path, make)

    def _read(self, path: Path, make: Callable[[], T]) -> T:
        try:
            kept: T = read_object(path)
        except OSError as error:  # too many files are open, or somebody has emptied the folder
            logger.info("%s cannot be read: %s", path, error)
            return make()
        return kept

    def _is_left(self, path: Path, made: object) -> bool:
        """Write it aside and rename it, so that nobody sees a part; tell whether there was room."""
        sent = packed(made, "what was worked out", aside=True)
        aside = path.with_suffix(".new")
        try:
            if sent.size > self._left[0] or _free_bytes(self._folder) < sent.size + _FREE_BYTES:
                return False
            aside.unlink(missing_ok=True)  # of one that was killed here
            self._left[0] -= write_object(aside, sent)
            aside.rename(path)
        except OSError as error:
            logger.info("%s cannot be written: %s", path, error)
            return False
        return True


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _claim(path: Path) -> int | None:
    """Return a descriptor that one process at a time has: until it is closed, also by the end of the process. None
    where there can be none.
    """
    import fcntl  # where that is missing there are no worker processes

    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        logger.info("%s cannot be opened: %s", path, error)
        return None
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


_of_this_process: list[SharedColumns] = []


def share_columns(folder: Path, *scope: str | int) -> None:
    """Say in a worker where the workers of its machine leave what they have worked out, and from what it comes."""
    _of_this_process[:] = [SharedColumns(folder, scope)]


def columns_of_machine() -> SharedColumns | None:
    """Return what this process shares with the other workers of its machine, None where it is none of several."""
    return _of_this_process[0] if _of_this_process else None
