"""A file of rows and columns, parquet or CSV, whatever its name ends in: the wanted columns by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine import DataError
from engine.errors import FileFormatError
from engine.market import place_of_title
from engine.plain_values import shown

from ..database import TableRows
from ..input import PARQUET_MAGIC, open_input
from .csv_text import CsvText, read_csv_text, unpacked
from .parquet_columns import ParquetColumns

#: How many texts of a file a message lists, and how many characters of each.
_MOST_LISTED, _LONGEST_LISTED = 20, 40
#: Before the title of a column that no field was looked for in.
OTHER = "column "


@dataclass(frozen=True)
class Layout:
    """How to find the fields in a file: by the titles each may have (the first that is there counts), compared
    without case, spaces, dashes and underscores; in a CSV file without a header, by the number of its columns.

    An `optional` field may be absent. With `takes_others` every other column is a field too, under `OTHER` and its
    title.
    """

    titles: Mapping[str, Sequence[str]]
    headerless: Mapping[int, Sequence[str]]
    optional: frozenset[str] = frozenset()
    takes_others: bool = False

    def with_columns(self, columns: Mapping[str, str]) -> Layout:
        """Return the layout with a title of one's own for some fields, which are not optional then.

        Raises `DataError` for a field that there is none of.
        """
        unknown = [field for field in columns if field not in self.titles]
        if unknown:
            raise DataError(
                f"there is no field {shown(unknown[0])} to choose a column for; fields are {', '.join(self.titles)}"
            )
        titles = {**self.titles, **{field: (title,) for field, title in columns.items()}}
        return replace(self, titles=titles, optional=self.optional - columns.keys())


@dataclass(frozen=True)
class ImportedFile:
    """The rows of one file: `count` are those read, of what `kind` says in words, `rows` those to be stored.

    `time_unit` is what its times are in words; `remarks` are for the user.
    """

    path: str
    kind: str
    count: int
    time_unit: str
    rows: tuple[TableRows, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFile:
    """The wanted columns of a file: `values` by field, `titles` as the file calls them, remarks for the user.

    `rows` are the places in the file of the rows that were chosen; None: all. `all_titles` are those of the whole file.
    """

    path: str
    values: Mapping[str, pd.Series[Any]]
    titles: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    rows: npt.NDArray[np.int64] | None = None
    all_titles: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def __contains__(self, field: str) -> bool:
        return field in self.values

    def fail(self, place: int, field: str, problem: str) -> NoReturn:
        """Raise the error about one value; `place` counts from 0."""
        row = place if self.rows is None else int(self.rows[place])
        raise FileFormatError(self.path, row + 1, self.titles[field], problem)

    def require(self, good: npt.NDArray[np.bool_], field: str, problem: Callable[[int], str]) -> None:
        """Raise the error about the first row that is not good; `problem` gets its place."""
        if good.all():
            return
        bad = np.flatnonzero(~good)
        more = f" (and {len(bad) - 1:,} more rows like it)" if len(bad) > 1 else ""
        self.fail(int(bad[0]), field, problem(int(bad[0])) + more)

    def numbers(self, field: str, *, may_be_missing: bool = False) -> npt.NDArray[np.float64]:
        """Return a field as finite numbers, each the double nearest to its text; a missing one that may be is NaN."""
        column = self.values[field]
        if column.dtype.kind in "iuf":
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            numbers = np.array([self._number(place, field, value) for place, value in enumerate(column)], np.float64)
        missing = np.isnan(numbers)
        self.require(~missing | may_be_missing, field, lambda place: "the value is missing")
        self.require(missing | np.isfinite(numbers), field, lambda place: _infinite(numbers[place]))
        return numbers

    def chosen(self, conditions: Mapping[str, str]) -> TableFile:
        """Return the rows in which each field has a text. Raises `FileFormatError` when there is none."""
        good = np.ones(len(self), bool)
        for field, wanted in conditions.items():
            texts = self.values[field].astype(str).str.strip()
            good &= (texts == wanted).to_numpy(dtype=bool)
            if not good.any():
                found = listed(sorted(texts.unique()))
                raise FileFormatError(
                    self.path, None, self.titles[field], f"no row has {shown(wanted)}; there are {found}"
                )
        kept = self.kept(good)
        return replace(kept, values={field: kept.values[field] for field in kept.values if field not in conditions})

    def kept(self, good: npt.NDArray[np.bool_]) -> TableFile:
        """Return the rows that are good."""
        places = np.flatnonzero(good)
        values = {field: column.iloc[places] for field, column in self.values.items()}
        return replace(self, values=values, rows=places if self.rows is None else self.rows[places])

    def imported(self, kind: str, time_unit: str, *rows: TableRows, remarks: Sequence[str] = ()) -> ImportedFile:
        """Return what this file has become: its rows for the tables, and further remarks behind its own."""
        return ImportedFile(self.path, kind, len(self), time_unit, rows, (*self.remarks, *remarks))

    def _number(self, place: int, field: str, value: Any) -> float:
        if pd.isna(value):
            return float("nan")
        try:
            if isinstance(value, bool) or (isinstance(value, str) and not _is_plain(value)):
                raise TypeError
            return float(value)
        except (TypeError, ValueError, OverflowError):
            self.fail(place, field, f"{shown(value)} is not a number")


def read_table(path: str | Path, layout: Layout, where: Mapping[str, str] | None = None) -> TableFile:
    """Read the wanted columns of a parquet file or a CSV file (also gzipped or as the only file of a zip archive).

    `where` keeps the rows in which a column, by its title, has a text.
    Raises `FileFormatError` for anything that cannot be read as such, `DataError` when pyarrow is needed and absent.
    """
    name = str(path)
    conditions = {f"where {title}": wanted for title, wanted in (where or {}).items()}
    layout = replace(layout, titles={**layout.titles, **{f"where {title}": (title,) for title in where or {}}})
    try:
        with open_input(path) as file:
            magic = file.peek(len(PARQUET_MAGIC))[: len(PARQUET_MAGIC)]
            if not magic:
                raise ValueError("the file is empty")
            table = _from_parquet(name, file, layout) if magic == PARQUET_MAGIC else _from_csv(name, file, layout)
    except ValueError as error:
        raise FileFormatError(name, None, None, str(error)) from error
    if not len(table):
        raise FileFormatError(name, None, None, "the file holds no rows")
    return table.chosen(conditions) if conditions else table


def _from_csv(name: str, file: BufferedReader, layout: Layout) -> TableFile:
    text = CsvText.read(name, unpacked(file))
    if text.has_header:
        places = _find_fields(name, text.titles, layout)
    else:
        fields = layout.headerless.get(len(text.titles))
        if fields is None:
            expected = " or ".join(map(str, sorted(layout.headerless)))
            raise FileFormatError(
                name, None, None, f"there is no header line, and {len(text.titles)} columns are not {expected}"
            )
        absent = set(layout.titles) - set(fields) - layout.optional
        if absent:
            field = min(absent).removeprefix("where ")
            raise FileFormatError(name, None, field, "there is no header line that names such a column")
        wanted = (*layout.titles, *(field for field in fields if field.startswith(OTHER)))
        places = {field: fields.index(field) for field in wanted if field in fields}
    frame = read_csv_text(text, sorted(set(places.values())))
    values = {field: frame[place] for field, place in places.items()}
    titles = {field: text.titles[place] if text.has_header else field for field, place in places.items()}
    return TableFile(name, values, titles, text.remarks, all_titles=text.titles if text.has_header else ())


def _from_parquet(name: str, file: BufferedReader, layout: Layout) -> TableFile:
    columns = ParquetColumns(name, file)
    places = _find_fields(name, columns.titles, layout)
    titles = {field: columns.titles[place] for field, place in places.items()}
    return TableFile(name, columns.read(places), titles, all_titles=tuple(columns.titles))


def _find_fields(name: str, titles: Sequence[str], layout: Layout) -> dict[str, int]:
    """Return the place of each field's column."""
    places = {}
    for field, accepted in layout.titles.items():
        found = place_of_title(accepted, titles)
        if found is None and field in layout.optional:
            continue
        if found is None:
            raise FileFormatError(
                name, None, field.removeprefix("where "), f"there is no such column; the file has {listed(titles)}"
            )
        if titles.count(titles[found]) > 1:
            raise FileFormatError(name, None, titles[found], "there are several columns of this title")
        places[field] = found
    return {**places, **_others(name, titles, places)} if layout.takes_others else places


def _others(name: str, titles: Sequence[str], places: Mapping[str, int]) -> dict[str, int]:
    """Return the places of the columns in which no field was found, by field."""
    found: dict[str, int] = {}
    for place, title in enumerate(titles):
        if place in places.values():
            continue
        if found.setdefault(f"{OTHER}{title}", place) != place:
            raise FileFormatError(name, None, title, "there are several columns of this title")
    return found


def _infinite(number: float) -> str:
    return f"{number} is not a finite number: it is infinite, or has more digits than any price, size or rate"


def _is_plain(text: str) -> bool:
    """Whether a number is written as files write them: `float` also takes 1_000 and the digits of every script."""
    return text.isascii() and "_" not in text


def listed(texts: Sequence[str]) -> str:
    """Return texts of a file as a message lists them: not too many, and none of them too long."""
    short = [text[:_LONGEST_LISTED] + "..." * (len(text) > _LONGEST_LISTED) for text in texts[:_MOST_LISTED]]
    more = f" and {len(texts) - _MOST_LISTED:,} more" if len(texts) > _MOST_LISTED else ""
    return ", ".join(short) + more or "none"
