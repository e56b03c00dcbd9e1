"""The tables of a database, made where they are missing."""

from __future__ import annotations

from .interface import Database
from .result_schema import RESULT_TABLES
from .schema import metadata

#: Every table that perpsim reads or writes, those that others refer to first.
ALL_TABLES = tuple(dict.fromkeys((*metadata.sorted_tables, *RESULT_TABLES)))


def create_database(database: Database, *, dry_run: bool = False) -> tuple[list[str], list[str]]:
    """Create the tables that are missing, in one transaction; return their names and those that were there.

    Those that were there are not touched. Raises `DataError` when one of them lacks a column; nothing is created then.
    """
    with database.reading() if dry_run else database.writing() as connection:
        there = [table for table in ALL_TABLES if database.has_table(connection, table)]
        for table in there:
            database.require_table(connection, table)
        missing = [table for table in ALL_TABLES if table not in there]
        if not dry_run:
            database.create_tables(connection, missing)
    return [table.name for table in missing], [table.name for table in there]
