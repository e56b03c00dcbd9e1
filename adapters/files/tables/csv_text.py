"""The text of a CSV file: comments and titles found, lines checked, columns parsed."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.errors import FileFormatError

from ...input import UnpackedPart
from ...runs import long_step, unseen
from .bad_rows import BadRows
from .csv_head import NO_UTF_8, plain_head
from .table_source import SourceColumns, listed

_COMMENT = re.compile(rb"^[ \t]*#[^\n]*\n?", re.MULTILINE)


#: A text of fewer bytes is read in no time; of a longer one it is told after so many how far that has come.
_LONG_BYTES, _TOLD_BYTES = 4_000_000, 500_000


@dataclass(frozen=True)
class CsvText:
    """A CSV file in memory: its rows begin at `start` in `data`; `titles` are the cells of the line of titles, or of
    the first row where `has_titles` says that there is none. Raises `FileFormatError` for what is no such text.
    """

    path: str
    data: bytes
    start: int
    separator: str
    titles: tuple[str, ...]
    has_titles: bool
    remarks: tuple[str, ...] = ()
    skip_bad_rows: int = 0

    @classmethod
    def read(cls, path: str, parts: Sequence[UnpackedPart], skip_bad_rows: int) -> CsvText:
        """Look at the unpacked texts of a file, which must be alike."""
        if len(parts) == 1:
            return replace(_text_of(path, parts[0].data), skip_bad_rows=skip_bad_rows)
        texts = [_text_of(f"{path}/{part.name}", part.data) for part in parts]
        names = listed([part.name for part in parts])
        named = {text.titles for text in texts if text.has_titles}
        are_alike = len({(text.separator, len(text.titles)) for text in texts}) == 1
        if not are_alike or len(named) > 1 or bool(named) != texts[0].has_titles:
            problem = f"the archive holds files with different columns, {names}: unpack it and import them one by one"
            raise FileFormatError(path, None, None, problem)
        remarks = [f"the archive holds {len(texts)} files, taken one behind the other: {names}"]
        remarks += dict.fromkeys(remark for text in texts for remark in text.remarks)
        data = b"".join(text.data[text.start :].rstrip(b"\n") + b"\n" for text in texts)
        return replace(texts[0], path=path, data=data, start=0, remarks=tuple(remarks), skip_bad_rows=skip_bad_rows)

    @property
    def may_have_commas(self) -> bool:
        """Whether a cell may hold a comma, or another sign that people write in numbers."""
        signs = (b'"', b"'", b"$")
        return (
            self.separator != ","
            or not self.data.isascii()
            or any(self.data.find(sign, self.start) >= 0 for sign in signs)
        )

    @property
    def may_have_points(self) -> bool:
        """Whether a point may stand behind thousands, as for people whose comma is decimal."""
        return self.separator == ";"

    def rows(self) -> io.BytesIO:
        """Return the rows as a stream."""
        stream = io.BytesIO(self.data)
        stream.seek(self.start)
        return stream

    def _told_rows(self, advance: Callable[[int], None]) -> io.BytesIO:
        """Return the same, and tell how many bytes of it were read."""
        stream = _ToldBytes(self.data, advance)
        stream.seek(self.start)
        return stream

    def _bar(self) -> AbstractContextManager[Callable[[int], None]]:
        size = len(self.data) - self.start
        if size < _LONG_BYTES:
            return nullcontext(unseen)
        return long_step(f"reading {Path(self.path).name}", size, "MB", 1_000_000)

    def read_columns(self, places: Mapping[str, int], as_text: bool = False) -> SourceColumns:
        """Return the columns at some places by field; numbers are the doubles nearest to their text."""
        text, bad = (self, None) if _is_even(self) else _with_even_lines(self)
        frame = text.parsed(set(places.values()), as_text)
        if text is self and frame[len(self.titles) - 1].isna().any():  # a line that is too short, made up by a long one
            text, bad = _with_even_lines(self)
            frame = frame if text is self else text.parsed(set(places.values()), as_text)
        values = {field: frame[place] for field, place in places.items()}
        if bad is None:
            return SourceColumns(values)
        rows = np.setdiff1d(np.arange(len(frame) + len(bad.rows), dtype=np.int64), bad.rows)
        return SourceColumns(values, rows, bad.listed())

    def parsed(self, places: set[int], as_text: bool) -> pd.DataFrame:
        """Return the columns at some places, and the last one, by place."""
        options: dict[str, Any] = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
        try:
            with self._bar() as advance:
                frame: pd.DataFrame = pd.read_csv(
                    self._told_rows(advance),
                    sep=self.separator,
                    header=None,
                    names=list(range(len(self.titles))),
                    usecols=sorted(places | {len(self.titles) - 1}),
                    dtype=str if as_text else None,
                    skipinitialspace=True,
                    low_memory=False,
                    **options,
                )
        except UnicodeDecodeError as error:
            raise _no_utf_8(self) from error
        except pd.errors.EmptyDataError:
            return pd.DataFrame(columns=range(len(self.titles)))
        except (pd.errors.ParserError, ValueError, OverflowError) as error:
            raise FileFormatError(self.path, None, None, f"the text cannot be parsed: {error}") from error
        return frame


class _ToldBytes(io.BytesIO):
    """Bytes that tell from time to time how many of them were read."""

    def __init__(self, data: bytes, advance: Callable[[int], None]) -> None:
        super().__init__(data)
        self._advance, self._untold = advance, 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        return self._told(super().read(size))

    def read1(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        return self._told(super().read1(size))

    def _told(self, found: bytes) -> bytes:
        self._untold += len(found)
        if self._untold >= _TOLD_BYTES or not found:
            self._advance(self._untold)
            self._untold = 0
        return found


def _text_of(path: str, data: bytes) -> CsvText:
    """Return a text without what is no row in it."""
    data = _translated(data.removeprefix(codecs.BOM_UTF8))
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):  # also a bare one ends a line
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data or data.isspace():
        raise FileFormatError(path, None, None, "the file is empty")
    head = plain_head(path, data)
    start, remarks = head.end, list(head.remarks)
    if not data.endswith(b"\n"):
        remarks.append("the last line has no line end; is the file complete?")
    if data.find(b"#", start) >= 0:
        (data, count), start = _COMMENT.subn(b"", data[start:]), 0
        remarks += [f"comments (lines that begin with #), left out: {count:,}"] * bool(count)
    line = head.title_line.rstrip()
    if line and (data.find(b"\n" + line, start) >= 0 or data.startswith(line, start)):
        (data, count), start = _repeated(line).subn(b"", data[start:]), 0
        remarks += [f"lines of titles among the rows, left out: {count:,}"] * bool(count)
    return CsvText(path, data, start, head.separator, head.titles, head.has_titles, tuple(remarks))


def _translated(data: bytes) -> bytes:
    """Return a text in UTF-8 whose titles have Chinese translations in GBK behind slashes, as OKX writes them."""
    line = data[: data.find(b"\n") + 1]
    if line.isascii() or b"/" not in line:
        return data
    try:
        line.decode()
    except UnicodeDecodeError:
        try:
            return line.decode("gbk").encode() + data[len(line) :]
        except UnicodeDecodeError:
            return data
    return data


def _repeated(line: bytes) -> re.Pattern[bytes]:
    """Return the pattern of the lines of titles that stand among rows where files were put one behind the other."""
    return re.compile(rb"^" + re.escape(line) + rb"[ \t\r]*(?:\n|\Z)", re.MULTILINE)


def _no_utf_8(text: CsvText) -> FileFormatError:
    """Return the error about bytes that are no UTF-8."""
    row, data = None, text.data[text.start :]
    try:
        data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
    return FileFormatError(text.path, row, None, NO_UTF_8)


def _is_even(text: CsvText) -> bool:
    """Whether there are as many separators as there must be, which is found in no time."""
    data, start = text.data, text.start
    lines = data.count(b"\n", start) + (not data.endswith(b"\n") and start < len(data))
    return data.count(text.separator.encode(), start) == lines * (len(text.titles) - 1)


def _with_even_lines(text: CsvText) -> tuple[CsvText, BadRows | None]:
    """Raise the error about the first line that has more or fewer columns than the first, or return the text without
    such lines where it is allowed to leave them out.
    """
    data, width, count = text.data, len(text.titles), 0
    bad: dict[int, str] = {}
    good = io.StringIO()
    write = csv.writer(good, delimiter=text.separator, lineterminator="\n").writerow if text.skip_bad_rows else None
    for row, cells, is_last in _lines(text):
        count += 1
        if len(cells) != width:
            cut = is_last and not data.endswith(b"\n")
            bad[row] = f"the line has {len(cells)} columns, not {width}" + "; the file seems to be cut off" * cut
        elif write is not None:
            write(cells)
    if not bad:
        return text, None
    error = BadRows(text.path, None, np.array(list(bad), np.int64), list(bad.values()).__getitem__)
    if len(bad) > text.skip_bad_rows:
        raise error.refusal(text.skip_bad_rows, 0, count)
    return replace(text, data=good.getvalue().encode(), start=0), error


def _lines(text: CsvText) -> Iterator[tuple[int, list[str], bool]]:
    """Yield the number from 0 and the cells of each row, and whether it is the last one."""
    stream = io.TextIOWrapper(text.rows(), "utf-8", newline="")
    rows = enumerate(filter(None, csv.reader(stream, delimiter=text.separator)))
    try:
        held = next(rows, None)
        while held is not None:
            following = next(rows, None)
            yield (*held, following is None)
            held = following
    except csv.Error as error:
        raise FileFormatError(text.path, None, None, f"the text cannot be parsed: {error}") from error
    except UnicodeDecodeError as error:
        raise _no_utf_8(text) from error
