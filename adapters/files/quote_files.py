"""Best bid and ask from files, as order book snapshots on the 15-second grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import FileFormatError
from engine.market import SYMBOL_TITLES, TIME_TITLES
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn, TimeColumn

from ..database import TableRows, market_orderbook_snapshots
from .flow_files import spread_of
from .plausible_values import require_prices
from .tables import SERIES, ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows

#: A quote that is older than this is no state of the market: nothing is stored until the next one.
MAX_QUOTE_AGE_MS = 60_000

#: The columns of a file of best bids and asks. Sizes at the best prices are not read: no table has a place for them.
QUOTE_LAYOUT = Layout(
    titles={
        "time": ("transaction_time", "event_time", *TIME_TITLES),
        "bid": ("best_bid", "bid", "bid_price", "best_bid_price", "bid_px"),
        "ask": ("best_ask", "ask", "ask_price", "best_ask_price", "ask_px"),
        SERIES: SYMBOL_TITLES,
    },
    headerless={},
    optional=frozenset({SERIES}),
)


class Quotes(NamedTuple):
    """Best bids and asks in order of time; several may have one time, of which the last counts."""

    time_ms: TimeColumn
    bid: FloatColumn
    ask: FloatColumn


@dataclass(frozen=True, slots=True)
class QuoteFile:
    """The quotes of one file that are looked at: the last one up to each instant of the 15-second grid, and the first
    and the last of all. `is_stored` says that their snapshots are.
    """

    file: ImportedFile
    time_title: str
    quotes: Quotes
    is_stored: bool = False


def read_quote_files(
    paths: Sequence[str | Path],
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> Iterator[ImportedFile]:
    """Read files of best bids and asks in order of time as one stream, and give the snapshots of each; see
    `read_quote_file` and `join_quotes`.
    """
    yield from join_quotes(read_quote_file(path, where, columns, options) for path in paths)


def read_quote_file(
    path: str | Path,
    where: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> QuoteFile:
    """Read and check the best bids and asks of one file. `columns` chooses the column of a field by its title, `where`
    keeps the rows in which a column has a text. Raises `FileFormatError` with file, row and column for whatever is not
    as it should be.
    """
    table = read_table(path, QUOTE_LAYOUT.with_columns(columns or {}), where, options)
    return without_bad_rows(table, _quotes)


def _quotes(table: TableFile) -> QuoteFile:
    table, times = timed_rows(table, "time", of_events=True)
    bid, ask = table.numbers("bid"), table.numbers("ask")
    require_prices(table, "bid", bid)
    require_prices(table, "ask", ask)
    table.require(ask >= bid, "ask", lambda row: f"{ask[row]} is below the bid {bid[row]}")
    ends = -(-times.ms // ROW_MS)
    looked_at = np.diff(ends, append=ends[-1:] + 1) != 0
    looked_at[0] = True
    quotes = Quotes(times.ms[looked_at], bid[looked_at], ask[looked_at])
    return QuoteFile(table.imported("quotes", times.unit), table.titles["time"], quotes)


def join_quotes(files: Iterable[QuoteFile]) -> Iterator[ImportedFile]:
    """Give the snapshots of files of quotes that follow one another: the last quote of one counts until the first of
    the next. Raises `FileFormatError` for a file that begins before the one in front of it ends.
    """
    before: QuoteFile | None = None
    for file in files:
        quotes = file.quotes
        if before is not None:
            if quotes.time_ms[0] < before.quotes.time_ms[-1]:
                problem = f"the quotes begin before those of {before.file.path} end; name files in order of time"
                raise FileFormatError(file.file.path, 1, file.time_title, problem)
            joined = zip(before.quotes, quotes, strict=True)
            quotes = Quotes._make(np.concatenate((old[-1:], new)) for old, new in joined)
        if file.is_stored:  # but for those between the file before and this one
            quotes = Quotes._make(column[: 0 if before is None else 2] for column in quotes)
        before, rows = file, sample_quotes(quotes) if len(quotes.time_ms) else None
        count = 0 if rows is None else len(rows)
        remark = (
            f"{count:,} snapshots on the 15-second grid; no depth of five levels in the file: "
            "that of new snapshots is stored as 0"
        )
        parts = () if rows is None else (rows,)
        yield replace(file.file, rows=parts, remarks=(*file.file.remarks, remark))


def sample_quotes(quotes: Quotes) -> TableRows:
    """Return the last quote at or before each instant of the 15-second grid, from the first quote to the last.

    There is no row where that quote is older than a minute.
    """
    reached = np.unique(-(-quotes.time_ms // ROW_MS) * ROW_MS)  # what no quote is near is no part of the grid
    grid = np.unique(np.add.outer(np.arange(0, MAX_QUOTE_AGE_MS + 1, ROW_MS), reached))
    grid = grid[grid <= quotes.time_ms[-1]]
    last = np.searchsorted(quotes.time_ms, grid, side="right") - 1
    fresh = grid - quotes.time_ms[last] <= MAX_QUOTE_AGE_MS
    bid, ask = quotes.bid[last[fresh]], quotes.ask[last[fresh]]
    columns = {"best_bid": bid, "best_ask": ask, "spread": spread_of(bid, ask)}
    return TableRows(market_orderbook_snapshots, grid[fresh], columns)
