"""The market database on a PostgreSQL server."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import Any

import numpy as np
import psycopg2
import psycopg2.errors
from sqlalchemy import Connection, Integer, Select, Table, create_engine, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from engine import DataError

from ..runs import Patience, hearing, long_step
from .csv_columns import CsvColumns
from .interface import Columns, Database, Fingerprint, RowColumns, table_names
from .postgresql_connection import connect, connection_arguments
from .postgresql_errors import reason
from .postgresql_snapshot import SharedSnapshot, read_transaction, shared_snapshot
from .postgresql_state import rows_fingerprint, server_state
from .postgresql_upsert import RoundingRefused, raw, upsert

#: One perpsim writes at a time, as with an SQLite file; the platform's own writers are not held up. "psim" in ASCII.
_WRITERS_LOCK = 0x7073696D

#: How long another perpsim may write before that is an error.
LOCK_PATIENCE_S = 600.0

_PAUSE_S = 0.02
#: Where COPY says that it has failed.
_COLUMN = re.compile(r"\bcolumn (\w+)")
_COPY_BYTES = 1 << 18


class PostgresqlDatabase(Database):
    """A database on a PostgreSQL server; connections are opened when needed and closed at once after use.

    Columns come by COPY ... TO STDOUT and go by COPY into a temporary table, so that no row is ever an object.
    """

    reads_in_parallel = True  # the server works for each of them

    def __init__(self, url: URL, *, read_only: bool = False, allow_rounding: bool = False) -> None:
        # the options are not shown: one of them may be a password too
        place = {name: value for name, value in url.query.items() if name in ("host", "port")}
        self.name = url.set(drivername="postgresql", query=place).render_as_string(hide_password=True)
        self._password = None if url.password is None else str(url.password)
        self._allow_rounding = allow_rounding
        self._shared: SharedSnapshot | None = None
        with self._errors():
            dialect_arguments = make_url("postgresql+psycopg2://").get_dialect()().create_connect_args(url)[1]
            try:
                arguments = connection_arguments(dialect_arguments, read_only)
            except ValueError as error:
                raise DataError(f"{self.name}: {error}") from error
            self._engine = create_engine(
                "postgresql+psycopg2://",
                creator=lambda: connect(arguments),
                poolclass=NullPool,
                use_native_hstore=False,  # it would be asked for at every connection, by a cursor that is not ours
            )
            with self._engine.connect() as connection:
                about = raw(connection).info  # whether its parts came from the URL or the environment
                # what the options say may be secret
                options = hashlib.blake2b(dialect_arguments.get("options", "").encode(), digest_size=16).hexdigest()
                self.identity = f"postgresql://{about.user}@{about.host}:{about.port}/{about.dbname}?options={options}"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return a context that gives a connection on one consistent state of the data."""
        with self._errors():
            shared = self._shared
            with read_transaction(self._engine) if shared is None else shared.connection() as connection:
                yield connection

    @contextmanager
    def snapshot(self, *tables: str) -> Iterator[PostgresqlDatabase]:
        """Return a context that gives this database with its present state; see `Database.snapshot`."""
        if self._shared is not None:
            yield self
            return
        patience = Patience(LOCK_PATIENCE_S)

        def give_up() -> None:
            if patience.is_over:
                raise DataError(f"{self.name}: its tables have been locked all the time; try again later")

        with self._errors(), shared_snapshot(self._engine, tables, give_up) as shared:
            held = copy(self)
            held._shared = shared
            yield held

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Return a context that gives a connection in one transaction; it waits while another perpsim writes."""
        with self._errors(), self._engine.connect() as connection:
            # whatever the server's default is: what it reads after the wait is what others have written until then
            latest = connection.execution_options(isolation_level="READ COMMITTED")
            with latest.begin():
                self._wait_for_writers(latest)
                yield latest

    def read_columns(self, connection: Connection, statement: Select[Any]) -> Columns:
        """Return the rows of a statement as columns; see `Database.read_columns`."""
        selected = list(statement.selected_columns)
        names = [column.name for column in selected]
        dtypes = [np.int64 if isinstance(column.type, Integer) else np.float64 for column in selected]
        compiled = statement.compile(dialect=self._engine.dialect, compile_kwargs={"render_postcompile": True})
        counting = partial(_count, connection, statement)
        with raw(connection).cursor() as cursor, long_step("reading", counting) as advance:
            columns = CsvColumns(names, dtypes, advance)
            query = cursor.mogrify(str(compiled), compiled.params)
            try:
                cursor.copy_expert(b"COPY (" + query + b") TO STDOUT (FORMAT csv)", columns, _COPY_BYTES)
                return columns.finish()
            except ValueError as error:
                raise DataError(f"{self.name}: {table_names(statement)}: {error}") from error

    def upsert(self, connection: Connection, table: Table, columns: RowColumns) -> int:
        """Insert or update rows and return how many were inserted or changed; see `Database.upsert`."""
        try:
            return upsert(connection, table, columns, self._allow_rounding)
        except RoundingRefused as refused:
            raise DataError(f"{self.name}: {refused}; --allow-rounding accepts that") from refused
        except psycopg2.errors.NumericValueOutOfRange as error:
            column = _COLUMN.search(error.diag.context or "")
            place = table.name if column is None else f"{table.name}.{column[1]}"
            raise DataError(f"{self.name}: {place}: a value is too large for this column") from error

    def fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the rows of a statement on one table, or None when that cannot be told for sure."""
        with self.reading() as connection:
            return rows_fingerprint(connection, statement)

    def quick_fingerprint(self, statement: Select[Any]) -> Fingerprint | None:
        """Return what identifies the state of the whole server, or None on a standby and for a table with row security,
        whose rows depend on settings that may change without a trace.
        """
        with self.reading() as connection:
            return server_state(connection, statement)

    def _wait_for_writers(self, connection: Connection) -> None:
        """Take the writers' lock, asking again and again: Ctrl-C would not be heard inside the server."""
        patience = Patience(LOCK_PATIENCE_S)
        ask = text("SELECT pg_try_advisory_xact_lock(:lock)")
        while not connection.execute(ask, {"lock": _WRITERS_LOCK}).scalar_one():
            if patience.is_over:
                raise DataError(
                    f"{self.name}: another perpsim has been writing all the time; try again when it is done"
                )
            time.sleep(_PAUSE_S)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with hearing():
                yield
        except (psycopg2.Error, DBAPIError, ArgumentError) as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
            raise DataError(f"{self.name}: {reason(cause, self._password)}") from None


def _count(connection: Connection, statement: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(statement.order_by(None).subquery())).scalar_one())
