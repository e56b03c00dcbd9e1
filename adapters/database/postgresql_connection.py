"""Connections to PostgreSQL that hear Ctrl-C and notice when nobody is at the other end any more."""

from __future__ import annotations

import math
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

import psycopg2
import psycopg2.extensions

from engine.plain_values import shown

from ..runs import deaf_call, in_another_thread

#: How long the server may take for one call before it counts as gone, in seconds: a machine that hangs still answers
#: keepalives. The URL's query may set it otherwise.
PATIENCE_OPTION = "server_patience"
SERVER_PATIENCE_S = 600.0

#: What the URL's query may set otherwise, as psycopg2 and libpq take it: seconds, tcp_user_timeout in milliseconds.
#: See https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS.
CONNECTION_DEFAULTS: Mapping[str, Any] = {
    "application_name": "perpsim",
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

#: Whatever a server or a user has chosen: doubles as the shortest text that gives the same bits, and no notices, which
#: the client library would write to standard error beside our own sentence.
_SESSION = "-c extra_float_digits=3 -c client_min_messages=error"


def connection_arguments(arguments: Mapping[str, Any], read_only: bool) -> dict[str, Any]:
    """Return the driver's arguments: those of the URL, the defaults, and the ones that perpsim relies on.

    `ValueError` for an impossible patience.
    """
    patience_s = _patience_s(arguments.get(PATIENCE_OPTION, SERVER_PATIENCE_S))
    for_driver = {name: value for name, value in arguments.items() if name != PATIENCE_OPTION}
    session = (arguments.get("options", ""), _SESSION, "-c default_transaction_read_only=on" * read_only)
    return {
        **CONNECTION_DEFAULTS,
        **for_driver,
        "options": " ".join(filter(None, session)),
        "client_encoding": "UTF8",
        "connection_factory": partial(HearingConnection, patience_s=patience_s),
        "cursor_factory": HearingCursor,
    }


def _patience_s(given: object) -> float:
    try:
        seconds = float(given) if isinstance(given, (str, float)) else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f"{PATIENCE_OPTION} is {shown(given)}: give one number of seconds above 0")
    return seconds


def connect(arguments: Mapping[str, Any]) -> psycopg2.extensions.connection:
    """Open a connection; Ctrl-C is heard meanwhile."""
    try:
        made: psycopg2.extensions.connection = in_another_thread(lambda: psycopg2.connect(**arguments))
    except TimeoutError as error:
        raise psycopg2.OperationalError("timeout expired") from error
    return made


class HearingConnection(psycopg2.extensions.connection):
    """A connection whose calls to the server are cut when Ctrl-C or the patience wants it."""

    def __init__(self, dsn: str, patience_s: float) -> None:
        super().__init__(dsn)
        self._patience_s = patience_s

    def waiting(self) -> AbstractContextManager[None]:
        """Return a context for one call to the server."""
        return deaf_call(self._hang_up, self._patience_s)

    def commit(self) -> None:
        """End the transaction and keep what it did."""
        with self.waiting():
            super().commit()

    def rollback(self) -> None:
        """End the transaction and undo what it did; after Ctrl-C, or for a server that is gone, by hanging up.

        The server undoes by itself what a client that went away has not committed.
        """
        if isinstance(sys.exc_info()[1], KeyboardInterrupt):
            self.close()
        if self.closed:
            return
        with self.waiting():
            super().rollback()

    def set_isolation_level(self, level: int | str | None) -> None:
        """Set how later transactions see the data; one that has hung up has none."""
        if not self.closed:
            with self.waiting():  # it undoes a transaction that is open
                super().set_isolation_level(level)  # type: ignore[arg-type]

    @property
    def readonly(self) -> Any:
        """Whether later transactions can write; set on one that has hung up, it says nothing."""
        return super().readonly

    @readonly.setter
    def readonly(self, value: Any) -> None:
        if not self.closed:
            psycopg2.extensions.connection.readonly.__set__(self, value)  # type: ignore[attr-defined]

    def _hang_up(self) -> None:
        # not close(), which would wait for the call: the socket's end is what the call sees
        with suppress(OSError, psycopg2.Error), socket.socket(fileno=os.dup(self.fileno())) as other:
            other.shutdown(socket.SHUT_RDWR)


class HearingCursor(psycopg2.extensions.cursor):
    """A cursor of a `HearingConnection`."""

    connection: HearingConnection

    def execute(self, *arguments: Any, **named: Any) -> None:
        """Execute a statement."""
        with self.connection.waiting():
            super().execute(*arguments, **named)

    def executemany(self, *arguments: Any, **named: Any) -> None:
        """Execute a statement for each of many rows."""
        with self.connection.waiting():
            super().executemany(*arguments, **named)

    def copy_expert(self, *arguments: Any, **named: Any) -> None:
        """Copy rows from or to a file."""
        with self.connection.waiting():
            super().copy_expert(*arguments, **named)
