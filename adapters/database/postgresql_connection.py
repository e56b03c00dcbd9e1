"""How a PostgreSQL database is connected to, and what may be shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg2.extensions
from sqlalchemy import Connection
from sqlalchemy.engine import URL

CONNECT_PATIENCE_S = 10

#: Whatever a server or a user has chosen: doubles as the shortest text that gives the same bits.
_SESSION = "-c extra_float_digits=3"


def raw(connection: Connection) -> psycopg2.extensions.connection:
    """Return the driver's own connection."""
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, psycopg2.extensions.connection)
    return driver


def connect_arguments(arguments: Mapping[str, Any], read_only: bool) -> dict[str, Any]:
    """Return the driver's arguments: those of the URL and the ones that perpsim relies on."""
    session = f"{arguments.get('options', '')} {_SESSION}"
    if read_only:
        session += " -c default_transaction_read_only=on"
    return {
        "connect_timeout": CONNECT_PATIENCE_S,
        "application_name": "perpsim",
        **arguments,
        "options": session.strip(),
        "client_encoding": "UTF8",
    }


def shown(url: URL) -> str:
    """Return a URL without its password and its options, one of which may be a password too."""
    host = {name: value for name, value in url.query.items() if name in ("host", "port")}
    return url.set(drivername="postgresql", query=host).render_as_string(hide_password=True)


def identity(connection: Connection) -> str:
    """Return what names this database in every process, whether its parts came from the URL or the environment."""
    about = raw(connection).info
    return f"postgresql://{about.user}@{about.host}:{about.port}/{about.dbname}"
