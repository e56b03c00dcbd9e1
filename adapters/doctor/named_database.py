"""The database of the command: whether it can be reached, what is in it, whether it can be written."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, column, false, text

from engine import DataError

from ..database import RESULT_TABLES, Database, create_database, crypto_klines, open_database
from ..output import without_secrets
from .finding import Finding

_GROUP = "database"
_NONE = "none was named: --database URL or PERPSIM_DATABASE names one"
#: By the name of the dialect.
_VERSIONS = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


class _Undone(Exception):
    """Raised where a transaction is to leave nothing."""


def look_at_database(url: str | None) -> Iterator[Finding]:
    """Look at the database of a URL, without changing it; its password is never shown."""
    if url is None:
        yield Finding(_GROUP, "a database", True, _NONE)
        return
    try:
        database = open_database(url, read_only=True)
        version = _version(database)
    except DataError as error:
        yield Finding(
            _GROUP,
            "can be reached",
            False,
            without_secrets(str(error)),
            "every command that reads it",
            "correct the URL, start the server, or make the file: perpsim synth, import or database create URL",
            needed=True,
        )
        return
    yield Finding(_GROUP, "can be reached", True, f"{without_secrets(database.name)}, {version}")
    yield from _tables(database)
    yield _writable(url)


def _version(database: Database) -> str:
    with database.reading() as connection:
        kind = connection.dialect.name
        return f"{kind} {connection.execute(text(_VERSIONS[kind])).scalar_one()}"


def _tables(database: Database) -> Iterator[Finding]:
    remedy = "perpsim database create URL adds the tables that are missing"
    try:
        missing, there = create_database(database, dry_run=True)
    except DataError as error:
        yield Finding(
            _GROUP, "tables", False, without_secrets(str(error)), "what reads that table", remedy, needed=True
        )
        return
    klines = crypto_klines.name not in missing
    yield Finding(
        _GROUP,
        "table of klines",
        klines,
        crypto_klines.name if klines else f"{crypto_klines.name} is not there",
        "every run on this database",
        "fill it: perpsim import, download or synth",
        needed=True,
    )
    results = [table.name for table in RESULT_TABLES if table.name in missing]
    found = f"lacks {', '.join(results)}" if results else "are there"
    cost = "reading results; the first perpsim run --save makes them where it may"
    yield Finding(_GROUP, "tables of results", not results, found, cost, remedy)
    others = [name for name in missing if name not in {crypto_klines.name, *results}]
    found = f"lacks {', '.join(others)}" if others else f"are there, {len(there)} tables in all"
    yield Finding(
        _GROUP, "other tables", not others, found, "what would be kept there: flow, signals, features", remedy
    )


def _writable(url: str) -> Finding:
    """Try a change that changes nothing, and undo it."""
    problem = None
    try:
        database = open_database(url)
        with database.writing() as connection:
            for table in (crypto_klines, *RESULT_TABLES):
                _try_to_write(database, connection, table)
            raise _Undone
    except _Undone:
        pass
    except DataError as error:
        problem = without_secrets(str(error))
    return Finding(
        _GROUP,
        "can be written",
        problem is None,
        problem or "yes",
        "import, download, synth and saving runs there",
        "ask for the right to write, or save results elsewhere: perpsim run --results URL",
    )


def _try_to_write(database: Database, connection: Connection, table: Table) -> None:
    if database.has_table(connection, table):
        connection.execute(
            table.update()
            .where(false())
            .values({table.primary_key.columns[0].name: column(table.primary_key.columns[0].name)})
        )
    else:
        database.create_tables(connection, [table])
