"""A market database behind one interface; each dialect moves columns in its own fastest way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy.typing as npt
from sqlalchemy import Connection, Select, Table, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine import DataError

#: Columns as they are read and written: by name, all of one length.
Columns = dict[str, npt.NDArray[Any]]

#: Columns to write: a text in the place of a column stands in every row.
RowColumns = Mapping[str, npt.NDArray[Any] | Sequence[str] | str]

#: What a stored state of the data is known by: equal fingerprints mean equal data. Plain JSON values only.
Fingerprint = dict[str, Any]


_NAMED_BY = (
    "an SQLite file is named by sqlite:///FILE, a PostgreSQL database by postgresql://USER:PASSWORD@HOST/DATABASE"
)


class Database(ABC):
    """A database that `open_database` has found usable.

    `name` is the URL as it may be shown (no password), `identity` one that means the same database in every process
    on this machine. Every failure of the database itself comes out of the methods
    and contexts here as a one-line `DataError`.
    """

    name: str
    identity: str

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Return a context that gives a connection on one consistent state of the data."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Connection]:
        """Return a context that gives a connection in one transaction: committed at its end, or undone by any
        exception. It waits while another process writes.
        """

    @abstractmethod
    def read_columns(self, connection: Connection, statement: Select[Any]) -> Columns:
        """Return the rows of a statement as columns: int64 where the column is of an integer type, else float64,
        bit for bit as stored; a NULL is NaN. Raises `DataError` for text, and for NULL among integers.
        """

    @abstractmethod
    def upsert(self, connection: Connection, table: Table, columns: RowColumns) -> int:
        """Insert rows, or update those whose unique key is there already and whose values differ; return how many
        rows were inserted or changed. A column given as one string has that value in every row, NaN is written as
        NULL. Keys are distinct within one call. Raises `DataError` when a column of the table would round a value
        and the database was not opened with `allow_rounding`.
        """

    @abstractmethod
    def fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the present state of what a statement selects, or None when that cannot be told
        for sure: as long as it is the same, so are the rows.
        """

    def quick_fingerprint(self) -> Fingerprint | None:
        """Return what identifies the state of everything in the database where that is known at once, else None.

        It may change while the data does not; as long as it is the same, every `fingerprint` is.
        """
        return None

    @property
    def reads_in_parallel(self) -> bool:
        """Whether several threads that read at once are faster than one."""
        return False

    def create_tables(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Create the tables that are missing; those that exist are left as they are."""
        for table in tables:
            table.create(connection, checkfirst=True)

    def has_table(self, connection: Connection, table: Table) -> bool:
        """Tell whether there is a table of this name."""
        return inspect(connection).has_table(table.name)

    def require_table(self, connection: Connection, table: Table, columns: Iterable[str] | None = None) -> None:
        """Raise `DataError` unless the table is there with all its columns, or those that are named."""
        inspector = inspect(connection)
        if not inspector.has_table(table.name):
            raise DataError(f"{self.name} has no table {table.name}; perpsim import, synth or database create makes it")
        found = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [name for name in columns or table.columns.keys() if name not in found]
        if missing:
            raise DataError(f"{self.name}: table {table.name} lacks the columns {', '.join(missing)}")


def open_database(
    url: str | Path, *, create: bool = False, read_only: bool = False, allow_rounding: bool = False
) -> Database:
    """Open the database that a URL names: ``sqlite:///market.db`` (or the plain path of an SQLite file) or
    ``postgresql://user:password@host/database``.

    `create` makes a missing SQLite file, otherwise that is a `DataError`, as is whatever else keeps the database from
    being used. A relative path counts from the current directory. `read_only` connections cannot write. With
    `allow_rounding` values may be rounded to what the columns of a table hold, otherwise that is an error.
    """
    parsed = _parse(url)
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        from .postgresql_database import PostgresqlDatabase

        return PostgresqlDatabase(parsed, read_only=read_only, allow_rounding=allow_rounding)
    if kind != "sqlite":
        raise DataError(f"{_shown(parsed)}: {kind} databases cannot be used here; {_NAMED_BY}")
    from .sqlite_database import SqliteDatabase

    if parsed.database in (None, "", ":memory:"):
        raise DataError(f"{_shown(parsed)} names no file; an SQLite file is named by sqlite:///FILE")
    if parsed.query or str(parsed.database).startswith("file:"):
        raise DataError(f"{_shown(parsed)}: options in the URL are not supported; use sqlite:///FILE")
    return SqliteDatabase(Path(str(parsed.database)), create=create, read_only=read_only)


def _parse(url: str | Path) -> URL:
    text = str(url)
    if "://" not in text:
        if text.startswith(("sqlite:", "postgresql:", "postgres:")):
            # the text itself is not repeated: it may hold a password
            raise DataError(f"{text.partition(':')[0]}:... is not a database URL; {_NAMED_BY}")
        return URL.create("sqlite", database=text)
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        raise DataError(f"the database URL cannot be read; {_NAMED_BY}") from None
    if parsed.get_backend_name() == "postgres":
        parsed = parsed.set(drivername="postgresql")
    if parsed.get_backend_name() == "sqlite" and parsed.host:
        raise DataError(f"{text} has two slashes; an SQLite file is named by sqlite:///FILE")
    return parsed


def _shown(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)
