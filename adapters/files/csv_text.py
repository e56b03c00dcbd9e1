"""The text of a CSV file: unpacked, its separator and header found, its lines checked, its columns parsed."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from engine.errors import FileFormatError

_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_SEPARATORS = (",", ";", "\t")


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
    def read(cls, path: str) -> CsvText:
        """Read a file and look at its first and last line. Raises `FileFormatError`."""
        data = _unpacked(path)
        if not data.strip():
            raise FileFormatError(path, None, None, "the file is empty")
        if b"\0" in data[:4096]:
            raise FileFormatError(path, None, None, "this is neither a text file nor parquet, gzip or zip")
        first = _decoded(path, data[: data.find(b"\n") if b"\n" in data else len(data)]).strip()
        separator = max(_SEPARATORS, key=first.count)
        if separator not in first:
            raise FileFormatError(path, None, None, "the first line has no columns separated by comma, ; or tab")
        cells = tuple(cell.strip() for cell in next(csv.reader([first], delimiter=separator)))
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
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FileFormatError(text.path, None, None, f"the text cannot be parsed: {error}") from error


def _unpacked(path: str) -> bytes:
    try:
        data = Path(path).read_bytes()
        if data.startswith(_GZIP_MAGIC):
            return gzip.decompress(data)
        if not data.startswith(_ZIP_MAGIC):
            return data
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise FileFormatError(path, None, None, f"the archive holds {len(members)} files, not one")
            return archive.read(members[0])
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError, RuntimeError) as error:
        raise FileFormatError(path, None, None, f"the archive is damaged or cut off: {error}") from error
    except OSError as error:
        raise FileFormatError(path, None, None, f"cannot be read: {error.strerror}") from error


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
        parsed = csv.reader(io.StringIO(_decoded(text.path, data)), delimiter=text.separator)
        rows = [cells for cells in parsed if cells]
    except csv.Error as error:
        raise FileFormatError(text.path, None, None, f"the text cannot be parsed: {error}") from error
    for place, cells in enumerate(rows):
        if len(cells) != width:
            row = place + (not text.has_header)
            cut = place == len(rows) - 1 and not data.endswith(b"\n")
            tail = "; the file seems to be cut off" if cut else ""
            raise FileFormatError(text.path, row, None, f"the line has {len(cells)} columns, not {width}{tail}")
