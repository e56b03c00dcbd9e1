"""Features, data of one's own, from files: a time, maybe a symbol, and columns of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from engine import TimedValues
from engine.errors import FileFormatError
from engine.market import ALL_SYMBOLS, SYMBOL_TITLES, TIME_TITLES, column_feature, feature_name_problem

from ..database import FeatureRows
from .tables import OTHER, ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows

_TIME, _SYMBOL = "time", "symbol"

#: Without a header: a time and one value.
FEATURE_LAYOUT = Layout(
    titles={_TIME: ("known_at", "known_time", *TIME_TITLES), _SYMBOL: SYMBOL_TITLES},
    headerless={2: (_TIME, f"{OTHER}value")},
    optional=frozenset({_SYMBOL}),
)


class FeatureFile(NamedTuple):
    """What one file holds, and its values as they are stored."""

    file: ImportedFile
    features: list[FeatureRows]


def read_feature_file(
    path: str | Path,
    name: str,
    symbol: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> FeatureFile:
    """Read and check the values of a feature: each is known from the time of its row on, to the millisecond.

    They are of the symbol in a column of symbols; where there is none of `symbol`, and without that of every symbol.
    With both only the rows of that symbol count. `columns` chooses the columns of "time" and "symbol" by their titles,
    and under names of one's own those of the values, where not all other columns are values. One column of values is
    the feature `name`; of several, each is "name.TITLE". `where` keeps the rows in which a column, by its title, has a
    text. Raises `FileFormatError` with file, row and column for whatever is no finite number, and for values of one
    time that differ within a symbol.
    """
    table = read_table(path, _layout(columns or {}), where, options)
    return without_bad_rows(table, lambda rows: _features(rows, name, symbol))


def _features(table: TableFile, name: str, symbol: str | None) -> FeatureFile:
    fields = [field for field in table.values if field.startswith(OTHER)]
    if not fields:
        raise FileFormatError(table.path, None, None, "there is no column of values beside the time")
    names = {field: column_feature(name, field.removeprefix(OTHER), len(fields)) for field in fields}
    for field, feature in names.items():
        if (problem := feature_name_problem(feature)) is not None:
            raise FileFormatError(table.path, None, table.titles[field], problem)
    found, times, remarks, count = [], None, dict.fromkeys(table.remarks), 0
    for of_symbol, rows in _by_symbol(table, symbol):
        rows, times = timed_rows(rows, _TIME)
        remarks, count = remarks | dict.fromkeys(rows.remarks), count + len(rows)
        values = {feature: TimedValues(times.ms, rows.numbers(field)) for field, feature in names.items()}
        found += [FeatureRows(of_symbol, *each) for each in values.items()]
    assert times is not None  # no file is without a row
    what = "rows" if len(fields) == 1 else f"rows of {len(fields)} values"
    file = ImportedFile(table.path, what, count, times.unit, (), tuple(remarks), titles=dict(table.titles))
    return FeatureFile(file, found)


def _layout(columns: Mapping[str, str]) -> Layout:
    own = {field: title for field, title in columns.items() if field not in FEATURE_LAYOUT.titles}
    layout = FEATURE_LAYOUT.with_columns({field: columns[field] for field in columns if field not in own})
    if not own:
        return replace(layout, takes_others=True)
    return replace(layout, titles={**layout.titles, **{f"{OTHER}{field}": (title,) for field, title in own.items()}})


def _by_symbol(table: TableFile, symbol: str | None) -> Iterator[tuple[str, TableFile]]:
    """Yield the rows of each symbol, or those of the one that is wanted."""
    if _SYMBOL not in table:
        yield symbol or ALL_SYMBOLS, table
        return
    column = table.values[_SYMBOL]
    table.require(column.notna().to_numpy(), _SYMBOL, lambda place: "the symbol is missing")
    there = sorted(column.astype(str).str.strip().unique()) if symbol is None else [symbol]
    yield from ((each, table.chosen({_SYMBOL: each})) for each in there)
