"""Best bid and ask from files, as order book snapshots on the 15-second grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import FileFormatError
from engine.market import TIME_TITLES
from engine.market.flow import ROW_MS
from engine.market.series import FloatColumn, TimeColumn

from ..database import TableRows, market_orderbook_snapshots
from .flow_files import spread_of
from .plausible_values import require_prices
from .tables import ImportedFile, Layout, ReadOptions, TableFile, read_table, timed_rows, without_bad_rows

#: A quote that is older than this is no state of the market: nothing is stored until the next one.
MAX_QUOTE_AGE_MS = 60_000

#: The columns of a file of best bids and asks. Sizes at the best prices are not read: no table has a place for them.
QUOTE_LAYOUT = Layout(
    titles={
        "time": ("transaction_time", "event_time", *TIME_TITLES),
        "bid": ("best_bid", "bid", "bid_price", "best_bid_price", "bid_px"),
        "ask": ("best_ask", "ask", "ask_price", "best_ask_price", "ask_px"),
    },
    headerless={},
)


class Quotes(NamedTuple):
    """Best bids and asks in order of time; several may have one time, of which the last counts."""

    time_ms: TimeColumn
    bid: FloatColumn
    ask: FloatColumn


def read_quote_files(
    paths: Sequence[str | Path], where: Mapping[str, str] | None = None, options: ReadOptions | None = None
) -> Iterator[ImportedFile]:
    """Read files of best bids and asks in order of time as one stream, and give the snapshots of each.

    Raises `FileFormatError` with file, row and column for whatever is not as it should be.
    """
    before: Quotes | None = None
    for place, path in enumerate(paths):
        quotes, table, time_unit = without_bad_rows(read_table(path, QUOTE_LAYOUT, where, options), _read_quotes)
        if before is not None and quotes.time_ms[0] < before.time_ms[-1]:
            problem = f"the quotes begin before those of {paths[place - 1]} end; name files in order of time"
            raise FileFormatError(str(path), 1, table.titles["time"], problem)
        if before is not None:  # its last quote counts until the first of these
            quotes = Quotes._make(np.concatenate((old[-1:], new)) for old, new in zip(before, quotes, strict=True))
        before, rows = quotes, sample_quotes(quotes)
        remark = (
            f"{len(rows):,} snapshots on the 15-second grid; no depth of five levels in the file: "
            "that of new snapshots is stored as 0"
        )
        yield table.imported("quotes", time_unit, rows, remarks=[remark])


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


def _read_quotes(table: TableFile) -> tuple[Quotes, TableFile, str]:
    table, times = timed_rows(table, "time", of_events=True)
    bid, ask = table.numbers("bid"), table.numbers("ask")
    require_prices(table, "bid", bid)
    require_prices(table, "ask", ask)
    table.require(ask >= bid, "ask", lambda row: f"{ask[row]} is below the bid {bid[row]}")
    return Quotes(times.ms, bid, ask), table, times.unit
