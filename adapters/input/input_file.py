"""Files that users name: opened if they are files, and read no further than they may be long."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO, Protocol

from .input_limits import MOST_LINE_BYTES, ImportLimits

_OWN = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISSOCK: "a socket",
}


class Readable(Protocol):
    """What gives at most so many bytes at a time, none at its end."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""


def _is_own_descriptor(path: str | Path) -> bool:
    """Whether a path names standard input or another descriptor of this process, which may be a pipe."""
    return str(path).startswith(_OWN)


def open_input(path: str | Path) -> io.BufferedReader:
    """Open a file for reading; `ValueError` says what is wrong with it, but not which file it is.

    What could be waited for, or read, without end (pipes, devices) is refused before it is opened, and so are folders;
    descriptors of this process, such as /dev/stdin, are not.
    """
    try:
        mode = os.stat(path).st_mode
        kind = next((name for is_kind, name in _KINDS.items() if is_kind(mode)), None)
        if kind is None or (_is_own_descriptor(path) and not stat.S_ISDIR(mode)):
            return open(path, "rb")
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    except ValueError as error:  # a NUL in it, or a character that no name has
        raise ValueError("is no name that a file can have") from error
    raise ValueError(f"is {kind}, not a file")


def read_at_most(file: BinaryIO, most: int) -> bytes:
    """Return all of a file; `ValueError` when it is longer than `most` bytes, of which no more are read."""
    data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"is longer than {most:,} bytes")
    return data


def read_table_bytes(file: Readable, limits: ImportLimits, packed: int | None = None) -> bytes:
    """Return all of a table's text; `ValueError` as soon as it has too long a line, too many rows or bytes, or a NUL.

    `packed` is the size of what it is unpacked from.
    """
    data, size, rows = io.BytesIO(), 0, 0
    while chunk := file.read(MOST_LINE_BYTES):
        size, rows = size + len(chunk), rows + (chunk.count(b"\n") or chunk.count(b"\r"))
        if b"\0" in chunk:
            raise ValueError("is neither a text file nor parquet, gzip or zip")
        if len(chunk) == MOST_LINE_BYTES and b"\n" not in chunk and b"\r" not in chunk:
            raise ValueError(f"has a line of more than {MOST_LINE_BYTES:,} bytes: this is no table")
        limits.check_size(size, packed)
        limits.check_rows(rows - 1)
        data.write(chunk)
    return data.getvalue()
