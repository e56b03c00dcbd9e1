"""Stored klines for a run: through the column cache where that is certain to be right, else from the database."""

from __future__ import annotations

import numpy as np

from engine import KlineColumns

from ..database import Columns, Database, crypto_klines, exchange_name, period_length, read_klines, series_statement
from .column_cache import ColumnCache
from .column_source import cached_columns

_COLUMNS = ("open_ms", "open", "high", "low", "close", "volume")


def load_klines(
    database: Database,
    exchange: str,
    symbol: str,
    period: str,
    start_ms: int | None = None,
    end_ms: int | None = None,
    cache: ColumnCache | bool = True,
) -> KlineColumns:
    """Return the stored klines that open in [start_ms, end_ms), the same as `read_klines` does.

    The cache (True: the default one) holds whole series, so one entry serves every range. It is used only when the
    database can tell that nothing has changed since; a database that changes while it is read is not cached.
    """
    store = ColumnCache.chosen(cache)
    key = {
        "database": database.identity,
        "table": crypto_klines.name,
        "exchange": exchange_name(exchange),
        "symbol": symbol,
        "period": period,
    }

    def read() -> Columns:
        klines = read_klines(database, exchange, symbol, period)
        return {name: getattr(klines, name) for name in _COLUMNS}

    statement = series_statement(exchange, symbol, period)
    columns = None if store is None else cached_columns(database, store, key, statement, read)
    if columns is None:
        return read_klines(database, exchange, symbol, period, start_ms, end_ms)
    return _between(columns, period_length(period), start_ms, end_ms)


def _between(columns: Columns, period_ms: int, start_ms: int | None, end_ms: int | None) -> KlineColumns:
    opened = columns["open_ms"]
    first = 0 if start_ms is None else int(np.searchsorted(opened, start_ms))
    stop = len(opened) if end_ms is None else max(int(np.searchsorted(opened, end_ms)), first)
    return KlineColumns(period_ms, *(columns[name][first:stop] for name in _COLUMNS))
