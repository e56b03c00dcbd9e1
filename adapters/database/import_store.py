"""Which files were imported: recorded with their rows, in one transaction, and believed while these are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, Table, func, select

from engine.periods import SECOND_MS

from .interface import Database
from .needed_columns import exchange_name
from .schema import CRYPTO, MAINNET, crypto_klines, metadata, perp_imported_files

_c = perp_imported_files.c


class FileRecord(NamedTuple):
    """A file that was imported: its name, the digest of its content and of how it was read, and what came of it: so
    many rows of a table (of klines: of a period), from a time to another.
    """

    name: str
    digest: str
    table_name: str
    period: str
    rows: int
    first_ms: int
    last_ms: int


def record_files(
    database: Database, connection: Connection, exchange: str, symbol: str, kind: str, records: Sequence[FileRecord]
) -> None:
    """Record files in an open transaction; the table is created when it is missing."""
    database.create_tables(connection, [perp_imported_files])
    names = {"exchange": exchange_name(exchange), "symbol": symbol, "kind": kind}
    found = {record.digest: record for record in records}  # of two files of one content one is enough
    columns = {
        name: np.array(values, np.int64) if isinstance(values[0], int) else list(values)
        for name, values in zip(FileRecord._fields, zip(*found.values(), strict=True), strict=True)
    }
    database.upsert(connection, perp_imported_files, {**names, **columns})


def imported_files(database: Database, exchange: str, symbol: str, kind: str) -> set[str]:
    """Return the digests of the files whose rows are stored: what has been removed since then is not."""
    wanted = select(*(_c[name] for name in FileRecord._fields)).where(
        _c.exchange == exchange_name(exchange), _c.symbol == symbol, _c.kind == kind
    )
    with database.reading() as connection:
        if not database.has_table(connection, perp_imported_files):
            return set()
        records = [FileRecord(*row) for row in connection.execute(wanted)]
        units = {name: _unit_ms(database, connection, name) for name in {each.table_name for each in records}}
        return {
            each.digest
            for each in records
            if not each.rows or _stored(connection, each, exchange, symbol, units[each.table_name]) >= each.rows
        }


def _unit_ms(database: Database, connection: Connection, table_name: str) -> int | None:
    """Return the unit of the times in a table, None where there is no such table."""
    table = metadata.tables.get(table_name)
    if table is None or not database.has_table(connection, table):
        return None
    return SECOND_MS if table is crypto_klines else database.timestamp_unit_ms(connection, table)


def _stored(connection: Connection, record: FileRecord, exchange: str, symbol: str, unit_ms: int | None) -> int:
    """Return how many rows of a record's table are stored in its range."""
    if unit_ms is None:
        return 0
    table: Table = metadata.tables[record.table_name]
    c = table.c
    count = select(func.count()).where(
        c.exchange == exchange_name(exchange),
        c.symbol == symbol,
        c.timestamp >= record.first_ms // unit_ms,
        c.timestamp <= record.last_ms // unit_ms,
    )
    if table is crypto_klines:
        count = count.where(c.period == record.period, c.market == CRYPTO, c.environment == MAINNET)
    return int(connection.execute(count).scalar_one())
