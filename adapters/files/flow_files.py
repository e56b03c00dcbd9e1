"""15-second rows from files: taker flow, and asset metrics and the order book where a file has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sqlalchemy import Integer, Table

from engine.market import SYMBOL_TITLES, TIME_TITLES
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn, TimeColumn

from ..database import TableRows, market_asset_metrics, market_orderbook_snapshots, market_trades_aggregated
from .plausible_values import require_amounts, require_differences, require_prices_or_none, require_rates
from .tables import SERIES, ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows

_REQUIRED = ("taker_buy_volume", "taker_sell_volume", "taker_buy_notional", "taker_sell_notional")
_NOT_STORED = ("time", "raw_levels", "id", "exchange", "symbol", "timestamp", "created_at")
_UNIT_TOLERANCE = 0.001
_PRICES = "vwap high_price low_price mark_price oracle_price mid_price best_bid best_ask".split()
_KINDS_OF_VALUE = {
    **dict.fromkeys(_PRICES, require_prices_or_none),
    **dict.fromkeys(("premium", "spread"), require_differences),
    "funding_rate": require_rates,
}
_TITLES = {
    "high_price": ("high_price", "high"),
    "low_price": ("low_price", "low"),
    "best_bid": ("best_bid", "bid", "bid_price"),
    "best_ask": ("best_ask", "ask", "ask_price"),
}
_TABLES = (market_trades_aggregated, market_asset_metrics, market_orderbook_snapshots)
_COLUMNS = {c.name: c for table in _TABLES for c in table.columns if c.name not in _NOT_STORED}

#: The columns of a file of 15-second rows are called as those of the tables.
FLOW_LAYOUT = Layout(
    titles={"time": TIME_TITLES, SERIES: SYMBOL_TITLES, **{name: _TITLES.get(name, (name,)) for name in _COLUMNS}},
    headerless={},
    optional=frozenset((*_COLUMNS, SERIES)) - frozenset(_REQUIRED),
)


def read_flow_file(
    path: str | Path, stamped_at_start: bool, where: Mapping[str, str] | None = None, options: ReadOptions | None = None
) -> ImportedFile:
    """Read and check 15-second rows; the time of a row is the end of its 15 seconds unless `stamped_at_start`.

    The vwap is worked out where the file has none. `where` keeps the rows in which a column, by its title, has a
    text. Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    table = read_table(path, FLOW_LAYOUT, where, options)
    return without_bad_rows(table, lambda rows: _flow(rows, stamped_at_start))


def _flow(table: TableFile, stamped_at_start: bool) -> ImportedFile:
    table, times = timed_rows(table, "time")
    table.require(times.ms % ROW_MS == 0, "time", lambda row: f"{times.ms[row]} is not on the 15-second grid")
    ends = times.ms + (ROW_MS if stamped_at_start else 0)
    values = {name: _read_values(table, name) for name in _COLUMNS if name in table}
    _check_order(table, values, "low_price", "high_price")
    _check_order(table, values, "best_bid", "best_ask")
    if "vwap" not in values:
        values["vwap"] = volume_weighted_price(*(values[name] for name in _REQUIRED))
        _check_units(table, values)
    if "spread" not in values and {"best_bid", "best_ask"} <= values.keys():
        values["spread"] = spread_of(values["best_bid"], values["best_ask"])
    parts = [_table_rows(stored, ends, values) for stored in _TABLES if not values.keys().isdisjoint(stored.c.keys())]
    return table.imported("15-second rows", times.unit, *parts, remarks=_remarks(table))


def volume_weighted_price(
    buy_volume: FloatColumn, sell_volume: FloatColumn, buy_notional: FloatColumn, sell_notional: FloatColumn
) -> FloatColumn:
    """Return notional by volume of both sides together; NaN where nothing was traded."""
    volume = buy_volume + sell_volume
    none = np.full(len(volume), np.nan)
    return np.asarray(np.divide(buy_notional + sell_notional, volume, out=none, where=volume > 0))


def spread_of(bid: FloatColumn, ask: FloatColumn) -> FloatColumn:
    """Return ask - bid without the noise of the last bits: prices have ten decimals at most."""
    return np.round(ask - bid, 10)


def _read_values(table: TableFile, name: str) -> FloatColumn:
    column = _COLUMNS[name]
    values = table.numbers(name, may_be_missing=bool(column.nullable))
    _KINDS_OF_VALUE.get(name, require_amounts)(table, name, values)
    if isinstance(column.type, Integer):
        table.require(values == np.rint(values), name, lambda row: f"{values[row]} is not a whole number")
    return values


def _check_order(table: TableFile, values: Mapping[str, FloatColumn], low: str, high: str) -> None:
    if {low, high} <= values.keys():
        lows, highs = values[low], values[high]
        below = f"is below the {table.titles[low]}"
        table.require(~(highs < lows), high, lambda row: f"{highs[row]} {below} {lows[row]}")


def _check_units(table: TableFile, values: Mapping[str, FloatColumn]) -> None:
    """Raise `FileFormatError` where notional by volume is no price of the row: one of them is in another unit."""
    vwap = values["vwap"]
    nothing = np.full(len(vwap), np.nan)
    low, high = values.get("low_price", nothing), values.get("high_price", nothing)
    table.require(
        ~((vwap < low * (1 - _UNIT_TOLERANCE)) | (vwap > high * (1 + _UNIT_TOLERANCE))),
        "taker_buy_notional",
        lambda row: (
            f"notional by volume is {vwap[row]:g}, not between the low {low[row]:g} and the high {high[row]:g}; "
            "volumes are in coins, the notional is their value"
        ),
    )


def _table_rows(table: Table, times_ms: TimeColumn, values: Mapping[str, FloatColumn]) -> TableRows:
    columns = {
        c.name: values[c.name].astype(np.int64) if isinstance(c.type, Integer) else values[c.name]
        for c in table.columns
        if c.name in values
    }
    return TableRows(table, times_ms, columns)


def _remarks(table: TableFile) -> list[str]:
    remarks = []
    if "taker_buy_count" not in table or "taker_sell_count" not in table:
        remarks.append("the file has no numbers of trades by side; those of new rows are stored as 0")
    if "best_bid" in table and "bid_depth_5" not in table:
        remarks.append("the file has no depth of five levels; that of new rows is stored as 0")
    return remarks
