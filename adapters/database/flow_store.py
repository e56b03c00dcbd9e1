"""The flow tables in the database: which of their columns are read, and rows as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Float, Select, Table, select, type_coerce

from .interface import Columns, Database
from .kline_store import possible_prices
from .row_store import check_rows, exchange_name
from .schema import (
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    perp_funding,
    perp_mark_klines,
)

#: The columns of each table that a run needs, and those of them that every row must have.
FLOW_COLUMNS: dict[Table, tuple[str, ...]] = {
    market_trades_aggregated: tuple(
        "taker_buy_volume taker_sell_volume taker_buy_notional taker_sell_notional vwap high_price low_price"
        " taker_sell_count".split()
    ),
    market_orderbook_snapshots: ("bid_depth_5", "ask_depth_5", "spread"),
    market_asset_metrics: tuple("mark_price open_interest funding_rate oracle_price day_notional_volume".split()),
    perp_funding: ("funding_rate",),
    perp_mark_klines: ("open_price", "high_price", "low_price", "close_price"),
}
_REQUIRED: dict[Table, Sequence[str]] = {
    market_trades_aggregated: FLOW_COLUMNS[market_trades_aggregated][:4],
    market_orderbook_snapshots: FLOW_COLUMNS[market_orderbook_snapshots][:2],
    perp_mark_klines: FLOW_COLUMNS[perp_mark_klines],
}


def flow_statement(
    table: Table, exchange: str, symbol: str, after_ms: int | None = None, end_ms: int | None = None, unit_ms: int = 1
) -> Select[Any]:
    """Return the statement that selects the rows of a symbol with after < timestamp <= end, by time; `unit_ms` is the
    unit of the times that it selects.
    """
    c = table.c
    # as floats: a count may be NULL too
    statement = select(c.timestamp, *(type_coerce(c[name], Float()).label(name) for name in FLOW_COLUMNS[table]))
    statement = statement.where(c.exchange == exchange_name(exchange), c.symbol == symbol).order_by(c.timestamp)
    if after_ms is not None:
        statement = statement.where(c.timestamp > after_ms // unit_ms)
    if end_ms is not None:
        statement = statement.where(c.timestamp <= end_ms // unit_ms)
    return statement


def read_flow_rows(
    database: Database, table: Table, exchange: str, symbol: str, after_ms: int | None = None, end_ms: int | None = None
) -> Columns | None:
    """Return the needed columns of a symbol's rows with after < timestamp <= end, in ms; None without such a table.

    Raises `DataError` for two rows of one time, for a row without a value that it must have, and for a kline of the
    mark price that is none.
    """
    with database.reading() as connection:
        if not database.has_table(connection, table):
            return None
        unit_ms = database.timestamp_unit_ms(connection, table)
        statement = flow_statement(table, exchange, symbol, after_ms, end_ms, unit_ms)
        database.require_table(connection, table, [column.name for column in statement.selected_columns])
        columns = database.read_columns(connection, statement)
    if unit_ms > 1:
        columns["timestamp"] *= unit_ms
    where = f"{database.name}: rows of {symbol} on {exchange_name(exchange)} in {table.name}"
    required = {name: columns[name] for name in _REQUIRED.get(table, ())}
    further = {"are impossible klines": ~possible_prices(*required.values())} if table is perp_mark_klines else None
    check_rows(where, columns["timestamp"], required, further)
    return columns
