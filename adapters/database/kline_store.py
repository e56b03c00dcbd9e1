"""Klines in the database: written, read back bit for bit, and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, select

from engine import PERIOD_MS, DataError, KlineColumns
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import SECOND_MS

from .interface import Database
from .needed_columns import checked_name, exchange_name, period_length
from .row_listing import names_in
from .row_store import CHUNK_ROWS, WriteCounts, check_rows, upsert_counted
from .schema import CRYPTO, MAINNET, crypto_klines

_MOST_LISTED_SYMBOLS = 20
_PRICES = ("open", "high", "low", "close")
_COUNTS = and_(crypto_klines.c.market == CRYPTO, crypto_klines.c.environment == MAINNET)


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One stored series of klines: how many, and the opens of the first and the last."""

    exchange: str
    symbol: str
    period: str
    count: int
    first_ms: int
    last_ms: int


class KlineRows(NamedTuple):
    """Klines as they are stored, in order of time: unlike `KlineColumns` they may hold duplicates, NULL (as NaN)
    and nonsense, which is what an inspection looks for.
    """

    open_ms: TimeColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn


def write_klines(
    database: Database,
    exchange: str,
    symbol: str,
    period: str,
    klines: KlineColumns | Iterable[KlineColumns],
    progress: Callable[[int], None] | None = None,
    *,
    only_extend: bool = False,
    then: Callable[[Connection], object] | None = None,
) -> WriteCounts:
    """Write klines of one series in one transaction: all of them or, after any exception, none.

    A kline that is stored with the same values is not written again. The table is created when it is missing.
    `progress` is called with the number of klines done since the last call. With `only_extend` a series that is
    stored already must be the same one: equal klines where both have them, and some of those, else `DataError`.
    `then` is called at the end, within the transaction.
    """
    exchange, symbol = exchange_name(exchange), checked_name("symbol", symbol)
    series = is_series(exchange, symbol, period)
    parts = [klines] if isinstance(klines, KlineColumns) else klines
    chunks = ((len(chunk), _stored(exchange, symbol, period, chunk)) for chunk in _chunks(parts, period))
    with database.writing() as connection:
        counts = upsert_counted(database, connection, crypto_klines, series, chunks, progress)
        if only_extend and (counts.changed or not counts.unchanged):
            stored = select(func.count()).select_from(crypto_klines).where(series)
            if counts.inserted < connection.execute(stored).scalar_one():
                raise DataError(f"{database.name} holds other {period} klines of {symbol} on {exchange}")
        if then is not None:
            then(connection)
    return counts


def series_statement(
    exchange: str, symbol: str, period: str, start_ms: int | None = None, end_ms: int | None = None
) -> Select[Any]:
    """Return the statement that selects the klines of one series that open in [start_ms, end_ms), by time."""
    c = crypto_klines.c
    statement = select(c.timestamp, c.open_price, c.high_price, c.low_price, c.close_price, c.volume)
    statement = statement.where(is_series(exchange_name(exchange), symbol, period)).order_by(c.timestamp)
    if start_ms is not None:
        statement = statement.where(c.timestamp >= -(-start_ms // SECOND_MS))
    if end_ms is not None:
        statement = statement.where(c.timestamp < -(-end_ms // SECOND_MS))
    return statement


def read_rows(
    database: Database, exchange: str, symbol: str, period: str, start_ms: int | None = None, end_ms: int | None = None
) -> KlineRows:
    """Return the klines of one series that open in [start_ms, end_ms), as they are stored."""
    statement = series_statement(exchange, symbol, period, start_ms, end_ms)
    with database.reading() as connection:
        database.require_table(connection, crypto_klines)
        columns = database.read_columns(connection, statement)
    return KlineRows(columns.pop("timestamp") * SECOND_MS, *columns.values())


def read_klines(
    database: Database, exchange: str, symbol: str, period: str, start_ms: int | None = None, end_ms: int | None = None
) -> KlineColumns:
    """Return the klines of one series that open in [start_ms, end_ms); none when there is no such series.

    Raises `DataError` for a kline that is stored twice or without a value.
    """
    rows = read_rows(database, exchange, symbol, period, start_ms, end_ms)
    where = f"{database.name}: {period} klines of {symbol} on {exchange_name(exchange)}"
    check_rows(where, rows.open_ms, {name: getattr(rows, name) for name in (*_PRICES, "volume")})
    return KlineColumns(period_length(period), *rows)


def possible_prices(
    opened: FloatColumn, high: FloatColumn, low: FloatColumn, close: FloatColumn
) -> npt.NDArray[np.bool_]:
    """Return which klines have finite positive prices, with open and close between low and high."""
    inside = (low <= np.minimum(opened, close)) & (high >= np.maximum(opened, close))
    return np.asarray(inside & (low > 0) & np.isfinite(high))


def stored_series(database: Database) -> list[StoredSeries]:
    """Return what is stored, by exchange, symbol and length of the period."""
    with database.reading() as connection:
        database.require_table(connection, crypto_klines)
        names = names_in(connection, crypto_klines, ("exchange", "symbol", "market", "period"))
        found = [
            _span(connection, exchange, symbol, period)
            for exchange, symbol, market, period in names
            if market == CRYPTO
        ]
    known = [each for each in found if each.count]
    return sorted(known, key=lambda s: (s.exchange, s.symbol, PERIOD_MS.get(s.period, 0), s.period))


def _span(connection: Connection, exchange: str, symbol: str, period: str) -> StoredSeries:
    """Return how many klines of a series there are and from when to when: three questions that its index answers."""
    series, opened = is_series(exchange, symbol, period), crypto_klines.c.timestamp
    asked = (func.count(), func.min(opened), func.max(opened))
    count, first, last = (connection.execute(select(each).where(series)).scalar_one() for each in asked)
    return StoredSeries(exchange, symbol, period, count, (first or 0) * SECOND_MS, (last or 0) * SECOND_MS)


def stored_periods(database: Database, exchange: str, symbol: str) -> list[str]:
    """Return the known periods of which klines of a symbol are stored, shortest first; quick in any database."""
    exchange = exchange_name(exchange)
    with database.reading() as connection:
        database.require_table(connection, crypto_klines)
        return [
            period
            for period in PERIOD_MS
            if connection.execute(select(literal(1)).where(is_series(exchange, symbol, period)).limit(1)).first()
        ]


def require_series(database: Database, exchange: str, symbol: str, period: str) -> None:
    """Raise a `DataError` that lists what is stored unless klines of this exchange, symbol and period are there."""
    period_length(period)
    if period in stored_periods(database, exchange, symbol):
        return
    raise DataError(
        f"{database.name} holds no {period} klines of {symbol} on {exchange_name(exchange)}; "
        f"stored: {describe_series(stored_series(database))}"
    )


def describe_series(series: Iterable[StoredSeries]) -> str:
    """Return what is stored in one line: ``binance: BTC (1m, 1h), ETH (1m); okx: BTC (1m)``, or ``nothing``."""
    by_exchange: dict[str, dict[str, list[str]]] = {}
    for one in series:
        by_exchange.setdefault(one.exchange, {}).setdefault(one.symbol, []).append(one.period)
    parts = (f"{exchange}: {_describe_symbols(symbols)}" for exchange, symbols in by_exchange.items())
    return "; ".join(parts) or "nothing"


def _describe_symbols(symbols: dict[str, list[str]]) -> str:
    listed = [f"{symbol} ({', '.join(periods)})" for symbol, periods in symbols.items()]
    hidden = len(listed) - _MOST_LISTED_SYMBOLS
    return ", ".join(listed[:_MOST_LISTED_SYMBOLS]) + (f" and {hidden} more symbols" if hidden > 0 else "")


def is_series(exchange: str, symbol: str, period: str) -> ColumnElement[bool]:
    """Return the condition that chooses the klines of one series that count."""
    c = crypto_klines.c
    return and_(c.exchange == exchange, c.symbol == symbol, c.period == period, _COUNTS)


def _chunks(parts: Iterable[KlineColumns], period: str) -> Iterable[KlineColumns]:
    for klines in parts:
        if klines.period_ms != period_length(period):
            raise DataError(f"klines of {klines.period_ms} ms cannot be stored with the period {period}")
        for start in range(0, len(klines), CHUNK_ROWS):
            yield klines.slice(start, min(start + CHUNK_ROWS, len(klines)))


def _stored(exchange: str, symbol: str, period: str, klines: KlineColumns) -> dict[str, Any]:
    """Return klines as the columns of the table."""
    values = {name: getattr(klines, name) for name in (*_PRICES, "volume")}
    for name, column in values.items():
        if not np.isfinite(column).all():
            raise DataError(f"kline column {name} holds a value that is not finite")
    if np.any(klines.open_ms % SECOND_MS):
        raise DataError("klines that do not open at whole seconds cannot be stored")
    opened = klines.open_ms // SECOND_MS
    return {
        "exchange": exchange,
        "symbol": symbol,
        "market": CRYPTO,
        "period": period,
        "timestamp": opened,
        "datetime_str": _time_texts(opened),
        "environment": MAINNET,
        **{f"{name}_price": values[name] for name in _PRICES},
        "volume": values["volume"],
    }


def _time_texts(seconds: TimeColumn) -> list[str]:
    """Return times as texts like ``2024-01-01 00:00:00``."""
    texts = np.datetime_as_string(seconds.astype("datetime64[s]"))
    letters = texts.view("U1")  # all of them in one column, which is quicker than text by text
    letters[letters == "T"] = " "
    found: list[str] = texts.tolist()
    return found
