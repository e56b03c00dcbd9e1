"""Files that are there completely or not at all."""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine import DataError

_RANDOM_BYTES = 4


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    """Give a file to write to that takes the place of `path` when the context ends without an exception.

    What was there before stays until then; the new file has its mode. Devices and pipes are written to directly. What a
    writer that was killed has left beside `path` is removed. Raises `DataError` when the file cannot be written.
    """
    target = written_file(path)
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                yield device
            return
        _remove_leftovers(target)
        aside, file = _file_beside(target)
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                os.replace(aside, target)  # while it is locked
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}") from error


def written_file(path: str | Path) -> Path:
    """Return the file behind symbolic links, which need not be there. Raises `DataError` where they lead nowhere."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise DataError(f"{path} cannot be written: {os.strerror(errno.ELOOP)}")
    return target


def _file_beside(target: Path) -> tuple[Path, BinaryIO]:
    """Make a file beside another, with the other's mode, and lock it: that tells that it is being written."""
    while True:
        aside = target.with_name(f".{target.name}.{secrets.token_hex(_RANDOM_BYTES)}.part")
        file = aside.open("xb")
        with suppress(OSError):  # a file system without locks, where nobody takes it for a leftover either
            fcntl.flock(file, fcntl.LOCK_EX)
        if not os.fstat(file.fileno()).st_nlink:  # taken for a leftover before it was locked
            file.close()
            continue
        if target.exists():
            with suppress(PermissionError):  # a file system without modes
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
        return aside, file


def _remove_leftovers(target: Path) -> None:
    """Remove what stands beside a file to take its place but is written by nobody any more."""
    pattern = f".{glob.escape(target.name)}.{'[0-9a-f]' * (2 * _RANDOM_BYTES)}.part"
    for each in target.parent.glob(pattern):
        with suppress(OSError):  # it is being written, somebody else's, or gone
            found = os.open(each, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                each.unlink()
            finally:
                os.close(found)
