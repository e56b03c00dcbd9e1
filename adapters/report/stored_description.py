"""A stored result, described for its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import DataError, KlineColumns, MarketHistory
from engine.instants import LAST_MS
from engine.journal import Journal

from ..database import Database, stored_periods
from ..market import load_klines, market_of_journal
from ..results import require_results, stored_journal
from .curves import curves_for_file, held_of, minutes_of
from .described_result import MOST_CURVE_BYTES, MOST_TRIGGERS, DescribedResult
from .prices import SeenFaults, curve_levels, packed_prices
from .result_reader import ResultReader
from .row_reader import RowReader
from .trades import MarkReader, explained_trades

#: As many as the list of trades has.
_ALL = LAST_MS

_NO_JOURNAL = (
    "no journal is stored with it (perpsim run --save --journal FILE stores one, perpsim report --explain makes the "
    "run again)"
)


def describe_stored(database: Database, run_id: int, journal: Journal | None = None) -> DescribedResult:
    """Return what a page shows of a stored result, with what led to its trades from the journal that is stored with it,
    or another one of its run; `DataError` for an unknown id, or one without figures.
    """
    require_results(database)
    reader = ResultReader(database)
    summary = {**reader.summary(run_id), "progress": None}
    figures = summary["figures"]
    if not figures:
        raise DataError(f"back-test {run_id} has no figures: its status is {summary['status']}")
    found = reader.result(run_id)
    curve = minutes_of(database, found)
    marks = MarkReader(database, reader)
    rows = RowReader(database, reader, marks)
    trades = rows.trades(run_id, 0, _ALL, "index", False, {})["items"]
    klines = _stored_klines(database, summary, reader.faults(run_id))
    drawn = marks.drawn(run_id)
    explained, unexplained = _explained(database, run_id, journal, summary, trades)
    return DescribedResult(
        origin=f"stored back-test {run_id}",
        summary=summary,
        trades=trades,
        records=found.records,
        tables=rows.summary(run_id),
        links=rows.links(run_id),
        rows=reader.first_triggers(run_id, MOST_TRIGGERS),
        marks=drawn.marks,
        lines=drawn.lines,
        marks_note=drawn.note,
        equity=curve_levels(curve.timestamp_ms, curve.equity, MOST_CURVE_BYTES),
        prices=packed_prices(klines, figures["start_time"], figures["end_time"]),
        prices_from="the database has the result without its klines",
        explained=explained,
        unexplained=unexplained,
        curves=curves_for_file(curve, summary["symbols"], klines.get, held_of(found)),
    )


def _explained(
    database: Database, run_id: int, journal: Journal | None, summary: Mapping[str, Any], trades: Sequence[Any]
) -> tuple[dict[int, dict[str, Any]], str]:
    """Return what led to trades, by their places, and why that is not told."""
    try:
        journal = journal or stored_journal(database, run_id, summary["figures"].get("journal_head"))
        if journal is None:
            return {}, _NO_JOURNAL
        return explained_trades(journal, trades, journal.market or _rows(database, journal, summary)), ""
    except DataError as error:
        return {}, str(error)


def _rows(database: Database, journal: Journal, summary: Mapping[str, Any]) -> MarketHistory | None:
    """Return the market of a journal, None where not all of its klines are stored: the page says that of its prices."""
    stored = {symbol for symbol in summary["symbols"] if stored_periods(database, summary["exchange"], symbol)}
    return market_of_journal(database, journal) if stored.issuperset(summary["symbols"]) else None


def _stored_klines(database: Database, summary: Mapping[str, Any], faults: SeenFaults) -> dict[str, KlineColumns]:
    """Return the klines of the symbols of which any are stored beside the result, as its faults made them."""
    exchange = summary["exchange"]
    periods = {symbol: stored_periods(database, exchange, symbol) for symbol in summary["symbols"]}
    return {
        symbol: faults.columns(symbol, load_klines(database, exchange.lower(), symbol, found[0]))
        for symbol, found in periods.items()
        if found
    }
