"""Stored flow rows and klines of the mark price for a run: through the column cache where that is certain to be right,
else from the database.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from engine import BookRows, FlowHistory, KlineColumns, TimedValues, TradeRows
from engine.market import STAMP_JITTER_MS
from engine.market.flow import LATEST_VALUES, back_filled, known_at_close
from engine.market.series import TimeColumn
from engine.periods import DAY_MS, MINUTE_MS

from .. import database as stored  # a name of it is imported when it is used: what is in the cache takes few
from ..database import BOOK, FLOW_COLUMNS, FUNDING, MARK_KLINES, METRICS, TRADES, Columns, Database, exchange_name
from .column_cache import ColumnCache, rows_between

#: The furthest that a question looks back for trades and snapshots: the 50 bars of a day of the market regime.
WARM_UP_MS = 50 * DAY_MS

_FLOW = (TRADES, BOOK, METRICS, FUNDING)

#: Of these the newest value counts, however old it is: no row is too early.
_LATEST = (METRICS, FUNDING, MARK_KLINES)

#: What is read beyond the end: rates that are stamped late, and the neighbour by which a back-filled row is known.
_BEYOND_MS = {METRICS: STAMP_JITTER_MS, FUNDING: STAMP_JITTER_MS, TRADES: MINUTE_MS}


def load_flow(
    database: Database, exchange: str, symbol: str, start_ms: int, end_ms: int, cache: ColumnCache | bool = True
) -> FlowHistory:
    """Return what is recorded of a symbol beside its klines, as far as a run of [start_ms, end_ms] can ask for it.

    Funding rates are those of the asset metrics, or where these have none, of the funding payments. A table that the
    database does not have is empty. All tables are read in one state of the database; each is cached as a whole, so
    one entry serves every range. Raises `DataError` for two rows of one time and for missing volumes or depths.
    """
    store = ColumnCache.chosen(cache)
    at_once = len(_FLOW) if database.reads_in_parallel else 1
    with database.snapshot(*_FLOW) as snapshot, ThreadPoolExecutor(at_once) as threads:
        load = partial(_load, snapshot, store, exchange, symbol, start_ms, end_ms)
        trades, book, metrics, payments = threads.map(load, _FLOW)
    funding = _present(metrics, "funding_rate")
    known = rows_between(metrics, None, end_ms + 1) if metrics else None
    rows, back_filled_ms = (None, None) if not trades else _trades(trades, end_ms)
    latest = {name: _present(known, name) for name in LATEST_VALUES}
    latest["funding_rate"] = funding if funding is not None and len(funding) else _present(payments, "funding_rate")
    return FlowHistory(rows, None if book is None else _book(book), **latest, back_filled_ms=back_filled_ms)


def load_mark_klines(
    database: Database, exchange: str, symbol: str, end_ms: int, cache: ColumnCache | bool = True
) -> KlineColumns | None:
    """Return the stored 1m klines of a symbol's mark price that open up to `end_ms`, None where there are none.

    Raises `DataError` for a kline that is stored twice, without a price, or with prices that no kline can have.
    """
    columns = _load(database, ColumnCache.chosen(cache), exchange, symbol, 0, end_ms, MARK_KLINES)
    if columns is None or not len(columns["timestamp"]):
        return None
    opened, *figures = columns.values()
    figures.append(np.zeros(len(opened)))
    return KlineColumns(MINUTE_MS, opened, *figures)


def _load(
    database: Database, store: ColumnCache | None, exchange: str, symbol: str, start_ms: int, end_ms: int, table: str
) -> Columns | None:
    """Return the columns of a table up to the end, from the warm-up on or, where the newest value counts, all."""
    after_ms = None if table in _LATEST else start_ms - WARM_UP_MS
    end_ms += _BEYOND_MS.get(table, 0)
    columns = None
    if store is not None:
        key = {
            "database": database.identity,
            "table": table,
            "columns": ",".join(("timestamp_ms", *FLOW_COLUMNS[table])),
            "exchange": exchange_name(exchange),
            "symbol": symbol,
        }
        columns = store.columns(
            database,
            key,
            lambda: stored.flow_statement(table, exchange, symbol),
            lambda snapshot: stored.read_flow_rows(snapshot, table, exchange, symbol) or {},
        )
    if columns is None:
        return stored.read_flow_rows(database, table, exchange, symbol, after_ms, end_ms)
    return rows_between(columns, None if after_ms is None else after_ms + 1, end_ms + 1) if columns else None


def _trades(columns: Columns, end_ms: int) -> tuple[TradeRows, TimeColumn]:
    """Return the rows that are known at the end, and the times of those that are back-filled minutes."""
    stamps, *values, sell_count = columns.values()
    filled = back_filled(stamps, columns["vwap"], sell_count)
    times, counts = known_at_close(stamps, filled)
    counts &= times <= end_ms
    return TradeRows(times[counts], *(column[counts] for column in values)), times[filled & counts]


def _book(rows: Columns) -> BookRows:
    """Return order book rows; a spread that is not known is 0, as wherever the contract has no value."""
    spread = np.where(np.isnan(rows["spread"]), 0.0, rows["spread"])
    return BookRows(rows["timestamp"], rows["bid_depth_5"], rows["ask_depth_5"], spread)


def _present(columns: Columns | None, name: str) -> TimedValues | None:
    return None if columns is None else TimedValues.present(columns["timestamp"], columns[name])
