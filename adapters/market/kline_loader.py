"""Stored klines for a run: through the column cache where that is certain to be right, else from the database."""

from __future__ import annotations

from engine import KlineColumns

from .. import database as stored  # a name of it is imported when it is used: what is in the cache takes few
from ..database import KLINES, Columns, Database, exchange_name, period_length
from .column_cache import ColumnCache, rows_between

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
    database can tell that nothing has changed since.
    """
    store = ColumnCache.chosen(cache)
    key = {
        "database": database.identity,
        "table": KLINES,
        "exchange": exchange_name(exchange),
        "symbol": symbol,
        "period": period,
    }

    def read(snapshot: Database) -> Columns:
        klines = stored.read_klines(snapshot, exchange, symbol, period)
        return {name: getattr(klines, name) for name in _COLUMNS}

    columns = None
    if store is not None:
        columns = store.columns(database, key, lambda: stored.series_statement(exchange, symbol, period), read)
    if columns is None:
        return stored.read_klines(database, exchange, symbol, period, start_ms, end_ms)
    return KlineColumns(period_length(period), **rows_between(columns, start_ms, end_ms))
