"""Klines, those of the mark price too, from files, checked to the last row before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import PERIOD_MS, KlineColumns
from engine.errors import FileFormatError
from engine.market import CLOSE_TIME_TITLES, KLINE_TITLES, PRICE_NAMES, SYMBOL_TITLES, TIME_TITLES, letters_of

from ..database import MARK_PERIOD, mark_kline_rows
from .column_orders import kline_orders, kline_widths
from .kline_times import KlineRules, opened_klines
from .plausible_values import require_amounts, require_prices
from .tables import PERIODS, SERIES, ImportedFile, Layout, ReadOptions, TableFile, read_table, without_bad_rows
from .volume_units import PriceRange, amount_fields, coins_of, volumes_by_unit

#: The columns of a kline file. Without titles: those that Binance and other venues publish, by their number.
KLINE_LAYOUT = Layout(
    titles={
        "time": TIME_TITLES,
        **KLINE_TITLES,
        "close_time": CLOSE_TIME_TITLES,
        "confirmed": ("confirm", "confirmed", "is_closed", "is_final", "complete", "x"),
        SERIES: SYMBOL_TITLES,
        PERIODS: ("interval", "period", "timeframe", "time_frame", "resolution", "granularity"),
        **amount_fields("amount"),
    },
    headerless=kline_widths(),
    optional=frozenset({"time", "close_time", "confirmed", SERIES, PERIODS, *amount_fields("amount")}),
    more_titles=volumes_by_unit,
    orders=kline_orders(),
    hints={"volume": " (it holds coins: their value in another currency, a quote volume or turnover, is no volume)"},
)


@dataclass(frozen=True)
class KlineFile:
    """The klines of one file, what period they have, what its times are in words, remarks for the user, of which
    market the file says that it is, and the titles of the columns that were taken, by field.
    """

    path: str
    klines: KlineColumns
    period: str
    time_unit: str
    remarks: tuple[str, ...]
    market: str | None = None
    titles: Mapping[str, str] | None = None


def read_kline_file(
    path: str | Path,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    stamped: str | None = None,
    skip_off_grid: bool = False,
    snap: bool = False,
    options: ReadOptions | None = None,
) -> KlineFile:
    """Read and check the klines of a file: parquet, feather, CSV or JSON (texts also packed).

    The period is found from the steps between the times; of one that is given these must be multiples. The times are
    those of the opens, unless they are `stamped` at the "end", or stand in a column of closing times. Volumes become
    coins where further columns tell the factor; `columns` chooses the column of a field by its title, or by its number.
    A kline that is not finished is left out, and with `skip_off_grid` one that does not open at a multiple of the
    period; with `snap` stretches of these that are all off by one time, less than a minute, are moved there. `where`
    keeps the rows in which a column, by its title, has a text; `options` say more of how the file is taken. Raises
    `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    chosen = columns or {}
    layout = KLINE_LAYOUT.with_columns(chosen)
    rules = KlineRules(period, stamped, skip_off_grid, snap)
    return without_bad_rows(
        read_table(path, layout, where, options), lambda table: _klines(table, rules, "volume" in chosen)
    )


def _klines(table: TableFile, rules: KlineRules, volume_is_chosen: bool) -> KlineFile:
    table, opens = opened_klines(_with_prices(table), rules)
    prices = _read_prices(table)
    if volume_is_chosen:
        volume, converted = table.numbers("volume"), list[str]()
    else:
        volume, converted = coins_of(table, "volume", PriceRange(prices["low"], prices["high"]))
    require_amounts(table, "volume", volume)
    klines = KlineColumns(PERIOD_MS[opens.period], opens.ms, **prices, volume=volume)
    remarks = (*table.remarks, *(converted or _which_volume(table)))
    return KlineFile(table.path, klines, opens.period, opens.unit, remarks, table.market, dict(table.titles))


def read_mark_file(
    path: str | Path,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    stamped: str | None = None,
    skip_off_grid: bool = False,
    snap: bool = False,
    options: ReadOptions | None = None,
) -> ImportedFile:
    """Read and check one-minute klines of the mark price, and the mark prices that they tell: each close, at the
    instant at which it is known.

    The parameters are those of `read_kline_file`. Raises `FileFormatError` with file, row and column for whatever is
    not as it should be.
    """
    layout = replace(KLINE_LAYOUT.with_columns(columns or {}).without("volume"), more_titles=None)
    rules = KlineRules(period, stamped, skip_off_grid, snap)
    return without_bad_rows(read_table(path, layout, where, options), lambda table: _marks(table, rules))


def _marks(table: TableFile, rules: KlineRules) -> ImportedFile:
    table, opens = opened_klines(_with_prices(table), rules)
    if opens.period != MARK_PERIOD:
        problem = (
            f"these are {opens.period} klines; a mark price counts for a minute and makes up forming klines, "
            f"so that only {MARK_PERIOD} klines of it can be stored"
        )
        raise FileFormatError(table.path, None, table.titles[opens.field], problem)
    prices = _read_prices(table)
    klines = KlineColumns(PERIOD_MS[opens.period], opens.ms, **prices, volume=np.zeros(len(opens.ms)))
    return table.imported(f"{opens.period} klines of the mark price", opens.unit, *mark_kline_rows(klines))


def _with_prices(table: TableFile) -> TableFile:
    """Leave out the rows of times in which nothing was traded: they have no price at all."""
    empty = np.logical_and.reduce([table.values[name].isna().to_numpy(dtype=bool) for name in PRICE_NAMES])
    if not empty.any() or empty.all():
        return table
    return table.kept(~empty).noting(f"rows without prices, left out: {empty.sum():,}")


def _which_volume(table: TableFile) -> list[str]:
    """Return a remark where the column of the volume is known by its unit alone."""
    title = table.titles["volume"]
    usual = map(letters_of, KLINE_TITLES["volume"])
    return [] if letters_of(title) in usual or not table.all_titles else [f"volumes are those of {title}"]


def _read_prices(table: TableFile) -> dict[str, npt.NDArray[np.float64]]:
    """Return open, high, low and close, which must be possible prices of a kline."""
    prices = {name: table.numbers(name) for name in PRICE_NAMES}
    low, high = prices["low"], prices["high"]
    for name, price in prices.items():
        require_prices(table, name, price)
    table.require(high >= low, "high", lambda row: f"{high[row]} is below the low {low[row]}")
    for name in ("open", "close"):
        table.require(prices[name] <= high, name, _about(prices[name], "is above the high"))
        table.require(prices[name] >= low, name, _about(prices[name], "is below the low"))
    return prices


def _about(values: npt.NDArray[np.float64], problem: str) -> Callable[[int], str]:
    return lambda row: f"{values[row]} {problem}"
