"""What rows there are in a table, by exchange and symbol: told by its index, without looking at the rows themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from engine.market.series import TimeColumn

from .interface import Database


def stored_names(database: Database, table: Table, columns: Sequence[str] = ("exchange", "symbol")) -> list[Any]:
    """Return the different values of the first columns of a table's key, sorted; none without the table.

    Each is one step in the index, however many rows have it.
    """
    with database.reading() as connection:
        return [*names_in(connection, table, columns)] if database.has_table(connection, table) else []


def names_in(connection: Connection, table: Table, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the same, of a table that is there."""
    yield from _names(connection, [table.c[name] for name in columns], ())


def _names(
    connection: Connection, columns: Sequence[Column[Any]], known: tuple[ColumnElement[bool], ...]
) -> Iterator[tuple[str, ...]]:
    first, *others = columns
    name = connection.execute(select(func.min(first)).where(*known)).scalar()
    while name is not None:
        inner = _names(connection, others, (*known, first == name)) if others else [()]
        yield from ((name, *rest) for rest in inner)
        name = connection.execute(select(func.min(first)).where(*known, first > name)).scalar()


def read_row_times(database: Database, table: Table, **names: str) -> TimeColumn:
    """Return the times of the rows that have these values in columns of the key, in ms, sorted."""
    c = table.c
    wanted = select(c.timestamp).where(*(c[column] == value for column, value in names.items())).order_by(c.timestamp)
    with database.reading() as connection:
        unit_ms = database.timestamp_unit_ms(connection, table)
        times: TimeColumn = database.read_columns(connection, wanted)["timestamp"] * unit_ms
    return times


def count_values(database: Database, table: Table, columns: Sequence[str], **names: str) -> dict[str, int]:
    """Return how many rows have a value in each of some columns; this reads the rows."""
    with database.reading() as connection:
        wanted = [func.count(table.c[column]) for column in columns]
        where = (table.c[column] == value for column, value in names.items())
        counts = connection.execute(select(*wanted).where(*where)).one()
    return dict(zip(columns, counts, strict=True))
