"""A stored result, described for its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine import DataError
from engine.instants import LAST_MS

from ..database import Database, stored_periods
from ..market import load_klines
from ..results import require_results
from .described_result import MOST_CURVE_BYTES, MOST_TRIGGERS, DescribedResult
from .detail_levels import curve_levels
from .disturbed_prices import SeenFaults
from .kept_prices import Prices, packed_prices
from .result_reader import ResultReader

#: As many as the list of trades has.
_ALL = LAST_MS
_MOST_POINTS = 2_000


def describe_stored(database: Database, run_id: int) -> DescribedResult:
    """Return what a page shows of a stored result; `DataError` for an unknown id, or one without figures."""
    require_results(database)
    reader = ResultReader(database)
    summary = {**reader.summary(run_id), "progress": None}
    figures = summary["figures"]
    if not figures:
        raise DataError(f"back-test {run_id} has no figures: its status is {summary['status']}")
    curve = reader.equity(run_id, _MOST_POINTS)
    return DescribedResult(
        origin=f"stored back-test {run_id}",
        summary=summary,
        trades=reader.trades(run_id, 0, _ALL, "index", False, {})["items"],
        records=reader.records(run_id),
        rows=reader.first_triggers(run_id, MOST_TRIGGERS),
        brackets=reader.brackets(run_id),
        equity=curve_levels(
            np.array(curve["timestamp"], np.int64), np.array(curve["equity"], np.float64), MOST_CURVE_BYTES
        ),
        prices=_stored_prices(database, summary, reader.faults(run_id)),
        prices_from=f"{database.name} has the result without its klines",
    )


def _stored_prices(database: Database, summary: Mapping[str, Any], faults: SeenFaults) -> Prices:
    """Return the prices of the symbols of which klines are stored beside the result, as its faults made them."""
    exchange, figures = summary["exchange"], summary["figures"]
    periods = {symbol: stored_periods(database, exchange, symbol) for symbol in summary["symbols"]}
    columns = {
        symbol: faults.columns(symbol, load_klines(database, exchange.lower(), symbol, found[0]))
        for symbol, found in periods.items()
        if found
    }
    return packed_prices(columns, figures["start_time"], figures["end_time"])
