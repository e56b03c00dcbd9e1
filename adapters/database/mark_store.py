"""Klines of the mark price in the database: how they are stored, and what is there."""

from __future__ import annotations

import numpy as np
from sqlalchemy import func, select

from engine import PERIOD_MS, DataError, KlineColumns

from .flow_store import flow_statement
from .interface import Database
from .kline_store import KlineRows, StoredSeries
from .needed_columns import FLOW_COLUMNS, MARK_KLINES
from .row_store import TableRows
from .schema import market_asset_metrics, perp_mark_klines

#: Mark prices further apart would be missing most of the time, and forming klines would be made of a few of them.
MARK_PERIOD = "1m"


def mark_kline_rows(klines: KlineColumns) -> tuple[TableRows, TableRows]:
    """Return 1m klines of the mark price as rows to be stored: the closes as mark prices, each at the instant at which
    it is known, and the klines themselves by their open. Raises `DataError` for another period.
    """
    if klines.period_ms != PERIOD_MS[MARK_PERIOD]:
        raise DataError(f"only {MARK_PERIOD} klines of a mark price can be stored, not of {klines.period_ms} ms")
    prices = dict(zip(FLOW_COLUMNS[MARK_KLINES], klines.figures, strict=False))
    return (
        TableRows(market_asset_metrics, klines.open_ms + klines.period_ms, {"mark_price": klines.close}),
        TableRows(perp_mark_klines, klines.open_ms, prices),
    )


def stored_mark_series(database: Database) -> list[StoredSeries]:
    """Return of which symbols klines of the mark price are stored, by exchange and symbol; none without the table."""
    c = perp_mark_klines.c
    statement = select(c.exchange, c.symbol, func.count(), func.min(c.timestamp), func.max(c.timestamp))
    with database.reading() as connection:
        if not database.has_table(connection, perp_mark_klines):
            return []
        found = connection.execute(statement.group_by(c.exchange, c.symbol)).all()
    return [StoredSeries(exchange, symbol, MARK_PERIOD, *span) for exchange, symbol, *span in sorted(found)]


def read_mark_rows(database: Database, series: StoredSeries) -> KlineRows:
    """Return the klines of a stored mark price as they are stored, with a volume of 0."""
    with database.reading() as connection:
        statement = flow_statement(MARK_KLINES, series.exchange, series.symbol)
        opened, *figures = database.read_columns(connection, statement).values()
    figures.append(np.zeros(len(opened)))
    return KlineRows(opened, *figures)
