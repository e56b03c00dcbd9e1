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

#: What a stored state of the data is known by: equal fingerprints mean equal data. Plain JSON values only.
Fingerprint = dict[str, Any]


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
    def upsert(
        self, connection: Connection, table: Table, columns: Mapping[str, npt.NDArray[Any] | Sequence[str] | str]
    ) -> int:
        """Insert rows, or update those whose unique key is there already and whose values differ; return how many
        rows were inserted or changed. A column given as one string has that value in every row.
        """

    @abstractmethod
    def fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the present state of what a statement selects, or None when that cannot be told
        for sure: as long as it is the same, so are the rows.
        """

    def create_tables(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Create the tables that are missing; those that exist are left as they are."""
        for table in tables:
            table.create(connection, checkfirst=True)

    def require_table(self, connection: Connection, table: Table) -> None:
        """Raise `DataError` unless the table is there with all its columns."""
        inspector = inspect(connection)
        if not inspector.has_table(table.name):
            raise DataError(f"{self.name} has no table {table.name}; perpsim import or perpsim synth creates it")
        found = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [column.name for column in table.columns if column.name not in found]
        if missing:
            raise DataError(f"{self.name}: table {table.name} lacks the columns {', '.join(missing)}")


def open_database(url: str | Path, *, create: bool = False, read_only: bool = False) -> Database:
    """Open the database that a URL such as ``sqlite:///market.db`` (or the plain path of an SQLite file) names.

    `create` makes a missing SQLite file, otherwise that is a `DataError`, as is whatever else keeps the database from
    being used. A relative path counts from the current directory. `read_only` connections cannot write.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite":
        raise DataError(
            f"{parsed.render_as_string()}: {parsed.get_backend_name()} databases cannot be used here; "
            "an SQLite file is named by sqlite:///FILE"
        )
    from .sqlite_database import SqliteDatabase

    if parsed.database in (None, "", ":memory:"):
        raise DataError(f"{parsed.render_as_string()} names no file; an SQLite file is named by sqlite:///FILE")
    if parsed.query or str(parsed.database).startswith("file:"):
        raise DataError(f"{parsed.render_as_string()}: options in the URL are not supported; use sqlite:///FILE")
    return SqliteDatabase(Path(str(parsed.database)), create=create, read_only=read_only)


def _parse(url: str | Path) -> URL:
    text = str(url)
    if "://" not in text:
        if text.startswith(("sqlite:", "postgresql:", "postgres:")):
            raise DataError(f"{text} is not a database URL; an SQLite file is named by sqlite:///FILE")
        return URL.create("sqlite", database=text)
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        # the text itself is not repeated: it may hold a password
        raise DataError("the database URL cannot be read; an SQLite file is named by sqlite:///FILE") from None
    if parsed.get_backend_name() == "sqlite" and parsed.host:
        raise DataError(f"{text} has two slashes; an SQLite file is named by sqlite:///FILE")
    return parsed
