"""Klines, those of the mark price too, from parquet and CSV files, checked to the last row before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine import PERIOD_MS, KlineColumns, utc_text
from engine.errors import FileFormatError
from engine.instants import duration_text

from ..database import TableRows, market_asset_metrics, period_length
from .file_times import TIME_TITLES, FileTimes, read_times
from .table_file import ImportedFile, Layout, TableFile, read_table

_PRICES = ("open", "high", "low", "close")
_BINANCE = (
    "time open high low close volume close_time quote_volume count taker_buy_volume taker_buy_quote_volume ignore"
).split()

#: Mark prices further apart would be missing most of the time, and forming klines would be made of a few of them.
_MARK_PERIOD = "1m"

#: The columns of a kline file. Without a header: the 12 columns that Binance publishes, or the first 6 of them.
KLINE_LAYOUT = Layout(
    titles={
        "time": TIME_TITLES,
        **{name: (name, f"{name}_price", f"price_{name}", f"{name}_px", name[0]) for name in _PRICES},
        "volume": ("volume", "vol", "base_volume", "volume_base", "v", "qty"),
    },
    headerless={12: _BINANCE, 6: _BINANCE[:6]},
)


@dataclass(frozen=True)
class KlineFile:
    """The klines of one file, what period they have, what its times are in words, and remarks for the user."""

    path: str
    klines: KlineColumns
    period: str
    time_unit: str
    remarks: tuple[str, ...]


def read_kline_file(path: str | Path, period: str | None = None, where: Mapping[str, str] | None = None) -> KlineFile:
    """Read and check the klines of a parquet or CSV file (also gzipped or zipped).

    The period is found from the steps between the times; one that is given must agree. `where` keeps the rows in
    which a column, by its title, has a text. Raises `FileFormatError` with
    file, row and column for whatever is not as it should be.
    """
    table = read_table(path, KLINE_LAYOUT, where)
    times, found = _read_opens(table, period)
    prices = _read_prices(table)
    volume = table.numbers("volume")
    table.require(volume >= 0, "volume", _about(volume, "is negative"))
    klines = KlineColumns(PERIOD_MS[found], times.ms, **prices, volume=volume)
    return KlineFile(table.path, klines, found, times.unit, table.remarks)


def read_mark_file(path: str | Path, period: str | None = None, where: Mapping[str, str] | None = None) -> ImportedFile:
    """Read and check one-minute klines of the mark price; a row is the close, at the instant at which it is known.

    Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    titles = {field: titles for field, titles in KLINE_LAYOUT.titles.items() if field != "volume"}
    table = read_table(path, replace(KLINE_LAYOUT, titles=titles), where)
    times, found = _read_opens(table, period)
    if found != _MARK_PERIOD:
        problem = (
            f"these are {found} klines; a mark price counts for a minute and makes up forming klines, "
            f"so that only {_MARK_PERIOD} klines of it can be stored"
        )
        raise FileFormatError(table.path, None, table.titles["time"], problem)
    rows = TableRows(market_asset_metrics, times.ms + PERIOD_MS[found], {"mark_price": _read_prices(table)["close"]})
    return table.imported(f"{found} klines of the mark price", times.unit, rows)


def _read_opens(table: TableFile, period: str | None) -> tuple[FileTimes, str]:
    """Return the times at which the klines of a table open, and their period; one that is given must agree."""
    times = read_times(table, "time")
    found = _find_period(table, times.ms, period)
    table.require(
        times.ms % PERIOD_MS[found] == 0,
        "time",
        lambda row: f"{utc_text(int(times.ms[row]))} is not the start of a {found} kline",
    )
    return times, found


def _read_prices(table: TableFile) -> dict[str, npt.NDArray[np.float64]]:
    """Return open, high, low and close, which must be possible prices of a kline."""
    prices = {name: table.numbers(name) for name in _PRICES}
    low, high = prices["low"], prices["high"]
    for name, price in prices.items():
        table.require(price > 0, name, _about(price, "is not a positive price"))
    table.require(high >= low, "high", lambda row: f"{high[row]} is below the low {low[row]}")
    for name in ("open", "close"):
        table.require(prices[name] <= high, name, _about(prices[name], "is above the high"))
        table.require(prices[name] >= low, name, _about(prices[name], "is below the low"))
    return prices


def _find_period(table: TableFile, times_ms: npt.NDArray[np.int64], wanted: str | None) -> str:
    """Return the period whose length is the commonest step; with fewer than two steps the wanted one is believed."""
    if wanted is not None and (len(times_ms) < 3 or not period_length(wanted)):
        return wanted
    if len(times_ms) < 2:
        raise FileFormatError(table.path, None, None, "one kline does not tell its period; name it (--period)")
    steps, counts = np.unique(np.diff(times_ms), return_counts=True)
    step = int(steps[np.argmax(counts)])
    found = next((name for name, length in PERIOD_MS.items() if length == step), None)
    if found is None:
        problem = f"klines are {duration_text(step)} apart ({step:,} ms), which is none of {', '.join(PERIOD_MS)}"
        raise FileFormatError(table.path, None, table.titles["time"], problem)
    if wanted is not None and wanted != found:
        raise FileFormatError(table.path, None, table.titles["time"], f"these are {found} klines, not {wanted}")
    return found


def _about(values: npt.NDArray[np.float64], problem: str) -> Callable[[int], str]:
    return lambda row: f"{values[row]} {problem}"
