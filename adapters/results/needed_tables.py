"""Whether a database can store what is to be stored in it, and the tables for that."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Table, false, insert, select, update

from engine import DataError

from ..database import Database, backtest_results, create_database

logger = logging.getLogger("perpsim.results")


def add_tables(database: Database, tables: Sequence[Table]) -> None:
    """Make those of some tables that are missing. Raises `DataError` where that may not be done."""
    missing, _ = create_database(database, dry_run=True, only=tables)
    if missing:
        with _with_their_use(missing):
            create_database(database, only=tables)


def index_results(database: Database) -> None:
    """Make the index that lists of results are read by, where it is missing; without it they are slow."""
    try:
        with database.writing() as connection:
            if database.has_table(connection, backtest_results):
                database.index_tables(connection, [backtest_results])
    except DataError as error:
        logger.warning("lists of results will be slow: %s", error)


def require_storable(database: Database, tables: Sequence[Table]) -> None:
    """Raise `DataError` where rows of some tables can be neither added nor changed, or these cannot be made where they
    are missing: for who wants to know that before a long run. Nothing is changed.
    """
    missing, _ = create_database(database, dry_run=True, only=tables)
    with suppress(_NotMeant), _with_their_use(missing), database.writing() as connection:
        database.create_tables(connection, [each for each in tables if each.name in missing])
        for each in tables:
            _change_nothing(connection, each)
        raise _NotMeant


class _NotMeant(Exception):
    """What was done in a transaction was only tried."""


def _change_nothing(connection: Connection, table: Table) -> None:
    """Do with no row what needs the rights to add and to change rows."""
    columns = [*table.columns]
    connection.execute(insert(table).from_select(columns, select(*columns).where(false())))
    connection.execute(update(table).where(false()).values({columns[0]: columns[0]}))


@contextmanager
def _with_their_use(missing: Sequence[str]) -> Iterator[None]:
    """A context whose `DataError` says what the tables are needed for that are to be made, if any are."""
    try:
        yield
    except DataError as error:
        if not missing:
            raise
        raise DataError(
            f"{error}; what is to be stored needs the tables {', '.join(missing)}: perpsim database create adds them, "
            "run by a user who may make tables there"
        ) from error
