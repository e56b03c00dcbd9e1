"""Stored features for a run: through the column cache where that is certain to be right, else from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import TimedValues

from .. import database as stored  # a name of it is imported when it is used: what is in the cache takes few
from ..database import FEATURES, Columns, Database, exchange_name
from .column_cache import ColumnCache, rows_between

if TYPE_CHECKING:
    from sqlalchemy import Select


def load_features(
    database: Database, exchange: str, symbol: str, end_ms: int, cache: ColumnCache | bool = True
) -> dict[str, TimedValues]:
    """Return the stored features of a symbol and those of all symbols by name, as far as they are known at `end_ms`;
    of two with one name the symbol's own.

    Each is cached as a whole, so one entry serves every range. Raises `DataError` for values that are stored twice or
    not finite.
    """
    store = ColumnCache.chosen(cache)

    def features(held: Database) -> dict[str, str]:
        return stored.features_of(held, exchange, symbol)

    found = features(database) if store is None else store.answer(database, _key(database, exchange, symbol), features)
    return {name: _load(database, store, exchange, owner, name, end_ms) for name, owner in sorted(found.items())}


def _key(database: Database, exchange: str, symbol: str) -> dict[str, str]:
    return {"database": database.identity, "table": FEATURES, "exchange": exchange_name(exchange), "symbol": symbol}


def _load(
    database: Database, store: ColumnCache | None, exchange: str, symbol: str, feature: str, end_ms: int
) -> TimedValues:
    def read(held: Database) -> Columns:
        return stored.read_feature(held, exchange, symbol, feature)

    def statement() -> Select[Any]:
        return stored.feature_statement(exchange, symbol, feature)

    columns = None
    if store is not None:
        key = {**_key(database, exchange, symbol), "feature": feature}
        columns = store.columns(database, key, statement, read)
    if columns is None:
        columns = read(database)
    known = rows_between(columns, None, end_ms + 1)
    return TimedValues(known["timestamp"], known["value"])
