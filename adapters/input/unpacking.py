"""The text of a table: a file as it is, or what is packed in it, unpacked within limits."""

from __future__ import annotations

import bz2
import io
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple, Protocol

from .input_file import GZIP_MAGIC, ZIP_MAGIC, read_at_most, read_table_bytes
from .input_limits import ImportLimits

_ENCRYPTED = 1
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1 << 20
_PADDING = bytes(_CHUNK_BYTES)
#: What stands in archives beside the data, by the endings of names.
_NO_DATA = (".md", ".checksum", ".sha256", ".md5", ".pdf", ".html", ".ini", ".db", ".py", ".ipynb", ".png", ".jpg")
_NO_DATA_NAMES = ("readme", "license", "licence", "changelog")
_MOST_MEMBERS = 5_000
#: What the readers of archives raise for archives that are none.
_DAMAGE = (
    *(EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error),
    *(NotImplementedError, RuntimeError, LookupError, UnicodeError, OSError),
)


class UnpackedPart(NamedTuple):
    """One text of a file: `name` is that of the member of an archive, empty for a file that is one text."""

    name: str
    data: bytes


class _Member(Protocol):
    """What unpacks one member of a packed file, as those of the standard library do."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more data."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind the member."""

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        """Return at most so many bytes of what the data, and what was left of that before, unpack to."""


class _GzipMember:
    """A member of a gzip file, with the manners of the other kinds."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_FORMAT)

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data


_MEMBERS: dict[bytes, Callable[[], _Member]] = {
    GZIP_MAGIC: _GzipMember,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
_MAGIC_BYTES = max(map(len, (*_MEMBERS, ZIP_MAGIC)))


def unpacked(file: io.BufferedReader) -> list[UnpackedPart]:
    """Return the text of a file that may be packed (gzip, bzip2, xz), or the texts of a zip archive in the order of
    their names, without what is no data in it. `ValueError` says what is wrong, as soon as it is larger than it may be.
    """
    limits = ImportLimits.of_environment()
    magic = file.peek(_MAGIC_BYTES)[:_MAGIC_BYTES]
    member = next((member for begin, member in _MEMBERS.items() if magic.startswith(begin)), None)
    if member is None and not magic.startswith(ZIP_MAGIC):
        return [UnpackedPart("", read_table_bytes(file, limits))]
    try:
        if member is not None:
            packed = os.fstat(file.fileno()).st_size if file.seekable() else None
            return [UnpackedPart("", read_table_bytes(_Unpacking(file, member), limits, packed))]
        return _unzipped(file if file.seekable() else io.BytesIO(read_at_most(file, limits.megabytes << 20)), limits)
    except _DAMAGE as error:
        raise ValueError(f"the archive is damaged or cut off: {error}") from error


class _Unpacking:
    """The content of a packed file, one member behind the other. The library's own reader of gzip takes the zeros
    behind a member one at a time, of which a sparse file has gigabytes.
    """

    def __init__(self, file: io.BufferedReader, new_member: Callable[[], _Member]) -> None:
        self._file, self._new_member = file, new_member
        self._member: _Member | None = None
        self._packed = b""

    def read(self, size: int, /) -> bytes:
        """Return the next `size` bytes, fewer at the end alone; an error of the kind where it is damaged."""
        parts: list[bytes] = []
        missing = size
        while missing and (member := self._next_member()) is not None:
            part = member.decompress(self._packed, missing)
            self._packed = member.unused_data
            if member.eof:
                self._member = None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _next_member(self) -> _Member | None:
        """Return a member with something of it to unpack; None at the end of the file."""
        while self._member is None or self._member.needs_input:
            if self._member is None:
                self._packed = b"" if self._packed == _PADDING else self._packed.lstrip(b"\0")
            if self._packed:
                break
            self._packed = self._file.read(_CHUNK_BYTES)
            if not self._packed:
                if self._member is not None:
                    raise EOFError("it ends within its content")
                return None
        if self._member is None:
            self._member = self._new_member()
        return self._member


def _unzipped(file: BinaryIO, limits: ImportLimits) -> list[UnpackedPart]:
    with zipfile.ZipFile(file) as archive:
        names = [member.filename for member in archive.infolist()]
        if "[Content_Types].xml" in names:
            raise ValueError("is a workbook of Excel or another office document: save the sheet as CSV")
        members = _of_data(archive.infolist())
        if not members:
            raise ValueError("the archive holds no file of data")
        if len(members) > _MOST_MEMBERS:
            raise ValueError(f"the archive holds more than {_MOST_MEMBERS:,} files: unpack it first")
        parts: list[UnpackedPart] = []
        for member in members:
            if member.flag_bits & _ENCRYPTED:
                raise ValueError("the archive is encrypted: unpack it first")
            with archive.open(member) as text:
                parts.append(UnpackedPart(member.filename, read_table_bytes(text, limits, member.compress_size)))
            _check_together(parts, limits)
        return parts


def _of_data(members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the members that hold data, in the order of their names, numbers by their value."""
    found = [member for member in members if not member.is_dir() and not _is_hidden(PurePosixPath(member.filename))]
    if len(found) > 1:
        found = [member for member in found if not _is_beside(PurePosixPath(member.filename))] or found
    return sorted(found, key=lambda member: [part.zfill(20) for part in re.split(r"(\d+)", member.filename)])


def _is_hidden(name: PurePosixPath) -> bool:
    """Whether an operating system has put a file there."""
    return "__MACOSX" in name.parts or name.name.startswith(".") or name.name.lower() in ("thumbs.db", "desktop.ini")


def _is_beside(name: PurePosixPath) -> bool:
    return name.suffix.lower() in _NO_DATA or name.stem.lower() in _NO_DATA_NAMES


def _check_together(parts: Sequence[UnpackedPart], limits: ImportLimits) -> None:
    if len(parts) > 1:
        limits.check_size(sum(len(part.data) for part in parts))
        limits.check_rows(sum(part.data.count(b"\n") for part in parts) - len(parts))
