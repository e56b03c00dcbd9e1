"""Files that users name: opened if they are files, and read no further than they may be long."""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from .input_limits import MOST_LINE_BYTES, ImportLimits

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
GZIP_MAGIC, ZIP_MAGIC, PARQUET_MAGIC = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_PACKED = {GZIP_MAGIC: "a gzip file", ZIP_MAGIC: "a zip archive", PARQUET_MAGIC: "a parquet file"}
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


@contextmanager
def open_input(path: str | Path) -> Iterator[io.BufferedReader]:
    """Open a file for reading in a context; `ValueError` says what is wrong with it, when it is opened or while it is
    read, but not which file it is.

    What could be waited for, or read, without end (pipes, devices) is refused before it is opened, and so are folders;
    descriptors of this process, such as /dev/stdin, are not.
    """
    try:
        with _opened(path) as file:
            yield file
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error


def _opened(path: str | Path) -> io.BufferedReader:
    try:
        mode = os.stat(path).st_mode
    except ValueError as error:  # a NUL in it, or a character that no name has
        raise ValueError("is no name that a file can have") from error
    kind = next((name for is_kind, name in _KINDS.items() if is_kind(mode)), None)
    if kind is None:
        return open(path, "rb", opener=_open_without_waiting)
    if _is_own_descriptor(path) and not stat.S_ISDIR(mode):
        return open(path, "rb")
    raise ValueError(f"is {kind}, not a file")


def _open_without_waiting(path: str, flags: int) -> int:
    """Open what is a file, or was one just now: those of a kernel's logs (/proc/kmsg) would be waited for."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_at_most(file: BinaryIO, most: int) -> bytes:
    """Return all of a file; `ValueError` when it is longer than `most` bytes, of which no more are read."""
    data = file.read(most + 1) or b""  # None: there is nothing without waiting
    if len(data) > most:
        raise ValueError(f"is longer than {most:,} bytes")
    return data


def _refuse_other_kinds(begin: bytes) -> None:
    """Raise the `ValueError` for what is no text by its first bytes; what may be packed has been unpacked before."""
    if begin.startswith(_UTF_16):
        raise ValueError("is UTF-16 text: save it as UTF-8")
    for magic, kind in _PACKED.items():
        if begin.startswith(magic):
            raise ValueError(f"holds {kind}, not a table: unpack it by one step")


def read_table_bytes(file: Readable, limits: ImportLimits, packed: int | None = None) -> bytes:
    """Return all of a table's text; `ValueError` as soon as it has too long a line, too many rows or bytes, or a NUL.

    `packed` is the size of what it is unpacked from.
    """
    data, size, rows = io.BytesIO(), 0, 0
    while chunk := file.read(MOST_LINE_BYTES):
        size, rows = size + len(chunk), rows + (chunk.count(b"\n") or chunk.count(b"\r"))
        if data.tell() == 0:
            _refuse_other_kinds(chunk)
        if b"\0" in chunk:
            raise ValueError("is neither a text file nor parquet, gzip or zip")
        if len(chunk) == MOST_LINE_BYTES and b"\n" not in chunk and b"\r" not in chunk:
            raise ValueError(f"has a line of more than {MOST_LINE_BYTES:,} bytes: this is no table")
        limits.check_size(size, packed)
        limits.check_rows(rows - 1)
        data.write(chunk)
    return data.getvalue()
