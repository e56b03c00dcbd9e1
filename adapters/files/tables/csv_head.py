"""The top of a CSV file: what separates its columns, its line of titles, and what stands above that."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

from engine.errors import FileFormatError
from engine.plain_values import shown

from .number_texts import is_number
from .table_source import numbered_places

_HEAD_BYTES, _MOST_ABOVE = 1 << 16, 50
#: Where several may separate, the first that does it twice in a line.
_SEPARATORS = ("\t", ";", "|", ",")
_SAYS_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
#: A line above the rows has fewer cells than this, or it is a row that is too short.
_LEAST_CELLS = 3
_LONGEST_SHOWN = 60
NO_UTF_8 = "the file is not UTF-8 text: save it as such, for example with iconv -f latin1 -t utf-8"


class CsvHead(NamedTuple):
    """What the top of a text tells: `titles` are the cells of its line of titles, or of its first row where
    `has_titles` says that there is none; the rows begin at `end`.
    """

    separator: str
    titles: tuple[str, ...]
    has_titles: bool
    end: int
    title_line: bytes
    remarks: tuple[str, ...]


class _Line(NamedTuple):
    """One line that is not blank, and where it begins and ends."""

    text: str
    begin: int
    end: int

    def cells(self, separator: str) -> tuple[str, ...]:
        return tuple(cell.strip() for cell in next(csv.reader([self.text], delimiter=separator), ()))


def plain_head(path: str, data: bytes) -> CsvHead:
    """Look at the first lines of a text. Raises `FileFormatError` where they have no columns."""
    lines = _first_lines(data)
    if not lines:
        raise FileFormatError(path, None, None, "the file begins with blank lines alone: this is no table")
    try:
        return _head(path, lines)
    except csv.Error as error:
        raise FileFormatError(path, None, None, f"the first line cannot be parsed: {error}") from error


def _first_lines(data: bytes) -> list[_Line]:
    """Return the first lines with something in them."""
    lines: list[_Line] = []
    begin, size = 0, len(data)
    while begin < min(size, _HEAD_BYTES) and len(lines) < _MOST_ABOVE:
        stop = data.find(b"\n", begin)
        end = size if stop < 0 else stop + 1
        text = data[begin:end].decode(errors="surrogateescape").strip("\r\n ")
        if text.strip():
            lines.append(_Line(text, begin, end))
        begin = end
    return lines


def _head(path: str, lines: Sequence[_Line]) -> CsvHead:
    said = _SAYS_SEPARATOR.fullmatch(lines[0].text)
    comments = [line for line in lines if line.text.startswith("#")]
    others = [line for line in lines[said is not None :] if not line.text.startswith("#")]
    if not others:
        raise FileFormatError(path, None, None, "the file holds nothing but comments")
    place = _first_row(others, said and said.group(1))
    first = others[place]
    separator = said.group(1) if said else _separator(first.text)
    if separator not in first.text:
        raise FileFormatError(path, None, None, "the first line has no columns separated by comma, ; or tab")
    above = [line.text for line in others[:place]]
    head = _found(path, separator, first, above)
    last = next((line for line in reversed(comments) if line.end <= first.begin), None)
    if last is None or head.has_titles:
        return _with_comments(head, sum(line.begin < first.begin for line in comments))
    named = _Line(last.text.lstrip("# ") if last.text.startswith("# ") else last.text, last.begin, last.end)
    if len(named.cells(separator)) == len(head.titles) and not any(map(is_number, named.cells(separator))):
        titled = _found(path, separator, named, above)._replace(end=last.end, title_line=b"")
        return _with_comments(titled, sum(line.begin < last.begin for line in comments))
    return _with_comments(head, sum(line.begin < first.begin for line in comments))


def _found(path: str, separator: str, line: _Line, above: Sequence[str]) -> CsvHead:
    """Return the head of a text whose titles, or whose first row, stand in a line."""
    cells = line.cells(separator)
    has_titles = not any(map(is_number, cells)) or numbered_places(cells) is not None
    if has_titles and any(map(_is_no_text, cells)):
        raise FileFormatError(path, None, None, NO_UTF_8)
    end, raw = (line.end, line.text.encode(errors="surrogateescape")) if has_titles else (line.begin, b"")
    remarks = tuple(f"a line above the rows is left out: {shown(text[:_LONGEST_SHOWN])}" for text in above)
    return CsvHead(separator, cells, has_titles, end, raw, remarks)


def _with_comments(head: CsvHead, count: int) -> CsvHead:
    if not count:
        return head
    remark = f"comments above the rows (lines that begin with #), left out: {count:,}"
    return head._replace(remarks=(remark, *head.remarks))


def _is_no_text(cell: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in cell)


def _separator(text: str) -> str:
    twice = next((each for each in _SEPARATORS if each != "," and text.count(each) > 1), None)
    return twice or max(_SEPARATORS, key=text.count)


def _first_row(lines: Sequence[_Line], said: str | None) -> int:
    """Return the place of the first line that is as wide as the one below it, below lines that are no rows at all."""
    for place, line in enumerate(lines[:-1]):
        separator = said or _separator(line.text)
        cells = line.cells(separator)
        if len(cells) > 1 and len(cells) == len(lines[place + 1].cells(separator)):
            return place
        if len(cells) >= _LEAST_CELLS or any(map(is_number, cells)):
            return 0
    return 0
