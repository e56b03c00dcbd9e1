"""Rows of one series into a table: counted, in chunks, and the rows of several tables in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from engine import DataError, utc_text
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import SECOND_MS

from .interface import Database, RowColumns
from .needed_columns import checked_name, exchange_name
from .schema import metadata

CHUNK_ROWS = 20_000

#: Two sums of the same numbers are the same even when a column of six decimals has rounded one of them.
_RELATIVE_TOLERANCE, _ABSOLUTE_TOLERANCE = 1e-9, 1e-6

#: What a chunk holds: how many rows, and their values by column.
Chunk = tuple[int, RowColumns]


class WriteCounts(NamedTuple):
    """What became of written rows: new ones, those whose values differed, and those that were there already."""

    inserted: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"{self.inserted:,} inserted, {self.changed:,} changed, {self.unchanged:,} unchanged"


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """Rows of one series for a table whose rows are known by exchange, symbol and timestamp (ms).

    `columns` are values by the table's names; NaN means that there is none (NULL). `names` are further ones by which
    the rows are known, the same for all of them.
    """

    table: Table
    times_ms: TimeColumn
    columns: Mapping[str, FloatColumn | TimeColumn]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Return what the series of these rows is called: the table, with the further names."""
        return " ".join((self.table.name, *self.names.values()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what another process makes these rows of: the table is known there by its name."""
        return _rows_for, (self.table.name, self.times_ms, self.columns, self.names)

    def __len__(self) -> int:
        return len(self.times_ms)


def _rows_for(
    table: str, times_ms: TimeColumn, columns: Mapping[str, FloatColumn | TimeColumn], names: Mapping[str, str]
) -> TableRows:
    return TableRows(metadata.tables[table], times_ms, columns, names)


def check_rows(
    where: str,
    times_ms: TimeColumn,
    required: Mapping[str, FloatColumn],
    further: Mapping[str, npt.NDArray[np.bool_]] | None = None,
) -> None:
    """Raise `DataError` for two rows of one time, for a row without a value that it must have, and for `further` faults
    by what the rows are that have them; rows stand in order of time, `where` says what they are.
    """
    wrong = {"are stored twice": np.diff(times_ms, prepend=times_ms[:1] - 1) == 0}
    wrong |= {f"have no {name}": np.isnan(column) for name, column in required.items()}
    wrong |= further or {}
    for what, rows in wrong.items():
        if rows.any():
            first = utc_text(int(times_ms[np.argmax(rows)]))
            raise DataError(f"{where}: {np.count_nonzero(rows):,} {what}, the first at {first}")


def upsert_counted(
    database: Database,
    connection: Connection,
    table: Table,
    series: ColumnElement[bool],
    chunks: Iterable[Chunk],
    progress: Callable[[int], None] | None = None,
) -> WriteCounts:
    """Insert or update the rows of one series in an open transaction; the table is created when it is missing.

    `progress` is called with the number of rows done since the last call.
    """
    count_stored = select(func.count()).select_from(table).where(series)
    database.create_tables(connection, [table])
    database.require_table(connection, table)
    before = connection.execute(count_stored).scalar_one()
    total = written = 0
    for size, columns in chunks:
        written += database.upsert(connection, table, columns)
        total += size
        if progress is not None:
            progress(size)
    inserted = connection.execute(count_stored).scalar_one() - before
    return WriteCounts(inserted, written - inserted, total - written)


def write_rows(
    database: Database,
    exchange: str,
    symbol: str,
    parts: Iterable[TableRows],
    progress: Callable[[int], None] | None = None,
    *,
    keep_edges: tuple[bool, bool] = (False, False),
    then: Callable[[Connection], object] | None = None,
) -> dict[str, WriteCounts]:
    """Write rows of one exchange and symbol in one transaction: all of them or, after any exception, none.

    The parts are gone through several times. Returns what became of them by the label of their series. A column that a
    part does not have keeps what is stored.
    With `keep_edges` the first and the last row of a table, which the edge of a file may cut off, must not replace
    a stored row of other values: that is a `DataError`. `then` is called at the end, within the transaction.
    """
    names = {"exchange": exchange_name(exchange), "symbol": checked_name("symbol", symbol)}
    edges: dict[str, tuple[TableRows, TableRows]] = {}
    for part in parts:
        edges[part.label] = (edges.get(part.label, (part,))[0], part)
    counts = {}
    with database.writing() as connection:
        for label, (first, last) in edges.items():
            table, known_by = first.table, {**names, **first.names}
            series = and_(*(table.c[column] == value for column, value in known_by.items()))
            rows = (part for part in parts if part.label == label)
            database.create_tables(connection, [table])
            unit_ms = database.timestamp_unit_ms(connection, table)
            if keep_edges[0] and len(first):
                _check_edge(database, connection, series, first, 0, unit_ms)
            if keep_edges[1] and len(last):
                _check_edge(database, connection, series, last, len(last) - 1, unit_ms)
            if unit_ms > 1:
                _check_unit(database, [part for part in parts if part.label == label])
            chunks = chunks_of(rows, known_by, unit_ms)
            counts[label] = upsert_counted(database, connection, table, series, chunks, progress)
        if then is not None:
            then(connection)
    return counts


def _check_unit(database: Database, parts: Sequence[TableRows]) -> None:
    """Raise `DataError` where two rows have one time in seconds, the unit of the table."""
    seconds = np.concatenate([each.times_ms for each in parts]) // SECOND_MS
    if len(np.unique(seconds)) < len(seconds):
        table = parts[0].table
        raise DataError(f"{database.name}: {table.name}.timestamp is in seconds, and two of the rows fall into one")


def chunks_of(parts: Iterable[TableRows], names: Mapping[str, str], unit_ms: int = 1) -> Iterator[Chunk]:
    """Yield rows of one table in chunks, each row with the names of its series, times in units of `unit_ms`."""
    for part in parts:
        for start in range(0, len(part), CHUNK_ROWS):
            span = slice(start, start + CHUNK_ROWS)
            times = part.times_ms[span] // unit_ms
            values = {name: column[span] for name, column in part.columns.items()}
            yield len(times), {**names, "timestamp": times, **values}


def _check_edge(
    database: Database, connection: Connection, series: ColumnElement[bool], rows: TableRows, place: int, unit_ms: int
) -> None:
    table, time_ms = rows.table, int(rows.times_ms[place])
    wanted = [table.c[name] for name in rows.columns]
    stored = database.read_columns(connection, select(*wanted).where(series, table.c.timestamp == time_ms // unit_ms))
    differing = [
        name
        for name, column in rows.columns.items()
        if not np.allclose(stored[name], column[place], rtol=_RELATIVE_TOLERANCE, atol=_ABSOLUTE_TOLERANCE)
    ]
    if differing:
        raise DataError(
            f"{database.name}: the row of {table.name} at {utc_text(time_ms)} is stored with another {differing[0]}, "
            "and the files begin or end there, perhaps in the middle of the row: import the files on both sides of it "
            "in one command, or replace it with --overwrite"
        )
