"""The market database in an SQLite file."""

from __future__ import annotations

import os
import resource
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from copy import copy
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.plain_values import shown

from ..runs import Patience, deaf_call, hearing
from .interface import Columns, Database, Fingerprint, RowColumns, table_names
from .sqlite_pages import prepare_pages, read_numbers
from .sqlite_state import SqliteWatch, sqlite_fingerprint

if TYPE_CHECKING:  # each method that needs it loads it: a run whose market is in the cache does not
    from sqlalchemy import Connection, Engine, Select, Table

#: Marks the files that perpsim has made ("psim"): only their journal mode and durability are ours to choose.
APPLICATION_ID = 0x7073696D

#: How long another process may hold the lock before that is an error.
LOCK_PATIENCE_S = 60.0

#: How long one attempt waits inside SQLite, where Ctrl-C is not heard.
_ATTEMPT_S = 0.25

#: The pause between two attempts: some locks are refused at once.
_PAUSE_S = 0.01

#: How often a snapshot is begun anew because another process wrote just then.
_MOST_BEGINNINGS = 3

_BLOCK_ROWS = 65_536

#: How many values every SQLite takes in one statement.
_MOST_CELLS = 999

_LOOK = "SELECT 1 FROM sqlite_master LIMIT 1"

_REASONS = {
    sqlite3.SQLITE_BUSY: "another process has kept it locked all the time; try again when it is done",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_FULL: "no space is left on the disk",
    sqlite3.SQLITE_NOTADB: "is not an SQLite database",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_READONLY: "cannot be written",
}

#: What SQLite says of a file that may not grow (EFBIG), and of a broken disk.
_NOT_WRITTEN = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_SHMSIZE)


#: More than what SQLite wants at once for the files beside a database.
_SIDE_FILE_BYTES = 65_536


class _Known(sqlite3.Connection):
    """A connection that is known from its making on: one that an interruption has left open can be closed.

    Its cursors are closed with it: SQLite keeps the file open, and locked, for as long as there is one that has not
    given all of its rows, and the traceback of an interruption may hold one. The contexts that it was used in may end
    after that.
    """

    def __init__(self, alive: WeakSet[sqlite3.Connection], *arguments: Any, **options: Any) -> None:
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()
        self._is_closed = False
        alive.add(self)
        super().__init__(*arguments, **options)

    def cursor(self, *arguments: Any) -> Any:
        """Make a cursor, as every statement does that is executed."""
        cursor = super().cursor(*arguments)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        """Let the file go, whoever holds rows of it; what is closed already stays so."""
        if not self._is_closed:
            for each in tuple(self._cursors):
                each.close()
            self._is_closed = True
        super().close()

    def rollback(self) -> None:
        """Leave it to the closing, which comes next wherever this is called, to undo what is not committed: until then
        a connection in a snapshot keeps its state, whatever is done with it.
        """


class SqliteDatabase(Database):
    """An SQLite file; connections are opened when needed and closed at once after use.

    A file made here uses the write-ahead log with synchronous=NORMAL: readers and one writer do not hinder each
    other. Other files keep the modes they have.
    """

    def __init__(
        self, path: Path, *, create: bool = False, read_only: bool = False, made: list[Database] | None = None
    ) -> None:
        self.name = f"sqlite:///{path}"
        self.path = self._resolved(path)
        self.identity = f"sqlite:///{self.path}"
        self._read_only, self._immutable = read_only, False
        self._held: sqlite3.Connection | None = None  # of a snapshot, with the fingerprint of what it sees
        self._held_until, self._held_lock = ExitStack(), RLock()
        self._state: Fingerprint | None = None
        self._alive: WeakSet[sqlite3.Connection] = WeakSet()
        self._check_path(create)
        self._is_made_here = create and not self.path.exists()
        if made is not None:
            made.append(self)
        try:
            with self._errors():
                if create and not (self.path.exists() and self.path.stat().st_size):
                    with closing(self._open("rwc")) as raw:
                        _ask(raw, f"PRAGMA application_id = {APPLICATION_ID}")
                        _ask(raw, "PRAGMA journal_mode = WAL")
                self._probe()
                self._refuse_a_second_name()
        except BaseException:
            self.discard()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return a context that gives a connection on one consistent state of the data."""
        if self._held is not None:
            with self._errors(), self._held_lock:
                yield self._held_connection
            return
        with self._errors(), self._engine.connect() as connection, connection.begin():
            _begin(_raw(connection))
            yield connection

    @cached_property
    def _engine(self) -> Engine:
        from .sqlite_statements import engine_on

        return engine_on(self._connect if self._held is None else lambda: self._held)

    @cached_property
    def _held_connection(self) -> Connection:
        """The connection of a snapshot, made when that is first asked for something."""
        return self._held_until.enter_context(self._engine.connect())

    @contextmanager
    def snapshot(self, *tables: str) -> Iterator[SqliteDatabase]:
        """Return a context that gives this database with its present state; see `Database.snapshot`."""
        if self._held is not None:
            yield self
            return
        with self._errors(), ExitStack() as stack:
            raw = stack.enter_context(closing(self._connect()))
            held = copy(self)
            held.__dict__.pop("_engine", None)  # it has one of its own, on this connection
            held._state = self._begin_known(raw)
            held._held, held._held_until, held._held_lock = raw, stack, RLock()
            yield held

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return a context that gives a connection in one transaction; it waits while another process writes."""
        with self._errors(), self._engine.connect() as connection, connection.begin():
            raw = _raw(connection)
            _ask(raw, "BEGIN IMMEDIATE")
            if not self.path.exists():
                raise DataError(f"{self.name} was removed meanwhile by another process; run this again")
            yield connection
            _ask(raw, "COMMIT")  # outside the write-ahead log it waits for readers, which are short

    def read_columns(self, connection: Connection, statement: Select[Any]) -> Columns:
        """Return the rows of a statement, which has no LIMIT, as columns; see `Database.read_columns`."""
        from .sqlite_statements import selection

        raw = _raw(connection)
        selected = selection(statement)
        columns = read_numbers(raw, *selected)
        return columns if columns is not None else self._read_rows(raw, *selected, table_names(statement))

    def upsert(self, connection: Connection, table: Table, columns: RowColumns) -> int:
        """Insert or update rows and return how many were inserted or changed; see `Database.upsert`.

        SQLite does not round: whatever the type of a column, it keeps a double. A text that stands in every row is
        written into the statement: to bind it again for each row would take as long as another sixth of the work. A
        statement for each row would take half as long again as one for many.
        """
        from .sqlite_statements import upsert_text, with_rows

        text, names = upsert_text(table, columns)
        cells = [*chain.from_iterable(zip(*(_cells(columns[name]) for name in names), strict=True))]
        raw = _raw(connection)
        before, done = raw.total_changes, 0
        for count in (_MOST_CELLS // len(names), 1):
            size = count * len(names)
            end = len(cells) - (len(cells) - done) % size
            blocks = (cells[place : place + size] for place in range(done, end, size))
            with deaf_call(raw.interrupt):
                raw.executemany(with_rows(text, count), blocks)
            done = end
        return raw.total_changes - before

    def index_tables(self, connection: Connection, tables: Iterable[Table]) -> None:
        """Make the indices of tables that are missing: those of a file that an older version has made."""
        for table in tables:
            for index in table.indexes:
                index.create(connection, checkfirst=True)

    def fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the content of the whole file, or None when that cannot be told for sure."""
        return self.whole_fingerprint()

    def whole_fingerprint(self) -> Fingerprint | None:
        """Return what identifies the content of the whole file, or None when that cannot be told for sure."""
        with self.snapshot() as held:
            return held._state

    def watched(self) -> SqliteWatch:
        """Return who tells the state of the file, by a connection that stays open."""
        return SqliteWatch(self.path, self._connect)

    def _begin_known(self, raw: sqlite3.Connection) -> Fingerprint | None:
        """Begin a transaction that reads and return the fingerprint of the state that it sees.

        What is the same before and after the beginning is what was begun with.
        """
        for _ in range(_MOST_BEGINNINGS):
            _ask(raw, _LOOK)  # the file and its log are open from here on
            before = sqlite_fingerprint(self.path)
            _begin(raw)
            if sqlite_fingerprint(self.path) == before:
                return before
            raw.execute("ROLLBACK")
        _begin(raw)
        return None

    def _resolved(self, path: Path) -> Path:
        """Return the file behind symbolic links: beside it, and not beside a link, stands the write-ahead log."""
        try:
            return Path(os.path.realpath(path))
        except (OSError, ValueError) as error:
            raise DataError(f"{self.name} cannot be used: {error}") from error

    def discard(self) -> None:
        """Remove the file if it was made here, nothing is stored in it, and no other process has it open. What is open
        here is closed.
        """
        if not (self._is_made_here and self.path.exists()):
            return
        for each in tuple(self._alive):
            with suppress(sqlite3.ProgrammingError):  # one that was never opened
                each.close()
        with suppress(sqlite3.OperationalError), closing(self._open("rw")) as raw:  # another process has it open
            raw.execute("PRAGMA locking_mode = EXCLUSIVE")
            if raw.execute(_LOOK).fetchall():
                return
            # without a log nothing is left beside it; a full disk lets it stay
            with suppress(sqlite3.OperationalError):
                raw.execute("PRAGMA journal_mode = DELETE").fetchall()
            _lock(raw)
            if not raw.execute(_LOOK).fetchall():
                # what a connection has left that failed; before the file, whose name is anybody's from then on
                for side in ("-shm", "-wal"):
                    self.path.with_name(f"{self.path.name}{side}").unlink(missing_ok=True)
                self.path.unlink()

    def _check_path(self, create: bool) -> None:
        try:
            if self.path.is_dir():
                raise DataError(f"{self.name} is a folder, not a database file")
            missing = not self.path.exists()
            if not missing and not self.path.is_file():  # SQLite would wait for a pipe, and hear no signal
                raise DataError(f"{self.name} is a pipe, a socket or a device, not a database file")
            if missing and not create:
                raise DataError(
                    f"there is no database file {self.path}; perpsim import, synth or database create makes it"
                )
            if missing and not self.path.parent.is_dir():
                raise DataError(f"there is no folder {self.path.parent} to create {self.path.name} in")
        except OSError as error:
            raise DataError(f"{self.name} cannot be used: {error.strerror}") from error
        if not missing and not os.access(self.path, os.R_OK):
            raise DataError(f"{self.name} cannot be read: permission denied")

    def _refuse_a_second_name(self) -> None:
        """Raise `DataError` for a file with a write-ahead log and hard links: what was written under another name
        stands in a log beside that name, where SQLite does not look for it.
        """
        if self.path.stat().st_nlink < 2:
            return
        with closing(self._connect()) as raw:
            if _ask(raw, "PRAGMA journal_mode") == [("wal",)]:
                raise DataError(
                    f"{self.name} has several names (hard links) and a write-ahead log, which stands beside one of "
                    "them only: changes would be missed; remove the other names or use a copy of the file"
                )

    def _probe(self) -> None:
        """Read once, so that a file that cannot be used is an error here and not in the middle of the work."""
        try:
            _look_once(self._connect())
        except sqlite3.OperationalError as error:
            if not (self._read_only and self._make_readable(error.sqlite_errorcode)):
                raise
            _look_once(self._connect())

    def _make_readable(self, error_code: int) -> bool:
        """Do what a read-only connection cannot do by itself; return whether it is worth another attempt."""
        if error_code == sqlite3.SQLITE_READONLY_ROLLBACK:
            # a writer died; SQLite undoes its half-written transaction as soon as somebody who may write looks
            _look_once(self._open("rw"))
            return True
        log = self.path.with_name(f"{self.path.name}-wal")
        if os.access(self.path.parent, os.W_OK) or log.exists():
            return False
        # a file with a write-ahead log in a folder where nobody can make its side files: it cannot change
        self._immutable = True
        return True

    def _open(self, mode: str) -> sqlite3.Connection:
        uri = f"{self.path.as_uri()}?mode={mode}{'&immutable=1' if self._immutable else ''}"
        known: Any = partial(_Known, self._alive)
        raw: sqlite3.Connection = sqlite3.connect(
            uri, _ATTEMPT_S, isolation_level=None, check_same_thread=False, factory=known, uri=True
        )
        return raw

    def _connect(self) -> sqlite3.Connection:
        raw = self._open("ro" if self._read_only else "rw")
        try:
            if not self._read_only and _ask(raw, "PRAGMA application_id") == [(APPLICATION_ID,)]:
                raw.execute("PRAGMA synchronous = NORMAL")
            prepare_pages(raw)
        except BaseException:
            raw.close()  # the error would keep it, and it a lock on the file
            raise
        return raw

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with hearing():
                yield
        except Exception as error:
            cause = getattr(error, "orig", error)  # what SQLAlchemy raises holds the error of SQLite
            if not isinstance(cause, sqlite3.Error):
                raise
            raise DataError(f"{self.name}: {_reason(cause, self.path)}") from error

    def _read_rows(
        self, raw: sqlite3.Connection, statement: str, values: Sequence[Any], dtype: np.dtype[Any], tables: str
    ) -> Columns:
        """Return the rows of a statement as columns, row by row."""

        def rows(selection: str) -> sqlite3.Cursor:
            with deaf_call(raw.interrupt):
                return raw.execute(selection, values)

        ((count,),) = rows(f"SELECT count(*) FROM ({statement})")
        try:
            return _fill(rows(statement), dtype, count)
        except (TypeError, ValueError):
            # a NULL or a text somewhere: the slow way, which knows what to make of them
            return _fill((self._numbers(row, dtype, tables) for row in rows(statement)), dtype, count)

    def _numbers(self, row: Sequence[Any], dtype: np.dtype[Any], tables: str) -> tuple[float, ...]:
        cells = zip(row, dtype.names or (), strict=True)
        return tuple(self._number(value, f"{tables}.{name}", dtype[name]) for value, name in cells)

    def _number(self, value: Any, name: str, dtype: np.dtype[Any]) -> float:
        if value is None and dtype.kind == "f":
            return float("nan")
        try:
            return float(value) if dtype.kind == "f" else int(value)
        except (TypeError, ValueError) as error:
            raise DataError(f"{self.name}: {name} holds {shown(value)} where a number belongs") from error


def _reason(error: BaseException | None, path: Path) -> str:
    """Return what an error of SQLite about a file means."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    largest = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    if code in _NOT_WRITTEN and largest != resource.RLIM_INFINITY:
        return f"cannot be written: no file may be larger than {largest:,} bytes here (ulimit -f)"
    if code in _NOT_WRITTEN and _room(path) < _SIDE_FILE_BYTES:
        return _REASONS[sqlite3.SQLITE_FULL]
    return _REASONS.get(code & 0xFF) or str(error)


def _room(path: Path) -> int:
    """Return how many bytes the disk of a file still takes."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


def _lock(raw: sqlite3.Connection) -> None:
    """Lock a file, whose locking mode is exclusive, for this connection alone, until that is closed."""
    try:
        raw.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode
        if (
            code & 0xFF != sqlite3.SQLITE_FULL and code not in _NOT_WRITTEN
        ):  # of an empty file: it is locked, and stays so
            raise


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _begin(raw: sqlite3.Connection) -> None:
    """Begin a transaction that reads: its state is the one of the first look."""
    raw.execute("BEGIN")
    _ask(raw, _LOOK)


def _look_once(raw: sqlite3.Connection) -> None:
    with closing(raw):
        _ask(raw, _LOOK)


def _ask(raw: sqlite3.Connection, statement: str) -> list[Any]:
    """Return what a statement answers, executing it again while another process holds the lock."""
    patience = Patience(LOCK_PATIENCE_S)
    while True:
        try:
            with deaf_call(raw.interrupt):
                return raw.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or patience.is_over:
                raise
            time.sleep(_PAUSE_S)


def _fill(rows: Iterator[Any], dtype: np.dtype[Any], count: int) -> Columns:
    """Return `count` rows as columns, moved in blocks so that no second copy of them all is needed."""
    columns = {name: np.empty(count, dtype[name]) for name in dtype.names or ()}
    for start in range(0, count, _BLOCK_ROWS):
        size = min(_BLOCK_ROWS, count - start)
        block = np.fromiter(islice(rows, size), dtype, size)
        for name, column in columns.items():
            column[start : start + size] = block[name]
    return columns


def _cells(column: npt.NDArray[Any] | Sequence[str]) -> Iterable[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column
