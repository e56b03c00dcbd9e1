"""Klines, those of the mark price too, from parquet and CSV files, checked to the last row before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine import PERIOD_MS, KlineColumns, utc_text
from engine.errors import FileFormatError
from engine.instants import duration_text
from engine.market import CLOSE_TIME_TITLES, KLINE_TITLES, PRICE_NAMES, TIME_TITLES
from engine.periods import SECOND_MS

from ..database import MARK_PERIOD, mark_kline_rows, period_length
from .file_times import read_times
from .plausible_values import require_amounts, require_prices
from .table_file import ImportedFile, Layout, TableFile, listed, read_table
from .volume_units import PriceRange, amount_fields, coins_of

_BINANCE = (
    *"time open high low close volume close_time".split(),
    "amount quote_volume",
    *"count taker_buy_volume taker_buy_quote_volume ignore".split(),
)

#: Klines in this shape come from BitMEX.
_BUCKET = "amount home_notional"
_NOT_FINISHED = ("0", "false")

#: The columns of a kline file. Without a header: the 12 columns that Binance publishes, or the first 6 of them.
KLINE_LAYOUT = Layout(
    titles={
        "time": TIME_TITLES,
        **KLINE_TITLES,
        "close_time": CLOSE_TIME_TITLES,
        "confirmed": ("confirm", "confirmed", "is_closed"),
        **amount_fields(),
    },
    headerless={12: _BINANCE, 6: _BINANCE[:6]},
    optional=frozenset({"time", "close_time", "confirmed", *amount_fields()}),
)


@dataclass(frozen=True)
class KlineFile:
    """The klines of one file, what period they have, what its times are in words, and remarks for the user."""

    path: str
    klines: KlineColumns
    period: str
    time_unit: str
    remarks: tuple[str, ...]


def read_kline_file(
    path: str | Path,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    stamped: str | None = None,
    skip_off_grid: bool = False,
) -> KlineFile:
    """Read and check the klines of a parquet or CSV file (also gzipped or zipped).

    The period is found from the steps between the times; one that is given must agree. The times are those of the
    opens, unless they are `stamped` at the "end", or stand in a column of closing times. Volumes become coins where
    further columns tell the factor; `columns` chooses the column of a field by its title. A kline that is not finished
    is left out, and with `skip_off_grid` one that does not open at a multiple of the period. `where` keeps the rows in
    which a column, by its title, has a text. Raises `FileFormatError` with file, row and column for whatever is not as
    it should be.
    """
    chosen = columns or {}
    table = read_table(path, KLINE_LAYOUT.with_columns(chosen), where)
    table, opens, remarks = _finished(table, _read_opens(table, period, stamped, skip_off_grid))
    prices = _read_prices(table)
    if "volume" in chosen:
        volume = table.numbers("volume")
    else:
        volume, said = coins_of(table, "volume", PriceRange(prices["low"], prices["high"]))
        remarks += said
    require_amounts(table, "volume", volume)
    klines = KlineColumns(PERIOD_MS[opens.period], opens.ms, **prices, volume=volume)
    return KlineFile(table.path, klines, opens.period, opens.unit, (*table.remarks, *opens.remarks, *remarks))


def read_mark_file(
    path: str | Path,
    period: str | None = None,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    stamped: str | None = None,
    skip_off_grid: bool = False,
) -> ImportedFile:
    """Read and check one-minute klines of the mark price, and the mark prices that they tell: each close, at the
    instant at which it is known.

    The parameters are those of `read_kline_file`. Raises `FileFormatError` with file, row and column for whatever is
    not as it should be.
    """
    layout = KLINE_LAYOUT.with_columns(columns or {})
    titles = {field: titles for field, titles in layout.titles.items() if field != "volume"}
    table = read_table(path, replace(layout, titles=titles), where)
    table, opens, remarks = _finished(table, _read_opens(table, period, stamped, skip_off_grid))
    if opens.period != MARK_PERIOD:
        problem = (
            f"these are {opens.period} klines; a mark price counts for a minute and makes up forming klines, "
            f"so that only {MARK_PERIOD} klines of it can be stored"
        )
        raise FileFormatError(table.path, None, table.titles[opens.field], problem)
    prices = _read_prices(table)
    klines = KlineColumns(PERIOD_MS[opens.period], opens.ms, **prices, volume=np.zeros(len(opens.ms)))
    kind = f"{opens.period} klines of the mark price"
    return table.imported(kind, opens.unit, *mark_kline_rows(klines), remarks=(*opens.remarks, *remarks))


class _Opens(NamedTuple):
    """When the klines of a table open, the column that told it, and in words what it holds."""

    ms: npt.NDArray[np.int64]
    period: str
    field: str
    unit: str
    remarks: tuple[str, ...]


def _read_opens(table: TableFile, period: str | None, stamped: str | None, skip_off_grid: bool) -> _Opens:
    """Return the times at which the klines of a table open, and their period; one that is given must agree."""
    field = next((each for each in ("time", "close_time") if each in table), None)
    if field is None:
        problem = f"there is no such column; the file has {listed(table.all_titles)}"
        raise FileFormatError(table.path, None, "time", problem)
    times = read_times(table, field)
    found = _find_period(table, field, times.ms, period)
    at_end = _are_stamped_at_end(table, field, stamped)
    # the last millisecond of a kline stands for its end
    opens = np.where(times.ms % SECOND_MS == SECOND_MS - 1, times.ms + 1, times.ms) - PERIOD_MS[found]
    ms = opens if at_end else times.ms
    table.require(
        (ms % PERIOD_MS[found] == 0) | skip_off_grid,
        field,
        lambda row: (
            f"{utc_text(int(times.ms[row]))} is not the {'end' if at_end else 'start'} of a {found} kline; "
            "--skip-off-grid leaves such klines out"
        ),
    )
    remark = (f"the times in {table.titles[field]} are those of the ends of klines",) * at_end
    if stamped is None and not at_end and _BUCKET in table:
        remark = ("BitMEX stamps such klines at their end; if these are, import them with --stamped end",)
    return _Opens(ms, found, field, times.unit, remark)


def _are_stamped_at_end(table: TableFile, field: str, stamped: str | None) -> bool:
    """Whether a kline's time is its end: said, or told by the column, or by one of closing times that is the same."""
    told = field == "close_time"
    if field == "time" and "close_time" in table:
        time, close = table.values["time"], table.values["close_time"]
        both_numbers = time.dtype.kind in "iuf" and close.dtype.kind in "iuf"
        told = bool(((close - time).abs() <= 1).all() if both_numbers else (close == time).all())
    if stamped == "start" and told:
        problem = "these are the times at which klines end, not --stamped start"
        raise FileFormatError(table.path, None, table.titles[field], problem)
    return told or stamped == "end"


def _finished(table: TableFile, opens: _Opens) -> tuple[TableFile, _Opens, list[str]]:
    """Leave out the klines that were not finished when the file was written, and those off the grid, with remarks."""
    done = np.ones(len(table), bool)
    on_grid = opens.ms % PERIOD_MS[opens.period] == 0
    if "confirmed" in table:
        texts = table.values["confirmed"].astype(str).str.strip().str.lower().str.removesuffix(".0")
        done = ~texts.isin(_NOT_FINISHED).to_numpy(dtype=bool)
    written_ms = int(Path(table.path).stat().st_mtime * SECOND_MS)
    done[-1] &= not opens.ms[-1] <= written_ms < opens.ms[-1] + PERIOD_MS[opens.period]
    good = done & on_grid
    if good.all():
        return table, opens, []
    if not good.any():
        raise FileFormatError(table.path, None, None, "no kline is finished and on the grid")
    left_out = {"not finished when the file was written": ~done, "off the grid": done & ~on_grid}
    remarks = [f"{each.sum():,} klines were {what}; they are left out" for what, each in left_out.items() if each.any()]
    return table.kept(good), opens._replace(ms=opens.ms[good]), remarks


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


def _find_period(table: TableFile, field: str, times_ms: npt.NDArray[np.int64], wanted: str | None) -> str:
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
        raise FileFormatError(table.path, None, table.titles[field], problem)
    if wanted is not None and wanted != found:
        raise FileFormatError(table.path, None, table.titles[field], f"these are {found} klines, not {wanted}")
    return found


def _about(values: npt.NDArray[np.float64], problem: str) -> Callable[[int], str]:
    return lambda row: f"{values[row]} {problem}"
