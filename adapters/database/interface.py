"""A market database behind one interface; each dialect moves columns in its own fastest way."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from engine import DataError
from engine.periods import SECOND_MS

if TYPE_CHECKING:  # a run whose market is in the cache asks nothing that it is needed for
    from sqlalchemy import Connection, Select, Table

# what it logs it raises too: without this it would stand on standard error beside our own sentence
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

#: Columns as they are read and written: by name, all of one length.
Columns = dict[str, npt.NDArray[Any]]

#: Columns to write: a text in the place of a column stands in every row.
RowColumns = Mapping[str, npt.NDArray[Any] | Sequence[str] | str]

#: What a stored state of the data is known by: equal fingerprints mean equal data. Plain JSON values only.
Fingerprint = dict[str, Any]

#: Under this key of its `info` a table says what it means that it is not there, and what to do about it.
ABSENT = "absent"
#: Under this key of its `info` a table says that a platform's database has its times in seconds.
SECONDS = "seconds"
#: Of what fits into 32 bits.
_LAST_SECOND = (1 << 31) - 1
_ABSENT = "; perpsim import, synth or database create makes it"


class StateWatch:
    """Tells the state of a database for as long as it is open; this one, where there is no quick way, tells none.
    Several threads may ask.
    """

    def state(self) -> Hashable | None:
        """Return what is another value once anything was written, by whomever; None where that is not known."""
        return None

    def close(self) -> None:
        """Let the database go; who asks again opens it again."""


class Database(ABC):
    """A database that `open_database` has found usable.

    `name` is the URL as it may be shown (no password), `identity` one that means the same database in every process
    on this machine. Every failure of the database itself comes out of the methods and contexts here as a one-line
    `DataError`.
    """

    name: str
    identity: str

    #: Whether several threads that read at once are faster than one.
    reads_in_parallel = False

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Return a context that gives a connection on one consistent state of the data."""

    @abstractmethod
    def snapshot(self, *tables: str) -> AbstractContextManager[Database]:
        """Return a context that gives this database with its present state: whatever is read of the tables through it,
        by whichever `reading`, is of that one state, and fingerprints are of it. A snapshot gives itself.

        It lasts as long as the context and keeps resources of the server, so it is for work that ends soon. Threads may
        share it. It cannot be written.
        """

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
        """Return what identifies the state of what a statement on one table selects (of a snapshot: in it), or None
        when that cannot be told for sure: as long as it is the same, so are the rows.
        """

    def whole_fingerprint(self) -> Fingerprint | None:
        """Return what identifies the state of everything in the database where that is as sure as the `fingerprint` of
        any statement and takes none, else None.
        """
        return None

    def quick_fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the state of everything in the database where that is known at once, else None.

        It may change while the data does not; as long as it is the same, the `fingerprint` of the statement is.
        """
        return None

    def watched(self) -> StateWatch:
        """Return who tells, at once and again and again, which state everything in the database is in."""
        return StateWatch()

    def discard(self) -> None:
        """Remove what opening it with `create` has made, if nothing is stored there and nobody else uses it."""
        return

    def create_tables(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Create the tables that are missing; those that exist are left as they are."""
        for table in tables:
            table.create(connection, checkfirst=True)

    def index_tables(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Make the indices of tables that are missing and without which lists are slow here: none by default."""
        return

    def has_table(self, connection: Connection, table: Table) -> bool:
        """Tell whether there is a table of this name."""
        from sqlalchemy import inspect

        return inspect(connection).has_table(table.name)

    def timestamp_unit_ms(self, connection: Connection, table: Table) -> int:
        """Return how many ms the unit of a table's times is: 1, but for a table of which `SECONDS` says that a
        platform's database has seconds in it, where they are in a column of 32 bits; on SQLite, whose columns take any
        number, in an INTEGER without a later time than 32 bits hold.
        """
        from sqlalchemy import INTEGER, func, inspect, select

        if not table.info.get(SECONDS) or not self.has_table(connection, table):
            return 1
        (column,) = (each for each in inspect(connection).get_columns(table.name) if each["name"] == "timestamp")
        if not isinstance(column["type"], INTEGER):
            return 1
        newest = connection.execute(select(func.max(table.c.timestamp))).scalar_one()
        return 1 if isinstance(newest, int) and newest > _LAST_SECOND else SECOND_MS

    def require_table(self, connection: Connection, table: Table, columns: Iterable[str] | None = None) -> None:
        """Raise `DataError` unless the table is there with all its columns, or those that are named."""
        from sqlalchemy import inspect

        inspector = inspect(connection)
        if not inspector.has_table(table.name):
            raise DataError(f"{self.name} has no table {table.name}{table.info.get(ABSENT, _ABSENT)}")
        found = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [name for name in columns or table.columns.keys() if name not in found]
        if missing:
            named = ", ".join(missing)
            raise DataError(
                f"{self.name}: table {table.name} lacks the columns {named}; add them, or use another database"
            )


def table_names(statement: Select[Any]) -> str:
    """Return what messages call the tables of a statement."""
    return ", ".join(str(getattr(table, "name", table)) for table in statement.get_final_froms())
