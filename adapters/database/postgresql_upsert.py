"""Many rows into a PostgreSQL table: by COPY into a temporary table, from there where they are new or differ."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg2.errors
import psycopg2.extensions
from psycopg2 import sql
from sqlalchemy import Connection, Table, UniqueConstraint, text

from .interface import RowColumns

_TYPES = text(
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
    " WHERE attrelid = to_regclass(quote_ident(:name)) AND attnum > 0 AND NOT attisdropped"
)

#: What text may hold that COPY's own format uses.
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class RoundingRefused(Exception):
    """A column of the table would not keep the values as they are; the text says which and how many."""


def raw(connection: Connection) -> psycopg2.extensions.connection:
    """Return the driver's own connection."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, psycopg2.extensions.connection)
    return driver


def upsert(connection: Connection, table: Table, columns: RowColumns, allow_rounding: bool) -> int:
    """Insert rows, or update those that differ, and return how many that were; see `Database.upsert`."""
    constants = {name: column for name, column in columns.items() if isinstance(column, str)}
    varying = {name: column for name, column in columns.items() if not isinstance(column, str)}
    types = {str(name): str(kind) for name, kind in connection.execute(_TYPES, {"name": table.name})}
    incoming = _incoming_table(connection, {name: types[name] for name in varying})
    with raw(connection).cursor() as cursor:
        cursor.execute(sql.SQL("TRUNCATE {}").format(incoming))
        names = sql.SQL(", ").join(map(sql.Identifier, varying))
        cursor.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN").format(incoming, names), _copy_text(varying))
        if not allow_rounding:
            _refuse_rounding(cursor, table.name, incoming, {name: types[name] for name in varying})
        insertion = _insertion(table, incoming, varying, constants, types)
        count = _inserted(cursor, insertion, _overlap(table, incoming, varying, constants, types), constants)
        if count is None:
            cursor.execute(insertion + _update(table, columns), constants)
            count = cursor.rowcount
    return count


def _inserted(cursor: Any, insertion: sql.Composed, overlap: sql.Composed, constants: Mapping[str, str]) -> int | None:
    """Insert the incoming rows if none of them can be stored already, which takes the server half the time of looking
    for each, and return how many; None, and nothing was done, where one can be or somebody stores one meanwhile.
    """
    cursor.execute(overlap, constants)
    if cursor.fetchone()[0]:
        return None
    cursor.execute("SAVEPOINT perpsim_insertion")
    try:
        cursor.execute(insertion, constants)
    except psycopg2.errors.UniqueViolation:
        cursor.execute("ROLLBACK TO SAVEPOINT perpsim_insertion")
        return None
    count: int = cursor.rowcount
    cursor.execute("RELEASE SAVEPOINT perpsim_insertion")
    return count


def _incoming_table(connection: Connection, types: Mapping[str, str]) -> sql.Identifier:
    """Return a temporary table of this transaction that takes such columns exactly as they come."""
    made: dict[tuple[tuple[str, str], ...], sql.Identifier] = connection.info.setdefault("perpsim_incoming", {})
    key = tuple(types.items())
    if key not in made:
        name = sql.Identifier(f"perpsim_incoming_{len(made)}")
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(_exact_type(kind))) for column, kind in key
        )
        with raw(connection).cursor() as cursor:
            cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DROP").format(name, columns))
        made[key] = name
    return made[key]


def _exact_type(kind: str) -> str:
    """Return a type that takes the text of any double that a column of type `kind` may be given, without rounding."""
    if kind.startswith("numeric"):
        return "numeric"
    return "double precision" if kind == "real" else kind


def _refuse_rounding(cursor: Any, table: str, incoming: sql.Identifier, types: Mapping[str, str]) -> None:
    rounding = {name: kind for name, kind in types.items() if kind.startswith("numeric(") or kind == "real"}
    if not rounding:
        return
    differing = (
        sql.SQL("count(*) FILTER (WHERE {0} <> {0}::{1})").format(sql.Identifier(name), sql.SQL(kind))
        for name, kind in rounding.items()
    )
    cursor.execute(sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(differing), incoming))
    for (name, kind), count in zip(rounding.items(), cursor.fetchone(), strict=True):
        if count:
            raise RoundingRefused(f"table {table} holds {name} as {kind}, which would round {count:,} of the values")


def _key(table: Table) -> list[str]:
    return next(c for c in table.constraints if isinstance(c, UniqueConstraint)).columns.keys()


def _overlap(
    table: Table, incoming: sql.Identifier, varying: Iterable[str], constants: Iterable[str], types: Mapping[str, str]
) -> sql.Composed:
    """Return the question whether a row is stored from the first to the last of the incoming ones."""
    span = sql.SQL("{0} BETWEEN (SELECT min({0}) FROM {1}) AND (SELECT max({0}) FROM {1})")
    same = sql.SQL("{} = {}")
    conditions = [span.format(sql.Identifier(name), incoming) for name in varying if name in _key(table)]
    conditions += [
        same.format(sql.Identifier(name), _cast(sql.Placeholder(name), types[name]))
        for name in constants
        if name in _key(table)
    ]
    return sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {})").format(
        sql.Identifier(table.name), sql.SQL(" AND ").join(conditions)
    )


def _insertion(
    table: Table, incoming: sql.Identifier, varying: Iterable[str], constants: Iterable[str], types: Mapping[str, str]
) -> sql.Composed:
    """Return the statement that brings the incoming rows into the table."""
    cells = {name: _cast(sql.SQL("i.{}").format(sql.Identifier(name)), types[name]) for name in varying}
    cells |= {name: _cast(sql.Placeholder(name), types[name]) for name in constants}
    return sql.SQL("INSERT INTO {target} AS t ({names}) SELECT {cells} FROM {incoming} i").format(
        target=sql.Identifier(table.name),
        names=sql.SQL(", ").join(map(sql.Identifier, cells)),
        cells=sql.SQL(", ").join(cells.values()),
        incoming=incoming,
    )


def _update(table: Table, names: Iterable[str]) -> sql.Composed:
    """Return the end of that statement which changes what is there already and differs."""
    key = _key(table)
    payload = [name for name in names if name not in key]
    return sql.SQL(" ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE {differs}").format(
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
        changes=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in payload),
        differs=sql.SQL(" OR ").join(
            sql.SQL("t.{0} IS DISTINCT FROM excluded.{0}").format(sql.Identifier(name)) for name in payload
        ),
    )


def _cast(value: sql.Composable, kind: str) -> sql.Composed:
    # a cast to varchar(n) would cut silently what an assignment refuses
    return sql.SQL("{}::{}").format(value, sql.SQL("text" if kind.startswith("character") else kind))


def _copy_text(columns: Mapping[str, np.ndarray[Any, Any] | Sequence[str]]) -> io.StringIO:
    """Return rows in COPY's text format; NaN and None are NULL."""
    cells = (_cells(column) for column in columns.values())
    lines = map("\t".join, zip(*cells, strict=True))
    return io.StringIO("\n".join(itertools.chain(lines, ("",))))


def _cells(column: np.ndarray[Any, Any] | Sequence[str]) -> Iterable[str]:
    if not isinstance(column, np.ndarray):
        return (r"\N" if each is None else each.translate(_ESCAPES) for each in column)
    if column.dtype.kind != "f" or not np.isnan(column).any():
        return map(repr, column.tolist())
    return (r"\N" if each != each else repr(each) for each in column.tolist())
