"""Rows that stand in JSON: a list of lists or of objects, lists by title, lines of JSON, or the answer of a venue."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from engine.errors import FileFormatError

from ...input import ImportLimits
from .bad_rows import BadRows
from .table_source import SourceColumns, listed

#: A document takes so many times its size in memory.
_GROWTH = 4
#: How deep the rows may lie in what a venue answers.
_DEPTH = 5


class JsonRows:
    """The rows of a JSON text and the `titles` of their columns. Raises `FileFormatError`."""

    may_have_commas, may_have_points = True, False
    remarks: tuple[str, ...] = ()

    def __init__(self, path: str, data: bytes, skip_bad_rows: int) -> None:
        most = ImportLimits.of_environment().megabytes // _GROWTH
        if len(data) > max(most, 1) << 20:
            problem = f"holds more than {most:,} MB of JSON: write it as CSV (PERPSIM_MOST_MEGABYTES allows more)"
            raise FileFormatError(path, None, None, problem)
        self._path, self._skip = path, skip_bad_rows
        try:
            rows = self._rows(_document(path, data.removeprefix(codecs.BOM_UTF8)))
        except RecursionError as error:
            raise FileFormatError(path, None, None, "the JSON is nested too deep") from error
        ImportLimits.of_environment().check_rows(len(rows))
        if not rows:
            raise FileFormatError(path, None, None, "the file holds no rows")
        self.has_titles = isinstance(rows[0], dict)
        kind = dict if self.has_titles else list
        width = len(rows[0])
        good = [isinstance(row, kind) and (self.has_titles or len(row) == width) for row in rows]
        self._bad = np.flatnonzero(~np.array(good))
        self._good: list[Any] = [row for row, is_good in zip(rows, good, strict=True) if is_good]
        titles = dict.fromkeys(title for row in self._good for title in row) if self.has_titles else range(width)
        self.titles: list[str] = list(map(str, titles))

    def read_columns(self, places: Mapping[str, int], as_text: bool = False) -> SourceColumns:
        """Return the columns at some places by field; what an object has not is missing."""
        bad = self._refused()
        columns = {place: self._column(place) for place in set(places.values())}
        values = {field: columns[place] for field, place in places.items()}
        if bad is None:
            return SourceColumns(values)
        rows = np.setdiff1d(np.arange(len(self._good) + len(self._bad), dtype=np.int64), self._bad)
        return SourceColumns(values, rows, bad.listed())

    def _column(self, place: int) -> pd.Series[Any]:
        title = self.titles[place]
        cells = [row.get(title) for row in self._good] if self.has_titles else [row[place] for row in self._good]
        try:
            column = pd.Series(cells)
        except (ValueError, OverflowError, TypeError):
            column = pd.Series(cells, dtype=object)
        return column.map(_plain_cell) if column.dtype == object else column

    def _refused(self) -> BadRows | None:
        """Return the error about rows of another shape than the first, or raise it where it counts."""
        if not len(self._bad):
            return None
        shape = "an object" if self.has_titles else f"a list of {len(self.titles)} values"
        error = BadRows(self._path, None, self._bad, lambda place: f"the row is not {shape} as row 1")
        if len(self._bad) > self._skip:
            raise error.refusal(self._skip, 0, len(self._good) + len(self._bad))
        return error

    def _rows(self, document: Any) -> list[Any]:
        """Return the rows of a document."""
        if isinstance(document, list):
            return document if document and isinstance(document[0], (list, dict)) else self._no_rows()
        found = _columns_of(document) or _split_of(document) or _frames_of(document)
        if found is not None:
            return found
        inner = list(_lists_in(document, "", _DEPTH))
        if len(inner) > 1:
            names = listed([name for name, _ in inner])
            raise FileFormatError(self._path, None, None, f"there are several lists of rows, {names}: save one alone")
        if inner:
            return inner[0][1]
        return self._no_rows() if any(isinstance(each, (list, dict)) for each in document.values()) else [document]

    def _no_rows(self) -> list[Any]:
        raise FileFormatError(self._path, None, None, "the JSON holds no list of rows: of lists, or of objects")


def _document(path: str, data: bytes) -> Any:
    """Return what a JSON text says, or the list of what its lines say where each is JSON."""
    lines = [line for line in data.splitlines() if line.strip()]
    try:
        if len(lines) > 1 and _is_whole(lines[0]):
            return json.loads(b"[" + b",".join(lines) + b"]")
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise FileFormatError(path, None, None, "the file is not UTF-8 text: save it as such") from error
    except ValueError as error:
        row = next((place for place, line in enumerate(lines, 1) if not _is_whole(line)), None)
        of_lines = len(lines) > 1 and _is_whole(lines[0])
        problem = f"the text is no JSON, or it is cut off: {str(error)[:120]}"
        raise FileFormatError(path, row if of_lines else None, None, problem) from error


def _plain_cell(cell: Any) -> Any:
    """Return a cell as it is, or as text where it is a list or an object, which no field holds."""
    return json.dumps(cell) if isinstance(cell, (list, dict)) else cell


def _is_whole(line: bytes) -> bool:
    """Whether a line is a list or an object by itself."""
    try:
        return isinstance(json.loads(line.strip().rstrip(b",")), (list, dict)) and not line.rstrip().endswith(b",")
    except ValueError:
        return False


def _columns_of(document: Mapping[str, Any]) -> list[Any] | None:
    """Return rows where each title has the list of its values, as in the answers that charts ask for."""
    lists = {title: cells for title, cells in document.items() if isinstance(cells, list)}
    lengths = {len(cells) for cells in lists.values()}
    if (
        len(lists) < 2
        or len(lengths) != 1
        or any(isinstance(cell, (list, dict)) for cells in lists.values() for cell in cells[:1])
    ):
        return None
    return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]


def _split_of(document: Mapping[str, Any]) -> list[Any] | None:
    """Return rows of what pandas writes as "split": titles, index and values."""
    titles, index, rows = (document.get(name) for name in ("columns", "index", "data"))
    if not (isinstance(titles, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows)):
        return None
    if isinstance(index, list) and len(index) == len(rows):
        titles, rows = ["", *titles], [[label, *row] for label, row in zip(index, rows, strict=True)]
    if any(len(row) != len(titles) for row in rows):
        return None
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


def _frames_of(document: Mapping[str, Any]) -> list[Any] | None:
    """Return rows of what pandas writes as "columns" (values by label, by title) or "index" (by title, by label)."""
    inner = list(document.values())
    if not inner or not all(isinstance(each, dict) and each for each in inner):
        return None
    if any(isinstance(cell, (list, dict)) for each in inner for cell in each.values()):
        return None
    labels = list(inner[0])
    if labels[0][:1].isdigit() and all(list(each) == labels for each in inner):
        return [{"": label, **{title: document[title][label] for title in document}} for label in labels]
    return [{"": label, **row} for label, row in document.items()] if next(iter(document))[:1].isdigit() else None


def _lists_in(document: Mapping[str, Any], name: str, depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield the lists of rows in an object, by their names."""
    for title, value in document.items():
        if title == "schema":  # what pandas writes as "table" begins with one
            continue
        if isinstance(value, list) and value and isinstance(value[0], (list, dict)):
            yield f"{name}{title}", value
        elif isinstance(value, dict) and (rows := _columns_of(value)):
            yield f"{name}{title}", rows
        elif isinstance(value, dict) and depth:
            yield from _lists_in(value, f"{name}{title}.", depth - 1)
