"""Fills of a venue from its files: the money of a real account, as a back-test is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine import utc_text
from engine.plain_values import counted, shown

from ..files.tables import TableFile, timed_rows
from ..imports import coin_of
from .export_forms import executed_orders
from .fill_fees import fees_in_usd
from .fill_roles import Positions
from .money_of_run import MoneyOfRun, TradedFill
from .venue_funding import read_payments
from .venue_layout import FILL_LAYOUT, VenueReading, kind_of_file, require_coins

_SIDES = {"BUY": 1, "B": 1, "BID": 1, "LONG": 1, "SELL": -1, "A": -1, "S": -1, "ASK": -1, "SHORT": -1}
#: What Hyperliquid's words say: the side, and whether a position is reduced (None: what is held tells).
_DIRECTIONS: dict[str, tuple[int, bool | None]] = {
    "open long": (1, False),
    "close long": (-1, True),
    "open short": (-1, False),
    "close short": (1, True),
    "long > short": (-1, None),
    "short > long": (1, None),
    "buy": (1, None),
    "sell": (-1, None),
}
_TRUE, _FALSE = frozenset("true 1 1.0 yes y maker".split()), frozenset("false 0 0.0 no n taker".split())
_NO_WAY_OUT = "leave the row out of the file, or say with a column side what it is"


def read_fills(path: Path, reading: VenueReading, known: Sequence[str] = ()) -> MoneyOfRun:
    """Read the fills of a file, and the funding payments of those that were given with it. A market is called as one of
    the `known` symbols where it is one, else by its coin: BTCUSDT is BTC.

    Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    table, of_orders = executed_orders(reading.table(path, FILL_LAYOUT))
    table, times = timed_rows(table, "time", of_events=True)
    table, times_ms, left_out = _of_futures(table, times.ms)
    table, times_ms, doubled = _once(table, times_ms, reading)
    require_coins(table)
    name_of = _names(known)
    symbols = [name_of(str(each)) for each in table.values["symbol"]]
    price, size = table.numbers("price"), table.numbers("size")
    table.require(price > 0, "price", lambda row: f"{price[row]:g} is no price")
    table.require(size > 0, "size", lambda row: f"{size[row]:g} is no size of a fill")
    maker = _makers(table)
    coins = [coin_of(str(each)) or str(each) for each in table.values["symbol"]]
    fees, said = fees_in_usd(table, coins, price, reading.fee_assets, maker)
    sides = _sides(table)
    rows = [
        TradedFill(int(at), symbol, side, Fraction(float(coins)), Fraction(float(paid)), Fraction(float(fee)), False)
        for at, symbol, (side, _), coins, paid, fee in zip(times_ms, symbols, sides, size, price, fees, strict=True)
    ]
    fills, positions, hedged = _with_roles(table, rows, [reduces for _, reduces in sides], maker)
    unit = f"{kind_of_file(table)}, {counted(len(rows), 'fill')}, times are {times.unit}"
    remarks = [f"{path}: {each}" for each in (unit, *table.remarks, *of_orders, *left_out, *doubled, *said, *hedged)]
    funding, of_funding = read_payments(reading, name_of)
    return MoneyOfRun(
        str(path),
        fills,
        funding,
        before=positions.before,
        tells_funding=bool(reading.funding),
        remarks=(*remarks, *of_funding),
    )


def _names(known: Sequence[str]) -> Callable[[str], str]:
    """Return what gives a market the name that a back-test has for it."""

    def name_of(market: str) -> str:
        coin = coin_of(market) or market
        return market if market in known else coin

    return name_of


def _of_futures(table: TableFile, times: Any) -> tuple[TableFile, Any, list[str]]:
    """Return the rows without those of Hyperliquid's spot market, which have a pair or a number as coin."""
    if "dir" not in table:
        return table, times, []
    markets = table.values["symbol"].astype(str)
    spot = (markets.str.startswith("@") | markets.str.contains("/", regex=False)).to_numpy(dtype=bool)
    if not spot.any():
        return table, times, []
    if spot.all():
        table.fail("symbol", f"all rows are of the spot market, as {shown(markets.iloc[0])} is: export perpetuals")
    return table.kept(~spot), times[~spot], [f"{counted(int(spot.sum()), 'fill')} of the spot market left out"]


def _once(table: TableFile, times: Any, reading: VenueReading) -> tuple[TableFile, Any, list[str]]:
    """Return the rows, each number once; rows without one that are alike in everything stay, unless once is enough."""
    names = [name for name in table.values if name != "id"]
    frame = pd.DataFrame({name: table.values[name].astype(str).to_numpy() for name in names})
    if "id" in table:
        key = frame[["symbol"]].assign(id=table.values["id"].astype(str).to_numpy())
        again = key.duplicated().to_numpy()
        differing = again & ~frame.assign(id=key["id"]).duplicated().to_numpy()
        number = table.values["id"]
        table.require(
            ~differing, "id", lambda row: f"{number.iloc[row]} is there before it, with other values: take one"
        )
        said = f"{counted(int(again.sum()), 'fill')} there twice, with the same number: once is enough"
    else:
        again = frame.duplicated().to_numpy()
        said = f"{counted(int(again.sum()), 'fill')} there twice, alike in everything"
        if not reading.once and again.any():
            return table, times, [f"{said}: taken as parts of one order; --once takes each once"]
    return (table.kept(~again), times[~again], [said]) if again.any() else (table, times, [])


def _sides(table: TableFile) -> list[tuple[int, bool | None]]:
    """Return of each fill its side, and what its direction tells of reducing."""
    if "side" not in table and "dir" not in table:
        table.fail(None, "no column tells the sides: neither side nor dir; say which with --column side=TITLE")
    field = "side" if "side" in table else "dir"
    column = table.values[field]
    told = table.values["dir"] if "dir" in table else [None] * len(table)
    found = [_side(side, direction) for side, direction in zip(column, told, strict=True)]
    good = np.array([each is not None for each in found])
    table.require(good, field, lambda row: f"{shown(column.iloc[row])} is no side of a fill: {_NO_WAY_OUT}")
    return [each for each in found if each is not None]


def _side(side: Any, direction: Any) -> tuple[int, bool | None] | None:
    words = str(direction).strip().lower()
    if words.startswith("liquidated"):
        words = "close long" if words.endswith("long") else "close short"
    sign, reduces = _DIRECTIONS.get(words, (0, None))
    own = _SIDES.get(str(side).strip().upper(), sign)
    return (own, reduces) if own else None


def _makers(table: TableFile) -> list[bool | None]:
    """Return of each fill whether it rested; None where the file does not tell."""
    for field, is_taker in (("maker", False), ("role", False), ("crossed", True)):
        if field in table:
            texts = [str(each).strip().lower() for each in table.values[field]]
            told = [True if text in _TRUE else False if text in _FALSE else None for text in texts]
            return [each if each is None else each != is_taker for each in told]
    return [None] * len(table)


def _with_roles(
    table: TableFile, rows: Sequence[TradedFill], reducing: Sequence[bool | None], maker: Sequence[bool | None]
) -> tuple[list[TradedFill], Positions, list[str]]:
    """Return the fills with what each does to a position, the positions, and remarks on hedge mode and missing rows."""
    realized = _column(table, "realized", lambda: table.numbers("realized", may_be_missing=True))
    starts = _column(table, "start_position", lambda: table.numbers("start_position", may_be_missing=True))
    orders = _column(table, "order", lambda: table.values["order"])
    sides = _column(table, "position_side", lambda: table.values["position_side"])
    positions = Positions()
    fills: list[TradedFill] = []
    for place, fill in enumerate(rows):
        if starts is not None and np.isfinite(starts[place]):
            positions.stands_at(fill.at, fill.symbol, Fraction(float(starts[place])))
        of = "" if sides is None else str(sides.iloc[place]).strip().upper()
        of, reduces = (of, (of == "LONG") != (fill.sign > 0)) if of in ("LONG", "SHORT") else ("", reducing[place])
        order = "" if orders is None or pd.isna(orders.iloc[place]) else str(orders.iloc[place])
        # an export of Hyperliquid takes the fee off: what it realises is no sign of a closing
        has_realized = realized is not None and "dir" not in table and bool(np.nan_to_num(realized[place]))
        one = fill._replace(order=order, is_maker=maker[place])
        fills += positions.taken(one, of, reduces, has_realized)
    hedged = sides is not None and sides.astype(str).str.strip().str.upper().isin(("LONG", "SHORT")).any()
    said = "the account is in hedge mode: each side is a position of its own; a back-test has one a symbol"
    return fills, positions, [*[said] * bool(hedged), *_missing_rows(positions)]


def _missing_rows(positions: Positions) -> list[str]:
    """Return a remark on the rows that must be missing, as what is held does not follow from those before it."""
    if not positions.holes:
        return []
    at, symbol, size = positions.holes[0]
    more = f", and in {counted(len(positions.holes) - 1, 'other place')}" if len(positions.holes) > 1 else ""
    return [
        f"rows are missing before {utc_text(at)}: {float(size):+.10g} {symbol} that no row tells of{more}; export the "
        "whole range"
    ]


def _column(table: TableFile, field: str, read: Callable[[], Any]) -> Any:
    return read() if field in table else None
