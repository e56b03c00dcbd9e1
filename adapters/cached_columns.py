"""Columns from the cache where that is certain to be right, else from the database and into the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt
from sqlalchemy import Select

from .column_cache import ColumnCache
from .database import Database, Fingerprint

#: Columns by name, possibly mapped from files; not to be written to.
StoredColumns = Mapping[str, npt.NDArray[Any]]


def cached_columns(
    database: Database,
    store: ColumnCache,
    key: Mapping[str, str],
    statement: Select[Any],
    read: Callable[[], StoredColumns],
) -> StoredColumns | None:
    """Return what `read` returns, from the cache when the database can tell that nothing has changed since.

    `statement` selects all that `read` reads, `key` says what that is. Nothing is stored when there are no rows or when
    the database changed while it was read. None when the database cannot tell its state: then nothing is read either.
    """
    state = database.quick_fingerprint()
    fingerprint = _fingerprint(database, store, key, statement, state)
    if fingerprint is None:
        return None
    columns: StoredColumns | None = store.load(key, fingerprint)
    if columns is not None:
        return columns
    columns = read()
    if any(map(len, columns.values())) and _is_unchanged(database, statement, state, fingerprint):
        store.store(key, fingerprint, columns)
    return columns


def _fingerprint(
    database: Database,
    store: ColumnCache,
    key: Mapping[str, str],
    statement: Select[Any],
    state: Fingerprint | None,
) -> Fingerprint | None:
    """Return the fingerprint of the rows: the one noted for this state of the whole database, else worked out."""
    if state is None:
        return database.fingerprint(statement)
    noted = store.recall(key, state)
    if noted is not None:
        return noted
    found = database.fingerprint(statement)
    if found is not None and database.quick_fingerprint() == state:
        store.remember(key, state, found)
    return found


def _is_unchanged(
    database: Database, statement: Select[Any], state: Fingerprint | None, fingerprint: Fingerprint
) -> bool:
    if state is not None and database.quick_fingerprint() == state:
        return True
    return database.fingerprint(statement) == fingerprint
