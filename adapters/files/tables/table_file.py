"""A file of rows and columns, of whatever kind and name: the wanted columns by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.errors import FileFormatError
from engine.plain_values import shown

from ...database import TableRows
from ...input import FEATHER_MAGIC, PARQUET_MAGIC, is_json, open_input, unpacked
from .arrow_columns import ArrowColumns
from .bad_rows import BadRows
from .column_layout import OTHER, SERIES, WHERE, Layout, find_fields, places_by_number
from .csv_text import CsvText
from .json_rows import JsonRows
from .number_texts import may_be_thousands, plain_column, uses_comma
from .read_options import ReadOptions
from .table_source import NO_TITLE, TableSource, listed, numbered_places

#: So many bytes tell JSON from CSV.
_TOP_BYTES = 1_024
_NOTHING_SAID = ReadOptions()


@dataclass(frozen=True)
class ImportedFile:
    """The rows of one file: `count` are those read, of what `kind` says in words, `rows` those to be stored.

    `time_unit` is what its times are in words; `remarks` are for the user; `market` is the one that the file names;
    `titles` are those of the columns that were taken, by field.
    """

    path: str
    kind: str
    count: int
    time_unit: str
    rows: tuple[TableRows, ...]
    remarks: tuple[str, ...] = ()
    market: str | None = None
    titles: Mapping[str, str] | None = None


@dataclass(frozen=True)
class TableFile:
    """The wanted columns of a file: `values` by field, `titles` as the file calls them, remarks for the user.

    `rows` are the places in the file of the rows that were chosen; None: all. `all_titles` are those of the whole file;
    `left_out` has the bad rows that are not among these, and why.
    """

    path: str
    values: Mapping[str, pd.Series[Any]]
    titles: Mapping[str, str]
    notes: tuple[str, ...] = ()
    rows: npt.NDArray[np.int64] | None = None
    all_titles: tuple[str, ...] = ()
    options: ReadOptions = _NOTHING_SAID
    left_out: tuple[tuple[int, str], ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def __contains__(self, field: str) -> bool:
        return field in self.values

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was found and done, for the user."""
        return (*self.notes, *(reason for _, reason in sorted(self.left_out)))

    def row_number(self, place: int) -> int:
        """Return the number in the file, from 1, of the row at a place, from 0."""
        return 1 + (place if self.rows is None else int(self.rows[place]))

    def fail(self, field: str | None, problem: str) -> NoReturn:
        """Raise the error about a column, or about the file."""
        raise FileFormatError(self.path, None, None if field is None else self.titles[field], problem)

    def require(
        self, good: npt.NDArray[np.bool_], field: str, problem: Callable[[int], str], way_out: str | None = None
    ) -> None:
        """Raise the error about the rows that are not good; `problem` gets the place of each, `way_out` says what may
        be done about them beside leaving them out.
        """
        if good.all():
            return
        bad = np.flatnonzero(~good)
        places = bad if self.rows is None else self.rows[bad]
        raise BadRows(self.path, self.titles[field], places, lambda number: problem(int(bad[number])), way_out)

    def numbers(self, field: str, *, may_be_missing: bool = False) -> npt.NDArray[np.float64]:
        """Return a field as finite numbers, each the double nearest to its text; a missing one that may be is NaN."""
        column = self.values[field]
        if column.dtype.kind in "iuf":
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            found = [_as_number(value) for value in column]
            is_number = np.array([number is not None for number in found], dtype=bool)
            self.require(is_number, field, lambda place: f"{_shown(column.iloc[place])} is not a number")
            numbers = np.array(found, dtype=np.float64)
        missing = np.isnan(numbers)
        self.require(~missing | may_be_missing, field, lambda place: "the value is missing")
        self.require(missing | np.isfinite(numbers), field, lambda place: _infinite(numbers[place]))
        return numbers

    def number_hint(self, field: str) -> str | None:
        """Return how the column of a field is told in a file without titles; None where there are such."""
        return None if self.all_titles else f"there is no header line; --column {field}=NUMBER says which column it is"

    def chosen(self, conditions: Mapping[str, str]) -> TableFile:
        """Return the rows in which each field has a text. Raises `FileFormatError` when there is none."""
        good = np.ones(len(self), bool)
        for field, wanted in conditions.items():
            texts = self.values[field].astype(str).str.strip()
            good &= (texts == wanted).to_numpy(dtype=bool)
            if not good.any():
                self.fail(field, f"no row has {shown(wanted)}; there are {listed(sorted(texts.unique()))}")
        kept = self.kept(good)
        return replace(kept, values={field: kept.values[field] for field in kept.values if field not in conditions})

    def kept(self, good: npt.NDArray[np.bool_]) -> TableFile:
        """Return the rows that are good."""
        return self.taken(np.flatnonzero(good))

    def without(self, rows: npt.NDArray[np.int64]) -> TableFile:
        """Return the table without the rows at some places of the file."""
        return self.kept(~np.isin(np.arange(len(self)) if self.rows is None else self.rows, rows))

    def taken(self, places: npt.NDArray[np.int64]) -> TableFile:
        """Return the rows at some places, in their order."""
        values = {field: column.iloc[places] for field, column in self.values.items()}
        return replace(self, values=values, rows=places if self.rows is None else self.rows[places])

    def noting(self, *remarks: str) -> TableFile:
        """Return the table with further remarks for the user."""
        return replace(self, notes=(*self.notes, *remarks))

    def imported(self, kind: str, time_unit: str, *rows: TableRows, remarks: Sequence[str] = ()) -> ImportedFile:
        """Return what this file has become: its rows for the tables, and further remarks behind its own."""
        told = (*self.remarks, *remarks)
        return ImportedFile(self.path, kind, len(self), time_unit, rows, told, self.market, dict(self.titles))

    @property
    def market(self) -> str | None:
        """The market that all rows are of, where a column tells it."""
        names = list(self.values[SERIES].dropna()[:1]) if SERIES in self else []
        return str(names[0]) if names else None


def read_table(
    path: str | Path, layout: Layout, where: Mapping[str, str] | None = None, options: ReadOptions | None = None
) -> TableFile:
    """Read the wanted columns of a file: parquet, feather, CSV, JSON or lines of JSON (the texts also packed by gzip,
    bzip2, xz or zip).

    `where` keeps the rows in which a column, by its title, has a text.
    Raises `FileFormatError` for anything that cannot be read as such, `DataError` when pyarrow is needed and absent.
    """
    name, how = str(path), options or _NOTHING_SAID
    conditions = {f"{WHERE}{title}": wanted for title, wanted in (where or {}).items()}
    titles = {**layout.titles, **{f"{WHERE}{title}": (title,) for title in where or {}}}
    layout = replace(layout, titles=titles, chosen=layout.chosen | conditions.keys())
    try:
        with open_input(path) as file:
            table = _table_of(name, _source(name, file, how), layout, how)
    except ValueError as error:
        raise FileFormatError(name, None, None, str(error)) from error
    if not len(table):
        raise FileFormatError(name, None, None, "the file holds no rows")
    return table.chosen(conditions) if conditions else table


def _source(name: str, file: BufferedReader, options: ReadOptions) -> TableSource:
    begin = file.peek(len(FEATHER_MAGIC))
    if not begin:
        raise ValueError("the file is empty")
    if begin.startswith(PARQUET_MAGIC):
        return ArrowColumns(name, file)
    if begin.startswith(FEATHER_MAGIC):
        return ArrowColumns(name, file, "feather")
    parts = unpacked(file)
    if not is_json(parts[0].data[:_TOP_BYTES]):
        return CsvText.read(name, parts, options.skip_bad_rows)
    if len(parts) > 1:
        names = listed([part.name for part in parts])
        raise ValueError(f"the archive holds several files of JSON, {names}: unpack it and import them one by one")
    return JsonRows(name, parts[0].data, options.skip_bad_rows)


def _table_of(name: str, source: TableSource, layout: Layout, options: ReadOptions) -> TableFile:
    titles = list(source.titles)
    numbered = numbered_places(titles) if source.has_titles else range(len(titles))
    if numbered is None:
        places = find_fields(name, titles, layout)
        called = {field: titles[place] or NO_TITLE for field, place in places.items()}
    else:
        places = places_by_number(name, source, numbered, layout)
        called = {field: field.removeprefix(OTHER) for field in places}
    columns = source.read_columns(places)
    known = tuple(titles) if numbered is None else ()
    table = TableFile(name, columns.values, called, source.remarks, columns.rows, known, options, columns.left_out)
    return _with_plain_numbers(table, source, places)


def _with_plain_numbers(table: TableFile, source: TableSource, places: Mapping[str, int]) -> TableFile:
    """Return the table with texts that are numbers to Python, however people wrote them."""
    with_comma = uses_comma(table) if source.may_have_commas else None
    if with_comma is None:
        _refuse_unclear_points(table, source, places)
        return table
    values = source.read_columns(places, as_text=True).values if with_comma else table.values
    changed = {field: plain_column(column, with_comma) for field, column in values.items()}
    written = "a decimal comma" if with_comma else "separators of thousands"
    return replace(table, values=changed).noting(f"the numbers are written with {written}")


def _refuse_unclear_points(table: TableFile, source: TableSource, places: Mapping[str, int]) -> None:
    """Raise `FileFormatError` where commas do not separate the columns, and all points may stand behind thousands."""
    fields = [field for field, column in table.values.items() if column.dtype.kind == "f"]
    if not fields or not source.may_have_points or not all(may_be_thousands(table.values[field]) for field in fields):
        return
    texts = source.read_columns({field: places[field] for field in fields}, as_text=True).values
    if all(map(may_be_thousands, texts.values())):
        text = texts[fields[0]].dropna().iloc[0]
        problem = (
            f"the point in {shown(text)} may stand before decimals or behind thousands; say --decimal point or comma"
        )
        table.fail(fields[0], problem)


def _as_number(value: Any) -> float | None:
    """Return a number; NaN where there is none, None for what is no number."""
    if not pd.api.types.is_scalar(value):
        return None
    if pd.isna(value):
        return float("nan")
    try:
        return None if isinstance(value, bool) or (isinstance(value, str) and not _is_plain(value)) else float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        return float("inf")


def _shown(value: Any) -> str:
    return shown(value.item() if isinstance(value, np.generic) else value)


def _infinite(number: float) -> str:
    return f"{number} is not a finite number: it is infinite, or has more digits than any price, size or rate"


def _is_plain(text: str) -> bool:
    """Whether a number is written as files write them: `float` also takes 1_000 and the digits of every script."""
    return text.isascii() and "_" not in text
