"""What the database holds of a symbol, asked in ways that its indexes answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select

from engine import PERIOD_MS

from ..database import (
    BOOK,
    FUNDING,
    MARK_KLINES,
    METRICS,
    TRADES,
    Database,
    crypto_klines,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    perp_funding,
    perp_mark_klines,
    series_statement,
    stored_series,
)

_TABLES = {
    TRADES: market_trades_aggregated,
    BOOK: market_orderbook_snapshots,
    METRICS: market_asset_metrics,
    FUNDING: perp_funding,
    MARK_KLINES: perp_mark_klines,
}


@dataclass(frozen=True, slots=True)
class Span:
    """The stored klines of one symbol and period: the open of the first, and the close of the last, epoch ms."""

    first_ms: int
    end_ms: int


#: What is stored, by exchange, symbol and period.
Stored = Mapping[tuple[str, str, str], Span]


def stored_spans(database: Database) -> Stored:
    """Return what klines are stored: none without a table of them."""
    with database.reading() as connection:
        if not database.has_table(connection, crypto_klines):
            return {}
    return {
        (each.exchange, each.symbol, each.period): Span(each.first_ms, each.last_ms + PERIOD_MS[each.period])
        for each in stored_series(database)
        if each.period in PERIOD_MS
    }


@dataclass(frozen=True, slots=True)
class Holes:
    """How many klines of a range are there of those that should be, and the longest hole in ms and its begin."""

    expected: int
    present: int
    longest_ms: int
    since_ms: int


def holes_between(database: Database, exchange: str, symbol: str, period: str, start_ms: int, end_ms: int) -> Holes:
    """Return what is missing of the klines that open in [start_ms, end_ms); their times are read if some are."""
    length = PERIOD_MS[period]
    first = -(-start_ms // length) * length
    expected = max(-(-(end_ms - first) // length), 0)
    wanted = series_statement(exchange, symbol, period, first, end_ms)
    with database.reading() as connection:
        present = connection.execute(select(func.count()).select_from(wanted.order_by(None).subquery())).scalar_one()
        if present >= expected or not present:
            return Holes(expected, present, 0, 0)
        times = database.read_columns(connection, wanted.with_only_columns(wanted.selected_columns[0]))["timestamp"]
    opened = np.concatenate(([first - length], times * 1_000, [first + expected * length]))
    apart = np.diff(opened)
    place = int(apart.argmax())
    return Holes(expected, present, int(apart[place]) - length, int(opened[place]) + length)


def has_rows(
    database: Database, name: str, exchange: str, symbol: str, column: str, start_ms: int, end_ms: int
) -> bool:
    """Tell whether a table of the flow has a row of a symbol in [start_ms, end_ms] with a value in a column."""
    table = _TABLES[name]
    c = table.c
    with database.reading() as connection:
        if not database.has_table(connection, table):
            return False
        unit_ms = database.timestamp_unit_ms(connection, table)
        wanted = select(c.timestamp).where(c.exchange == exchange, c.symbol == symbol, c[column].is_not(None))
        wanted = wanted.where(c.timestamp >= start_ms // unit_ms, c.timestamp <= end_ms // unit_ms)
        return connection.execute(wanted.limit(1)).first() is not None
