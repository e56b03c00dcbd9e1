"""Features, data of one's own, in the database: written, found and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Float, Select, and_, func, select, type_coerce

from engine import TimedValues
from engine.market import ALL_SYMBOLS, feature_name

from .interface import Columns, Database
from .needed_columns import checked_name, exchange_name
from .row_store import TableRows, WriteCounts, check_rows, chunks_of, upsert_counted
from .schema import perp_features

_c = perp_features.c


class FeatureRows(NamedTuple):
    """Values of one feature of a symbol (`ALL_SYMBOLS`: of every one)."""

    symbol: str
    feature: str
    rows: TimedValues


class StoredFeature(NamedTuple):
    """A stored feature: how many values there are, and the times of the first and the last one."""

    exchange: str
    symbol: str
    feature: str
    rows: int
    first_ms: int
    last_ms: int


def write_features(
    database: Database, exchange: str, parts: Sequence[FeatureRows], progress: Callable[[int], None] | None = None
) -> dict[tuple[str, str], WriteCounts]:
    """Write values in one transaction: all of them or, after any exception, none. What is stored for a time already is
    updated. Returns what became of them by symbol and feature.
    """
    names = {"exchange": exchange_name(exchange)}
    features: dict[tuple[str, str], list[TableRows]] = {}
    for symbol, feature, rows in parts:
        key = checked_name("symbol", symbol), feature_name(feature)
        features.setdefault(key, []).append(TableRows(perp_features, rows.timestamp_ms, {"value": rows.value}))
    counts = {}
    with database.writing() as connection:
        for (symbol, feature), tables in features.items():
            chunks = chunks_of(tables, {**names, "symbol": symbol, "feature": feature})
            series = _of(exchange, symbol, feature)
            counts[symbol, feature] = upsert_counted(database, connection, perp_features, series, chunks, progress)
    return counts


def _of(exchange: str, symbol: str, feature: str) -> Any:
    return and_(_c.exchange == exchange_name(exchange), _c.symbol == symbol, _c.feature == feature)


def stored_features(database: Database) -> list[StoredFeature]:
    """Return what features are stored, by exchange, symbol and name; none without the table."""
    key = (_c.exchange, _c.symbol, _c.feature)
    statement = select(*key, func.count(), func.min(_c.timestamp), func.max(_c.timestamp)).group_by(*key)
    with database.reading() as connection:
        if not database.has_table(connection, perp_features):
            return []
        return sorted(StoredFeature(*row) for row in connection.execute(statement))


def features_of(database: Database, exchange: str, symbol: str) -> dict[str, str]:
    """Return the features that a symbol has, each with the symbol under which it is stored: its own, where there is one
    of the name, else that of all symbols.
    """
    with database.reading() as connection:
        if not database.has_table(connection, perp_features):
            return {}
        database.require_table(connection, perp_features)
        return {name: each for each in (ALL_SYMBOLS, symbol) for name in _names(connection, exchange, each)}


def _names(connection: Connection, exchange: str, symbol: str) -> Iterator[str]:
    """Yield the names of a symbol's features; each is one step in the index, however many values there are."""
    statement = select(func.min(_c.feature)).where(_c.exchange == exchange_name(exchange), _c.symbol == symbol)
    name: str | None = ""
    while (name := connection.execute(statement.where(_c.feature > name)).scalar()) is not None:
        yield name


def feature_statement(exchange: str, symbol: str, feature: str) -> Select[Any]:
    """Return the statement that selects time and value of a feature, by time."""
    wanted = select(_c.timestamp, type_coerce(_c.value, Float()).label("value"))
    return wanted.where(_of(exchange, symbol, feature)).order_by(_c.timestamp)


def read_feature(database: Database, exchange: str, symbol: str, feature: str) -> Columns:
    """Return times and values of a stored feature. Raises `DataError` for two values of one time, and for one that is
    missing or not finite.
    """
    with database.reading() as connection:
        columns = database.read_columns(connection, feature_statement(exchange, symbol, feature))
    where = f"{database.name}: values of feature {feature} of {symbol} on {exchange_name(exchange)}"
    check_rows(where, columns["timestamp"], {}, {"are not finite": ~np.isfinite(columns["value"])})
    return columns
