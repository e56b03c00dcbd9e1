"""The flow tables in the database: which of their columns are read, and rows as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Float, Select, select, type_coerce

from .interface import Columns, Database
from .kline_store import possible_prices
from .needed_columns import BOOK, FLOW_COLUMNS, MARK_KLINES, TRADES, exchange_name
from .row_store import check_rows
from .schema import metadata

#: Those of the needed columns that every row must have.
_REQUIRED: dict[str, Sequence[str]] = {
    TRADES: FLOW_COLUMNS[TRADES][:4],
    BOOK: FLOW_COLUMNS[BOOK][:2],
    MARK_KLINES: FLOW_COLUMNS[MARK_KLINES],
}


def flow_statement(
    name: str, exchange: str, symbol: str, after_ms: int | None = None, end_ms: int | None = None, unit_ms: int = 1
) -> Select[Any]:
    """Return the statement that selects the rows of a symbol in a table with after < timestamp <= end, by time;
    `unit_ms` is the unit of the times that it selects.
    """
    c = metadata.tables[name].c
    # as floats: a count may be NULL too
    statement = select(c.timestamp, *(type_coerce(c[each], Float()).label(each) for each in FLOW_COLUMNS[name]))
    statement = statement.where(c.exchange == exchange_name(exchange), c.symbol == symbol).order_by(c.timestamp)
    if after_ms is not None:
        statement = statement.where(c.timestamp > after_ms // unit_ms)
    if end_ms is not None:
        statement = statement.where(c.timestamp <= end_ms // unit_ms)
    return statement


def read_flow_rows(
    database: Database, name: str, exchange: str, symbol: str, after_ms: int | None = None, end_ms: int | None = None
) -> Columns | None:
    """Return the needed columns of a symbol's rows with after < timestamp <= end, in ms; None without such a table.

    Raises `DataError` for two rows of one time, for a row without a value that it must have, and for a kline of the
    mark price that is none.
    """
    table = metadata.tables[name]
    with database.reading() as connection:
        if not database.has_table(connection, table):
            return None
        unit_ms = database.timestamp_unit_ms(connection, table)
        statement = flow_statement(name, exchange, symbol, after_ms, end_ms, unit_ms)
        database.require_table(connection, table, [column.name for column in statement.selected_columns])
        columns = database.read_columns(connection, statement)
    if unit_ms > 1:
        columns["timestamp"] *= unit_ms
    where = f"{database.name}: rows of {symbol} on {exchange_name(exchange)} in {name}"
    required = {each: columns[each] for each in _REQUIRED.get(name, ())}
    further = {"are impossible klines": ~possible_prices(*required.values())} if name == MARK_KLINES else None
    check_rows(where, columns["timestamp"], required, further)
    return columns
