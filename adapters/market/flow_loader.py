"""Stored flow rows for a run: through the column cache where that is certain to be right, else from the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from sqlalchemy import Table

from engine import BookRows, FlowHistory, TimedValues, TradeRows
from engine.periods import DAY_MS

from ..database import (
    FLOW_COLUMNS,
    Columns,
    Database,
    exchange_name,
    flow_statement,
    market_asset_metrics,
    market_trades_aggregated,
    perp_funding,
    read_flow_rows,
)
from .column_cache import ColumnCache
from .column_source import cached_columns

#: The furthest that a question looks back for trades and snapshots: the 50 bars of a day of the market regime.
WARM_UP_MS = 50 * DAY_MS

#: Of these the newest value counts, however old it is: no row is too early.
_LATEST = (market_asset_metrics, perp_funding)


def load_flow(
    database: Database, exchange: str, symbol: str, start_ms: int, end_ms: int, cache: ColumnCache | bool = True
) -> FlowHistory:
    """Return what is recorded of a symbol beside its klines, as far as a run of [start_ms, end_ms] can ask for it.

    Funding rates are those of the asset metrics, or where these have none, of the funding payments. A table that the
    database does not have is empty. Each table is cached as a whole, so one entry serves every range. Raises
    `DataError` for two rows of one time and for missing volumes or depths.
    """
    store = ColumnCache.chosen(cache)
    jobs = [
        partial(_load, database, store, table, exchange, symbol, None if table in _LATEST else start_ms, end_ms)
        for table in FLOW_COLUMNS
    ]
    trades, book, metrics, payments = _all(jobs, in_parallel=database.reads_in_parallel)
    funding = _present(metrics, "funding_rate")
    return FlowHistory(
        None if trades is None else TradeRows(*(trades[name] for name in _names(market_trades_aggregated))),
        None if book is None else _book(book),
        _present(metrics, "mark_price"),
        _present(metrics, "open_interest"),
        funding if funding is not None and len(funding) else _present(payments, "funding_rate"),
        _present(metrics, "oracle_price"),
    )


def _all(jobs: Sequence[Callable[[], Columns | None]], in_parallel: bool) -> list[Columns | None]:
    if not in_parallel:
        return [job() for job in jobs]
    with ThreadPoolExecutor(len(jobs)) as threads:
        return [started.result() for started in [threads.submit(job) for job in jobs]]


def _load(
    database: Database,
    store: ColumnCache | None,
    table: Table,
    exchange: str,
    symbol: str,
    start_ms: int | None,
    end_ms: int,
) -> Columns | None:
    """Return the columns of a table up to the end, from the warm-up on (from the first row without a start)."""
    after_ms = None if start_ms is None else start_ms - WARM_UP_MS
    key = {
        "database": database.identity,
        "table": table.name,
        "columns": ",".join(_names(table)),
        "exchange": exchange_name(exchange),
        "symbol": symbol,
    }
    columns: Columns | None = None
    if store is not None:
        read = partial(_read_all, database, table, exchange, symbol)
        columns = cached_columns(database, store, key, flow_statement(table, exchange, symbol), read)
    if columns is None:
        return read_flow_rows(database, table, exchange, symbol, after_ms, end_ms)
    return _between(columns, after_ms, end_ms) if columns else None


def _read_all(database: Database, table: Table, exchange: str, symbol: str) -> Columns:
    return read_flow_rows(database, table, exchange, symbol) or {}


def _between(columns: Columns, after_ms: int | None, end_ms: int) -> Columns:
    times = columns["timestamp"]
    first = 0 if after_ms is None else int(np.searchsorted(times, after_ms, side="right"))
    stop = max(int(np.searchsorted(times, end_ms, side="right")), first)
    return {name: column[first:stop] for name, column in columns.items()}


def _names(table: Table) -> tuple[str, ...]:
    return ("timestamp", *FLOW_COLUMNS[table])


def _book(rows: Columns) -> BookRows:
    """Return order book rows; a spread that is not known is 0, as wherever the contract has no value."""
    spread = rows["spread"]
    unknown = np.isnan(spread)
    known = np.where(unknown, 0.0, spread) if unknown.any() else spread
    return BookRows(rows["timestamp"], rows["bid_depth_5"], rows["ask_depth_5"], known)


def _present(columns: Columns | None, name: str) -> TimedValues | None:
    return None if columns is None else TimedValues.present(columns["timestamp"], columns[name])
