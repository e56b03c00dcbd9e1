"""Columns from the cache where that is certain to be right, else from the database and into the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select

from ..database import Columns, Database
from .column_cache import ColumnCache


def cached_columns(
    database: Database, store: ColumnCache, key: Mapping[str, str], statement: Select[Any], read: Callable[[], Columns]
) -> Columns | None:
    """Return what `read` returns, from the cache when the database can tell that nothing has changed since.

    `statement` selects all that `read` reads, `key` says what that is. Nothing is stored when there are no rows or when
    the database changed while it was read. None when the database cannot tell its state: then nothing is read either.
    """
    state = database.quick_fingerprint()
    noted = None if state is None else store.recall(key, state)
    fingerprint = noted if noted is not None else database.fingerprint(statement)
    if fingerprint is None:
        return None
    columns: Columns | None = store.load(key, fingerprint)
    if columns is None:
        columns = read()
        if not any(map(len, columns.values())) or database.fingerprint(statement) != fingerprint:
            return columns
        store.store(key, fingerprint, columns)
    if state is not None and noted is None and database.quick_fingerprint() == state:
        # nothing has changed since the fingerprint was worked out: next time the state is enough
        store.remember(key, state, fingerprint)
    return columns
