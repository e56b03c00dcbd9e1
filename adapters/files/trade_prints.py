"""Trade prints from files, and the 15-second rows that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.errors import FileFormatError
from engine.market import TIME_TITLES
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn, TimeColumn
from engine.plain_values import shown

from ..database import TableRows, market_trades_aggregated
from .flow_files import volume_weighted_price
from .plausible_values import require_amounts, require_prices
from .tables import ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows
from .volume_units import PriceRange, amount_fields, coins_of

_TAKER_BOUGHT = {
    "side": {"buy": True, "b": True, "bid": True, "sell": False, "s": False, "a": False, "ask": False},
    "buyer_is_maker": {"true": False, "1": False, "false": True, "0": True},
}

#: The columns of a file of trades. Without a header: the six of Binance's perpetuals, the eight of its spot aggregates.
TRADE_LAYOUT = Layout(
    titles={
        "time": ("trade_time", "transact_time", *TIME_TITLES),
        "price": ("price", "px", "p"),
        "size": ("qty", "size", "quantity", "amount", "sz", "volume", "q", "vol", "v"),
        "side": ("side", "taker_side", "taker_order_side"),
        "buyer_is_maker": ("is_buyer_maker", "buyer_is_maker", "buyer_maker", "m"),
        **amount_fields(),
    },
    headerless={
        6: ("trade_id", "price", "size", "amount quote_qty", "time", "buyer_is_maker"),
        8: ("trade_id", "price", "size", "first_id", "last_id", "time", "buyer_is_maker", "is_best_match"),
    },
    optional=frozenset({"side", "buyer_is_maker", *amount_fields()}),
)


class TradePrints(NamedTuple):
    """Trades in order of time: price, size in coins, and whether the taker bought; several may have one time."""

    time_ms: TimeColumn
    price: FloatColumn
    size: FloatColumn
    taker_bought: npt.NDArray[np.bool_]

    def slice(self, start: int, stop: int | None = None) -> TradePrints:
        """Return the prints [start, stop)."""
        return TradePrints._make(column[start:stop] for column in self)


def read_trade_files(
    paths: Sequence[str | Path],
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> Iterator[ImportedFile]:
    """Read files of trades in order of time as one stream, and give the 15-second rows of each.

    A row that one file begins and the next one goes on with is among the rows of the later file, whole. Sizes
    become coins where further columns tell the factor; `columns` chooses the column of a field by its title. Raises
    `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    held = None
    for place, path in enumerate(paths):
        read = read_table(path, TRADE_LAYOUT.with_columns(columns or {}), where, options)
        size_is_chosen = "size" in (columns or {})
        prints, table, time_unit, remarks = without_bad_rows(read, partial(_read_prints, size_is_chosen=size_is_chosen))
        if held is not None:
            if prints.time_ms[0] < held.time_ms[-1]:
                problem = f"the trades begin before those of {paths[place - 1]} end; name files in order of time"
                raise FileFormatError(str(path), 1, table.titles["time"], problem)
            prints = TradePrints._make(map(np.concatenate, zip(held, prints, strict=True)))
        whole = len(prints.time_ms)
        if place < len(paths) - 1:  # without the row of the last print
            whole = int(np.searchsorted(prints.time_ms, row_end(prints.time_ms[-1:])[0] - ROW_MS, side="right"))
        held = prints.slice(whole)
        rows = [aggregate_prints(prints.slice(0, whole))] if whole else []
        yield table.imported("trades", time_unit, *rows, remarks=remarks)


def aggregate_prints(prints: TradePrints) -> TableRows:
    """Return the 15-second rows of some trades, which must be in order of time; a row without a trade is not there.

    The row at t covers (t - 15 s, t]. Volumes are in coins, the notional is price times size.
    """
    row_ms = row_end(prints.time_ms)
    starts = np.flatnonzero(np.diff(row_ms, prepend=row_ms[0] - 1))
    bought, notional = prints.taker_bought, prints.price * prints.size
    buy_volume, sell_volume, buy_notional, sell_notional = (
        np.add.reduceat(np.where(side, amount, 0.0), starts)
        for amount in (prints.size, notional)
        for side in (bought, ~bought)
    )
    return TableRows(
        market_trades_aggregated,
        row_ms[starts],
        {
            "taker_buy_volume": buy_volume,
            "taker_sell_volume": sell_volume,
            "taker_buy_count": np.add.reduceat(bought, starts, dtype=np.int64),
            "taker_sell_count": np.add.reduceat(~bought, starts, dtype=np.int64),
            "taker_buy_notional": buy_notional,
            "taker_sell_notional": sell_notional,
            "vwap": volume_weighted_price(buy_volume, sell_volume, buy_notional, sell_notional),
            "high_price": np.maximum.reduceat(prints.price, starts),
            "low_price": np.minimum.reduceat(prints.price, starts),
        },
    )


def row_end(time_ms: TimeColumn) -> TimeColumn:
    """Return the time of the 15-second row that each instant belongs to: a trade exactly at t belongs to the row t."""
    return np.asarray(-(-time_ms // ROW_MS) * ROW_MS)


def _read_prints(table: TableFile, size_is_chosen: bool) -> tuple[TradePrints, TableFile, str, list[str]]:
    table, times = timed_rows(table, "time", of_events=True)
    price = table.numbers("price")
    require_prices(table, "price", price)
    size = table.numbers("size")
    coins, remarks = (size, []) if size_is_chosen else coins_of(table, "size", PriceRange(price, price))
    table.require(size > 0, "size", lambda row: f"{size[row]} is not a positive size")
    require_amounts(table, "size", coins)
    return TradePrints(times.ms, price, coins, _takers(table)), table, times.unit, remarks


def _takers(table: TableFile) -> npt.NDArray[np.bool_]:
    field = next((name for name in _TAKER_BOUGHT if name in table), None)
    if field is None:
        problem = "there is neither a side (buy, sell) nor a column is_buyer_maker: who the taker is cannot be told"
        raise FileFormatError(table.path, None, None, problem)
    known = _TAKER_BOUGHT[field]
    codes, values = pd.factorize(table.values[field])
    # a whole number may have come with a point
    meanings = [known.get(str(value).strip().lower().removesuffix(".0")) for value in values]
    unknown = np.array([*(meaning is None for meaning in meanings), True])  # the last is for the code -1: missing
    table.require(
        ~unknown[codes], field, lambda row: f"{shown(table.values[field].iloc[row])} is none of {', '.join(known)}"
    )
    return np.array([*(bool(meaning) for meaning in meanings), False])[codes]
