"""What is stored of the market, series by series: from when to when, how many rows, and where some are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Table, func, inspect, select

from engine import DataError
from engine.market.series import TimeColumn
from engine.periods import SECOND_MS

from ..database import (
    Database,
    StoredSeries,
    crypto_klines,
    is_series,
    period_length,
    perp_features,
    perp_mark_klines,
    read_mark_rows,
    read_row_times,
    read_rows,
    stored_mark_series,
    stored_names,
    stored_series,
)
from .row_inspection import TABLES, absent_rows

KLINES, MARK, FEATURES = "klines", "mark", "features"
#: What every kind of series is.
DATA_KINDS = {
    KLINES: "klines of traded prices",
    MARK: "1m klines of the mark price",
    "funding": "funding rates",
    "flow": "15-second rows of taker volume",
    "book": "snapshots of the order book",
    "metrics": "open interest, mark and oracle prices",
    FEATURES: "features, data of your own",
}


@dataclass(frozen=True)
class DataSeries:
    """One stored series; `period` is that of klines, `feature` the name of a feature. `missing` klines lie between the
    first and the last, None where only the rows themselves tell. `written` is when the newest row was stored first.
    """

    kind: str
    exchange: str
    symbol: str
    period: str | None
    feature: str | None
    rows: int
    first_ms: int
    last_ms: int
    missing: int | None
    written: str | None


@dataclass(frozen=True)
class DataHole:
    """About so many rows are missing in [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    missing: int


@dataclass(frozen=True)
class DataHoles:
    """Where rows of a series are missing: the longest of `count` holes, in order of time, and in all of them."""

    count: int
    missing: int
    holes: tuple[DataHole, ...]


def stored_data(database: Database) -> list[DataSeries]:
    """Return every stored series, by exchange, symbol and kind; what only rows tell is left to `holes_of`."""
    found = [*_klines(database), *_marks(database), *_rows(database)]
    order = [*DATA_KINDS]
    return sorted(found, key=lambda each: (each.exchange, each.symbol, order.index(each.kind)))


def holes_of(
    database: Database, kind: str, exchange: str, symbol: str, period: str | None, feature: str | None, most: int
) -> DataHoles:
    """Return where rows of a series are missing, at most so many holes. Raises `DataError` for an unknown period."""
    if kind in (KLINES, MARK):
        length = period_length(period or "1m")
        times = _kline_times(database, kind, exchange, symbol, period or "1m")
        absent = np.maximum(-(-np.diff(times) // length) - 1, 0)
        begins = times[:-1] + length
    else:
        names = {"exchange": exchange, "symbol": symbol, **({"feature": feature or ""} if kind == FEATURES else {})}
        times = _distinct(_row_times(database, TABLES[kind], names))
        absent, begins = absent_rows(times), times[:-1]
    places = np.flatnonzero(absent)
    longest = np.sort(places[np.argsort(-absent[places], kind="stable")[:most]])
    holes = (DataHole(int(begins[at]), int(times[at + 1]), int(absent[at])) for at in longest)
    return DataHoles(len(places), int(absent.sum()), tuple(holes))


def _kline_times(database: Database, kind: str, exchange: str, symbol: str, period: str) -> TimeColumn:
    if kind == KLINES:
        return _distinct(read_rows(database, exchange, symbol, period).open_ms)
    with database.reading() as connection:
        if not database.has_table(connection, perp_mark_klines):
            return np.empty(0, np.int64)
    return _distinct(read_mark_rows(database, StoredSeries(exchange, symbol, period, 0, 0, 0)).open_ms)


def _row_times(database: Database, table: Table, names: dict[str, str]) -> TimeColumn:
    with database.reading() as connection:
        if not database.has_table(connection, table):
            return np.empty(0, np.int64)
    return read_row_times(database, table, **names)


def _distinct(times: TimeColumn) -> TimeColumn:
    return np.asarray(times[np.diff(times, prepend=times[:1] - 1) != 0])


def _klines(database: Database) -> Iterator[DataSeries]:
    with database.reading() as connection:
        if not database.has_table(connection, crypto_klines):
            return
        has_stamp = _has_stamp(connection, crypto_klines)
    for each in stored_series(database):
        with database.reading() as connection:
            where = is_series(each.exchange, each.symbol, each.period)
            newest = crypto_klines.c.timestamp == each.last_ms // SECOND_MS
            written = _written(connection, crypto_klines, (where, newest)) if has_stamp else None
        yield _of_klines(KLINES, each, written)


def _marks(database: Database) -> Iterator[DataSeries]:
    yield from (_of_klines(MARK, each, None) for each in stored_mark_series(database))


def _of_klines(kind: str, each: StoredSeries, written: str | None) -> DataSeries:
    try:
        missing = max((each.last_ms - each.first_ms) // period_length(each.period) + 1 - each.count, 0)
    except DataError:  # a period that is none here
        missing = None
    names = kind, each.exchange, each.symbol, each.period, None
    return DataSeries(*names, each.count, each.first_ms, each.last_ms, missing, written)


def _rows(database: Database) -> Iterator[DataSeries]:
    for kind, table in TABLES.items():
        key = ("exchange", "symbol", "feature") if table is perp_features else ("exchange", "symbol")
        for known in stored_names(database, table, key):
            names = dict(zip(key, known, strict=True))
            yield _of_rows(database, kind, table, names)


def _of_rows(database: Database, kind: str, table: Table, names: dict[str, str]) -> DataSeries:
    where = tuple(table.c[column] == value for column, value in names.items())
    time = table.c.timestamp
    with database.reading() as connection:
        unit_ms = database.timestamp_unit_ms(connection, table)
        asked = (func.count(), func.min(time), func.max(time))
        rows, first, last = (connection.execute(select(each).where(*where)).scalar_one() for each in asked)
        newest = (*where, time == last)
        written = _written(connection, table, newest) if _has_stamp(connection, table) else None
    series = kind, names["exchange"], names["symbol"], None, names.get("feature")
    return DataSeries(*series, rows, (first or 0) * unit_ms, (last or 0) * unit_ms, None, written)


def _has_stamp(connection: Connection, table: Table) -> bool:
    return any(each["name"] == "created_at" for each in inspect(connection).get_columns(table.name))


def _written(connection: Connection, table: Table, where: tuple[ColumnElement[bool], ...]) -> str | None:
    found: Any = connection.execute(select(table.c.created_at).where(*where).limit(1)).scalar()
    return None if found is None else str(found)[:19]
