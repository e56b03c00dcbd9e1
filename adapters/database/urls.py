"""Opening the database that a URL names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine import DataError

from ..runs import signals_waiting
from .interface import Database
from .sqlite_database import SqliteDatabase

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_NAMED_BY = (
    "an SQLite file is named by sqlite:///FILE, a PostgreSQL database by postgresql://USER:PASSWORD@HOST/DATABASE"
)

_SQLITE = "sqlite:///"
#: What names a database of SQLite that is in no file, and what begins a name with options.
_NO_FILES, _URI = ("", ":memory:"), "file:"


def open_database(
    url: str | Path, *, create: bool = False, read_only: bool = False, allow_rounding: bool = False
) -> Database:
    """Open the database that a URL names: ``sqlite:///market.db`` (or the plain path of an SQLite file) or
    ``postgresql://user:password@host/database``.

    `create` makes a missing SQLite file, otherwise that is a `DataError`, as is whatever else keeps the database from
    being used. A relative path counts from the current directory. `read_only` connections cannot write. With
    `allow_rounding` values may be rounded to what the columns of a table hold, otherwise that is an error.
    """
    return _opened(url, create, read_only, allow_rounding, [])


def _opened(url: str | Path, create: bool, read_only: bool, allow_rounding: bool, made: list[Database]) -> Database:
    """Open a database; what may make a file is in `made` before it does."""
    path = _plain_path(str(url))
    if path is not None:
        return SqliteDatabase(path, create=create, read_only=read_only, made=made)
    parsed = _parse(str(url))
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        from .postgresql_database import PostgresqlDatabase  # imports pandas: not for SQLite

        return PostgresqlDatabase(parsed, read_only=read_only, allow_rounding=allow_rounding)
    if kind != "sqlite":
        raise DataError(f"{_shown(parsed)}: {kind} databases cannot be used here; {_NAMED_BY}")
    if parsed.database in (None, *_NO_FILES):
        raise DataError(f"{_shown(parsed)} names no file; an SQLite file is named by sqlite:///FILE")
    if parsed.query or str(parsed.database).startswith(_URI):
        raise DataError(f"{_shown(parsed)}: options in the URL are not supported; use sqlite:///FILE")
    return SqliteDatabase(Path(str(parsed.database)), create=create, read_only=read_only, made=made)


@contextmanager
def database_to_fill(url: str | Path, *, allow_rounding: bool = False) -> Iterator[Database]:
    """Return a context that gives the database that a URL names, made when it is missing; see `open_database`.

    An exception that ends the context leaves no file behind that was made here and in which nothing is stored.
    """
    made: list[Database] = []  # an interruption can come between the making of the file and the end of the opening
    try:
        yield _opened(url, True, False, allow_rounding, made)
    except BaseException:
        with signals_waiting():
            for database in made:
                database.discard()
        raise


def _plain_path(text: str) -> Path | None:
    """Return the file that a text names, None for all but SQLite's: only these are read without SQLAlchemy."""
    if "://" not in text and text.startswith(("sqlite:", "postgresql:", "postgres:")):
        # the text itself is not repeated: it may hold a password
        raise DataError(f"{text.partition(':')[0]}:... is not a database URL; {_NAMED_BY}")
    path = text if "://" not in text else text.removeprefix(_SQLITE)
    is_plain = path not in _NO_FILES and not path.startswith(_URI) and "?" not in path and "://" not in path
    return Path(path) if is_plain else None


def _parse(text: str) -> URL:
    from sqlalchemy.engine import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if "://" not in text:
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
