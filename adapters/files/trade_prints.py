"""Trade prints from files, and the 15-second rows that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from engine.errors import FileFormatError
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn, TimeColumn
from engine.plain_values import shown

from ..database import TableRows, market_trades_aggregated
from .contract_sizes import ContractSize, refuse_contracts
from .flow_files import volume_weighted_price
from .plausible_values import require_amounts, require_prices
from .tables import ImportedFile, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows
from .taker_sides import read_sides
from .trade_layouts import TRADE_LAYOUT, sign_is_side
from .volume_units import PriceRange, coins_of


class TradePrints(NamedTuple):
    """Trades in order of time: price, size in coins, and whether the taker bought; several may have one time."""

    time_ms: TimeColumn
    price: FloatColumn
    size: FloatColumn
    taker_bought: npt.NDArray[np.bool_]

    def slice(self, start: int, stop: int | None = None) -> TradePrints:
        """Return the prints [start, stop)."""
        return TradePrints._make(column[start:stop] for column in self)

    def then(self, others: TradePrints) -> TradePrints:
        """Return these prints and others behind them."""
        return TradePrints._make(map(np.concatenate, zip(self, others, strict=True)))


@dataclass(frozen=True, slots=True)
class TradeFile:
    """The trades of one file: prints of its first and of its last 15-second row, with which other files may go on, and
    the whole rows between. `is_stored` says that its rows are, so that only these edges count.
    """

    file: ImportedFile
    time_title: str
    first: TradePrints
    rows: TableRows
    last: TradePrints
    is_stored: bool = False

    @property
    def end_ms(self) -> int:
        """Return the time of the last print."""
        return int((self.last if len(self.last.time_ms) else self.first).time_ms[-1])


def read_trade_files(
    paths: Sequence[str | Path],
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    sides_are: str | None = None,
    contract: ContractSize | None = None,
    options: ReadOptions | None = None,
) -> Iterator[ImportedFile]:
    """Read files of trades in order of time as one stream, and give the 15-second rows of each; see `read_trade_file`
    and `join_trades`.
    """
    yield from join_trades(read_trade_file(path, where, columns, sides_are, contract, options) for path in paths)


def read_trade_file(
    path: str | Path,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    sides_are: str | None = None,
    contract: ContractSize | None = None,
    options: ReadOptions | None = None,
) -> TradeFile:
    """Read and check the trades of one file. Sizes become coins where further columns tell the factor, or a `contract`
    is given; `columns` chooses the column of a field by its title; `sides_are` says whose sides these are ("taker",
    "maker"), or that the price tells them ("tick"); `where` keeps the rows in which a column, by its title, has a text.

    Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    table = read_table(path, TRADE_LAYOUT.with_columns(columns or {}), where, options)
    is_chosen = "size" in (columns or {})
    return without_bad_rows(table, lambda rows: _trades(rows, sides_are, contract, is_chosen))


def _trades(table: TableFile, sides_are: str | None, contract: ContractSize | None, is_chosen: bool) -> TradeFile:
    table, times = timed_rows(table, "time", of_events=True)
    price = table.numbers("price")
    require_prices(table, "price", price)
    signed, remarks = _read_sizes(table, price, contract, is_chosen)
    sides = read_sides(table, price, signed, sides_are, sign_is_side(table, signed))
    prints = TradePrints(times.ms, price, np.abs(signed), sides.bought)
    kept = sides.known & _first_of_same(table, prints)
    if not kept.any():
        raise FileFormatError(table.path, None, table.titles["time"], "no trade is left: none has a side")
    twice = np.count_nonzero(sides.known & ~kept)
    remarks += [f"{twice:,} trades were there twice, with the same number: once is enough"] * bool(twice)
    prints = TradePrints._make(column[kept] for column in prints)
    file = table.imported("trades", times.unit, remarks=(*sides.remarks, *remarks))
    ends = row_end(prints.time_ms)
    begin, end = np.searchsorted(ends, ends[[0, -1]], side="right")[0], np.searchsorted(ends, ends[-1])
    return TradeFile(
        file,
        table.titles["time"],
        prints.slice(0, begin),
        aggregate_prints(prints.slice(begin, max(begin, end))),
        prints.slice(max(begin, end)),
    )


def join_trades(files: Iterable[TradeFile]) -> Iterator[ImportedFile]:
    """Give the 15-second rows of files of trades that follow one another. A row that one file begins and the next one
    goes on with is among the rows of the later file, whole; of files whose rows are stored only such rows are given.

    Raises `FileFormatError` for a file that begins before the one in front of it ends.
    """
    held: TradePrints | None = None
    is_new, before = False, None
    parts: list[TableRows] = []
    for file in files:
        if before is not None:
            _require_order(before, file)
            yield replace(before.file, rows=_joined(parts))
        parts = []
        if held is not None and row_end(held.time_ms[-1:])[0] == row_end(file.first.time_ms[:1])[0]:
            held, is_new = held.then(file.first), is_new or not file.is_stored
        else:
            parts += [aggregate_prints(held)] if held is not None and is_new else []
            held, is_new = file.first, not file.is_stored
        if len(file.last.time_ms):
            parts += [aggregate_prints(held)] if is_new else []
            parts += [] if file.is_stored else [file.rows]
            held, is_new = file.last, not file.is_stored
        before = file
    if before is not None and held is not None:
        yield replace(before.file, rows=_joined([*parts, *([aggregate_prints(held)] if is_new else [])]))


def _require_order(before: TradeFile, file: TradeFile) -> None:
    if file.first.time_ms[0] < before.end_ms:
        problem = f"the trades begin before those of {before.file.path} end; name files in order of time"
        raise FileFormatError(file.file.path, 1, file.time_title, problem)


def _joined(parts: Sequence[TableRows]) -> tuple[TableRows, ...]:
    """Return rows as one part, or none where there are none."""
    filled = [part for part in parts if len(part)]
    if not filled:
        return ()
    names = filled[0].columns
    columns = {name: np.concatenate([part.columns[name] for part in filled]) for name in names}
    return (TableRows(market_trades_aggregated, np.concatenate([part.times_ms for part in filled]), columns),)


def aggregate_prints(prints: TradePrints) -> TableRows:
    """Return the 15-second rows of some trades, which must be in order of time; a row without a trade is not there.

    The row at t covers (t - 15 s, t]. Volumes are in coins, the notional is price times size.
    """
    row_ms = row_end(prints.time_ms)
    starts = np.flatnonzero(np.diff(row_ms, prepend=row_ms[:1] - 1))
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


def _read_sizes(
    table: TableFile, price: FloatColumn, contract: ContractSize | None, is_chosen: bool
) -> tuple[FloatColumn, list[str]]:
    """Return the sizes in coins, with their signs where these tell the side, and remarks on their unit."""
    size = table.numbers("size")
    is_signed = "side" not in table and "buyer_is_maker" not in table
    table.require((size > 0) | (is_signed & (size < 0)), "size", lambda row: f"{size[row]} is not a positive size")
    coins, remarks = size, []
    if contract is not None:
        coins, remarks = contract.coins(size, price), [f"the {table.titles['size']} is in {contract}; coins are stored"]
    elif not is_chosen and not sign_is_side(table, size):
        if not any(name.startswith("amount ") for name in table.values):
            refuse_contracts(table, "size")
        coins, remarks = coins_of(table, "size", PriceRange(price, price))
    require_amounts(table, "size", np.abs(coins))
    return coins, remarks


def _first_of_same(table: TableFile, prints: TradePrints) -> npt.NDArray[np.bool_]:
    """Return which trades are not there before with the same number, time, price, size and side. Raises
    `FileFormatError` for two trades of one number and time that differ.
    """
    if "id" not in table or table.values["id"].is_unique:
        return np.ones(len(table), bool)
    rows = pd.DataFrame({"id": table.values["id"].to_numpy(), **prints._asdict()}).dropna(subset="id")
    again = rows.duplicated()
    left = rows[~again]
    differing = left.index[left.duplicated(["id", "time_ms"])]
    good = ~np.isin(np.arange(len(table)), differing)
    way_out = "another trade of this number and time is there before it"
    table.require(good, "id", lambda row: f"{shown(table.values['id'].iloc[row])}: {way_out}, with other values")
    kept = np.ones(len(table), bool)
    kept[rows.index[again]] = False
    return kept
