"""Statements of SQLAlchemy as SQLite takes them; what needs none of them does not load SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    ColumnElement,
    Engine,
    Integer,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    create_engine,
    literal,
    or_,
)
from sqlalchemy.dialects.sqlite import Insert, dialect, insert
from sqlalchemy.pool import NullPool

from .interface import RowColumns

_DIALECT = dialect(paramstyle="qmark")


class Selection(NamedTuple):
    """A statement that selects, as SQLite takes it: its text, the values in it, and which columns it gives."""

    text: str
    values: Sequence[Any]
    dtype: np.dtype[Any]


def engine_on(connect: Callable[[], sqlite3.Connection | None]) -> Engine:
    """Return an engine whose connections are those that `connect` gives, closed after use."""
    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def selection(statement: Select[Any]) -> Selection:
    """Return a statement that selects numbers."""
    dtype = np.dtype([(c.name, "i8" if isinstance(c.type, Integer) else "f8") for c in statement.selected_columns])
    compiled = statement.compile(dialect=_DIALECT)
    return Selection(str(compiled), [compiled.params[name] for name in compiled.positiontup or ()], dtype)


def upsert_text(table: Table, columns: RowColumns) -> tuple[str, Sequence[str]]:
    """Return the statement that inserts a row or, where its values differ, updates the one of the same key, and the
    names of the columns whose values it takes.
    """
    compiled = _upsert(table, columns).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return str(compiled), compiled.positiontup or ()


def with_rows(upsert: str, count: int) -> str:
    """Return a statement that upserts one row as one that upserts so many; values stand between the two words only."""
    head, word, rest = upsert.partition(" VALUES ")
    row, conflict, tail = rest.rpartition(" ON CONFLICT ")
    return f"{head}{word}{', '.join([row] * count)}{conflict}{tail}"


def _upsert(table: Table, columns: RowColumns) -> Insert:
    key = next(c for c in table.constraints if isinstance(c, UniqueConstraint)).columns.keys()
    plain = insert(table).values({name: _cell(name, column) for name, column in columns.items()})
    payload = {name: plain.excluded[name] for name in columns if name not in key}
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in payload.items()))
    return plain.on_conflict_do_update(index_elements=key, set_=payload, where=differs)


def _cell(name: str, column: npt.NDArray[Any] | Sequence[str] | str) -> ColumnElement[Any]:
    """Return what a statement says of a column: its value where that is the same in every row, or its place."""
    return literal(column, literal_execute=True) if isinstance(column, str) else bindparam(name, required=False)
