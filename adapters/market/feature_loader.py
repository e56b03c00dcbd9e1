"""Stored features for a run: through the column cache where that is certain to be right, else from the database."""

from __future__ import annotations

from engine import TimedValues

from ..database import Database, exchange_name, feature_statement, features_of, perp_features, read_feature
from .column_cache import ColumnCache, rows_between


def load_features(
    database: Database, exchange: str, symbol: str, end_ms: int, cache: ColumnCache | bool = True
) -> dict[str, TimedValues]:
    """Return the stored features of a symbol and those of all symbols by name, as far as they are known at `end_ms`;
    of two with one name the symbol's own.

    Each is cached as a whole, so one entry serves every range. Raises `DataError` for values that are stored twice or
    not finite.
    """
    store = ColumnCache.chosen(cache)
    found = features_of(database, exchange, symbol)
    return {name: _load(database, store, exchange, stored, name, end_ms) for name, stored in sorted(found.items())}


def _load(
    database: Database, store: ColumnCache | None, exchange: str, symbol: str, feature: str, end_ms: int
) -> TimedValues:
    key = {
        "database": database.identity,
        "table": perp_features.name,
        "exchange": exchange_name(exchange),
        "symbol": symbol,
        "feature": feature,
    }
    statement = feature_statement(exchange, symbol, feature)
    columns = None
    if store is not None:
        columns = store.columns(database, key, statement, lambda held: read_feature(held, exchange, symbol, feature))
    if columns is None:
        columns = read_feature(database, exchange, symbol, feature)
    known = rows_between(columns, None, end_ms + 1)
    return TimedValues(known["timestamp"], known["value"])
