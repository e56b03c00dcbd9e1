"""The text of a CSV file: unpacked within limits, separator and header found, lines checked, columns parsed."""

from __future__ import annotations

import csv
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, BinaryIO

import pandas as pd

from engine.errors import FileFormatError

from ..input import GZIP_MAGIC, ZIP_MAGIC, ImportLimits, read_at_most, read_table_bytes

_ENCRYPTED = 1
_GZIP_FORMAT = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 1 << 20
_PADDING = bytes(_CHUNK_BYTES)
_SEPARATORS = (",", ";", "\t")
#: What the readers of archives raise for archives that are none.
_DAMAGE = (
    *(EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error),
    *(NotImplementedError, RuntimeError, LookupError, UnicodeError, OSError),
)


@dataclass(frozen=True)
class CsvText:
    """A CSV file in memory: `titles` are the cells of its first line, which `has_header` says to be titles."""

    path: str
    data: bytes
    separator: str
    titles: tuple[str, ...]
    has_header: bool
    remarks: tuple[str, ...]

    @classmethod
    def read(cls, path: str, data: bytes) -> CsvText:
        """Look at the first and last line of an unpacked file. Raises `FileFormatError`."""
        if data.count(b"\r") != data.count(b"\r\n"):  # also a bare one ends a line
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not data.strip():
            raise FileFormatError(path, None, None, "the file is empty")
        first = _decoded(path, data[: data.find(b"\n") if b"\n" in data else len(data)]).strip()
        separator = max(_SEPARATORS, key=first.count)
        if separator not in first:
            raise FileFormatError(path, None, None, "the first line has no columns separated by comma, ; or tab")
        try:
            cells = tuple(cell.strip() for cell in next(csv.reader([first], delimiter=separator)))
        except csv.Error as error:
            raise FileFormatError(path, None, None, f"the first line cannot be parsed: {error}") from error
        remarks = () if data.endswith(b"\n") else ("the last line has no line end; is the file complete?",)
        return cls(path, data, separator, cells, not any(map(_is_number, cells)), remarks)


def read_csv_text(text: CsvText, places: Sequence[int]) -> pd.DataFrame:
    """Return the columns at some places, called by their place; numbers are the doubles nearest to their text."""
    _check_widths(text)
    options: dict[str, Any] = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    try:
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(text.data),
            sep=text.separator,
            header=None,
            names=list(range(len(text.titles))),
            usecols=list(places),
            skiprows=1 if text.has_header else 0,
            skipinitialspace=True,
            low_memory=False,
            **options,
        )
        return frame
    except UnicodeDecodeError as error:
        raise FileFormatError(text.path, None, None, "the file is not UTF-8 text") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError, OverflowError) as error:
        raise FileFormatError(text.path, None, None, f"the text cannot be parsed: {error}") from error


def unpacked(file: io.BufferedReader) -> bytes:
    """Return the text of a file that may be gzipped or zipped. `ValueError` says what is wrong with it, as soon as it
    is larger than it may be.
    """
    limits = ImportLimits.of_environment()
    magic = file.peek(len(ZIP_MAGIC))[: len(ZIP_MAGIC)]
    if not magic.startswith((GZIP_MAGIC, ZIP_MAGIC)):
        return read_table_bytes(file, limits)
    try:
        if magic.startswith(GZIP_MAGIC):
            return _gunzipped(file, limits)
        return _unzipped(file if file.seekable() else io.BytesIO(read_at_most(file, limits.megabytes << 20)), limits)
    except _DAMAGE as error:
        raise ValueError(f"the archive is damaged or cut off: {error}") from error


def _gunzipped(file: io.BufferedReader, limits: ImportLimits) -> bytes:
    packed = os.fstat(file.fileno()).st_size if file.seekable() else None
    return read_table_bytes(_Gunzipping(file), limits, packed)


class _Gunzipping:
    """The content of a gzip file, one member behind the other. The library's own reader takes the zeros behind a member
    one at a time, of which a sparse file has gigabytes.
    """

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._member: Any = None
        self._packed = b""

    def read(self, size: int, /) -> bytes:
        """Return the next `size` bytes, fewer at the end alone; `EOFError` or `zlib.error` where it is damaged."""
        parts: list[bytes] = []
        missing = size
        while missing and self._is_going_on():
            part = self._member.decompress(self._packed, missing)
            self._packed = self._member.unused_data or self._member.unconsumed_tail
            if self._member.eof:
                self._member = None
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _is_going_on(self) -> bool:
        """Have a member and something of it to unpack; return False at the end of the file."""
        while True:
            if self._member is None:
                self._packed = b"" if self._packed == _PADDING else self._packed.lstrip(b"\0")
            if self._packed:
                break
            self._packed = self._file.read(_CHUNK_BYTES)
            if not self._packed:
                if self._member is not None:
                    raise EOFError("it ends within its content")
                return False
        if self._member is None:
            self._member = zlib.decompressobj(_GZIP_FORMAT)
        return True


def _unzipped(file: BinaryIO, limits: ImportLimits) -> bytes:
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise ValueError(f"the archive holds {len(members)} files, not one")
        if members[0].flag_bits & _ENCRYPTED:
            raise ValueError("the archive is encrypted: unpack it first")
        with archive.open(members[0]) as text:
            return read_table_bytes(text, limits, members[0].compress_size)


def _decoded(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFormatError(path, None, None, "the file is not UTF-8 text") from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_widths(text: CsvText) -> None:
    """Raise the error about the first line that has more or fewer columns than the first.

    Counting separators finds in no time that all is well; only otherwise every line is looked at.
    """
    data, width = text.data, len(text.titles)
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    if data.count(text.separator.encode()) == lines * (width - 1):
        return
    try:
        parsed = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), delimiter=text.separator)
        rows = filter(None, parsed)
        for row, cells in zip(count(not text.has_header), rows, strict=False):
            if len(cells) != width:
                cut = not data.endswith(b"\n") and next(rows, None) is None
                tail = "; the file seems to be cut off" if cut else ""
                raise FileFormatError(text.path, row, None, f"the line has {len(cells)} columns, not {width}{tail}")
    except csv.Error as error:
        raise FileFormatError(text.path, None, None, f"the text cannot be parsed: {error}") from error
    except UnicodeDecodeError as error:
        raise FileFormatError(text.path, None, None, "the file is not UTF-8 text") from error
