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

#: The marks at the begin of a text in which each character takes two or four bytes; the longer ones come first.
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
#: So many bytes tell UTF-16 without a mark, by the zeros at every other place.
_TELLING_BYTES = 64
GZIP_MAGIC, ZIP_MAGIC, PARQUET_MAGIC, FEATHER_MAGIC = b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"ARROW1"
_ONE_STEP = "unpack it by one step"
#: Files that are no text: what they are, and what to do with them.
_OTHER_KINDS = {
    GZIP_MAGIC: ("a gzip file", _ONE_STEP),
    ZIP_MAGIC: ("a zip archive", _ONE_STEP),
    PARQUET_MAGIC: ("a parquet file", _ONE_STEP),
    FEATHER_MAGIC: ("a feather file", _ONE_STEP),
    b"BZh": ("a bzip2 file", _ONE_STEP),
    b"\xfd7zXZ": ("an xz file", _ONE_STEP),
    b"\x28\xb5\x2f\xfd": ("a zstd file", _ONE_STEP),
    b"7z\xbc\xaf": ("a 7z archive", _ONE_STEP),
    b"Rar!": ("a RAR archive", _ONE_STEP),
    b"FEA1": ("a feather file of version 1", "write it again, as version 2 or parquet"),
    b"\x89HDF": ("an HDF5 file", "write its table as parquet or CSV"),
    b"SQLite format 3": ("a SQLite database", "write its table as CSV"),
    b"\xd0\xcf\x11\xe0": ("a workbook of Excel", "save the sheet as CSV"),
    **{bytes((0x80, version)): ("a pickle of Python", "write it as parquet or CSV") for version in (2, 3, 4, 5)},
}
_TAR_PLACE, _TAR_MAGIC = 257, b"ustar"
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
    for magic, (kind, way_out) in _OTHER_KINDS.items():
        if begin.startswith(magic):
            raise ValueError(f"holds {kind}, not a table: {way_out}")
    if begin[_TAR_PLACE:].startswith(_TAR_MAGIC):
        raise ValueError(f"holds a tar archive, not a table: {_ONE_STEP}")


def _wide_encoding(begin: bytes) -> str | None:
    """Return the encoding of a text whose characters take two or four bytes, by its mark or by its zeros."""
    marked = next((encoding for mark, encoding in _WIDE.items() if begin.startswith(mark)), None)
    if marked is not None:
        return marked
    odd, even = begin[1:_TELLING_BYTES:2], begin[:_TELLING_BYTES:2]
    if odd and not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if odd and all(odd) and not any(even) else None


def is_json(begin: bytes) -> bool:
    """Whether a text, by how it begins, is JSON or lines of JSON: a list or an object."""
    return begin.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"[", b"{")


def _as_utf_8(file: Readable) -> Iterator[bytes]:
    """Yield the pieces of a text, none longer than a line may be, in UTF-8 whatever its width."""
    begin = file.read(MOST_LINE_BYTES)
    encoding = _wide_encoding(begin)
    if encoding is None:
        _refuse_other_kinds(begin)
        yield begin
        while chunk := file.read(MOST_LINE_BYTES):
            yield chunk
        return
    decode = codecs.getincrementaldecoder(encoding)().decode
    try:
        while begin:
            yield decode(begin).encode()
            begin = file.read(MOST_LINE_BYTES)
        decode(b"", final=True)
    except UnicodeError as error:
        raise ValueError(f"is {encoding[:6].upper()} text that is damaged or cut off: save it as UTF-8") from error


def read_table_bytes(file: Readable, limits: ImportLimits, packed: int | None = None) -> bytes:
    """Return all of a table's text, in UTF-8; `ValueError` as soon as it has too long a line, too many rows or bytes,
    or a NUL.

    `packed` is the size of what it is unpacked from.
    """
    data, size, rows, of_json = io.BytesIO(), 0, 0, False
    for chunk in _as_utf_8(file):
        if not size:
            of_json = is_json(chunk)  # which may be one line
        size, rows = size + len(chunk), rows + (chunk.count(b"\n") or chunk.count(b"\r"))
        if b"\0" in chunk:
            raise ValueError("is neither a text file nor parquet, feather, gzip or zip")
        if len(chunk) >= MOST_LINE_BYTES and not of_json and b"\n" not in chunk and b"\r" not in chunk:
            raise ValueError(f"has a line of more than {MOST_LINE_BYTES:,} bytes: this is no table")
        limits.check_size(size, packed)
        limits.check_rows(rows - 1)
        data.write(chunk)
    return data.getvalue()
