"""One state of a PostgreSQL database for several connections at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

import psycopg2
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

_PAUSE_S = 0.02

#: Those of the named tables that are there and can be locked.
_LOCKABLE = text(
    "SELECT c.oid::regclass::text FROM pg_class c"
    " WHERE c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT')"
    " AND c.oid IN (SELECT to_regclass(quote_ident(name)) FROM unnest(CAST(:names AS text[])) AS name)"
)


class SharedSnapshot:
    """Connections that all see the state of the data which the first one has exported.

    See https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION. More of them
    are opened when all are in use. After an error its connection is not to be used any more, and the first one keeps
    the state: every later user gets that error.
    """

    def __init__(self, stack: ExitStack, engine: Engine, first: Connection) -> None:
        self._stack, self._engine = stack, engine
        self._exported = first.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        self._idle = [first]
        self._lock = Lock()
        self._failure: Exception | None = None

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Return a context that gives a connection that nobody else uses."""
        with self._lock:
            if self._failure is not None:
                raise self._failure
            connection = self._idle.pop() if self._idle else None
        try:
            connection = connection or self._another()
            yield connection
        except Exception as error:
            self._failure = self._failure or error
            raise
        with self._lock:
            self._idle.append(connection)

    def _another(self) -> Connection:
        connection = self._stack.enter_context(read_transaction(self._engine))
        connection.execute(text(f"SET TRANSACTION SNAPSHOT '{self._exported}'"))
        return connection


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Return a context that gives a connection in a transaction that sees one state from its first query on."""
    with engine.connect() as connection:
        snapshot = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with snapshot.begin():
            yield snapshot


@contextmanager
def shared_snapshot(engine: Engine, tables: Iterable[str], give_up: Callable[[], None]) -> Iterator[SharedSnapshot]:
    """Return a context that gives a snapshot of the present state in which the tables stay as they are.

    A table that is truncated or rewritten looks empty in older snapshots, so the tables are locked against that, all
    at once and before the state is chosen. `give_up` is called while another process locks them, and raises when that
    takes too long.
    """
    with engine.connect() as connection, connection.begin():
        found = connection.execute(_LOCKABLE, {"names": list(tables)}).scalars().all()
    with ExitStack() as stack:
        while (first := _locked(stack, engine, found)) is None:
            give_up()
            time.sleep(_PAUSE_S)
        yield SharedSnapshot(stack, engine, first)


def _locked(stack: ExitStack, engine: Engine, tables: Iterable[str]) -> Connection | None:
    """Return a connection whose transaction has locked the tables and seen nothing yet; None if it would wait."""
    attempt = ExitStack()
    with attempt:
        connection = attempt.enter_context(read_transaction(engine))
        try:
            if tables:
                connection.execute(text(f"LOCK TABLE {', '.join(tables)} IN ACCESS SHARE MODE NOWAIT"))
        except OperationalError as error:
            if isinstance(error.orig, psycopg2.errors.LockNotAvailable):
                return None
            raise
        stack.push(attempt.pop_all())
        return connection
