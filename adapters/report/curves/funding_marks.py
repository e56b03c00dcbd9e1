"""The funding of a symbol on its chart: when it was settled, at which rate, and what the run paid or received."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine import TimedValues
from engine.market import funding_schedule
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import HOUR_MS, PERIOD_MS

from ...database import FUNDING as PAYMENTS_TABLE
from ...database import METRICS, Database, read_flow_rows
from ...results import StoredResult
from ...series import FUNDING, MINUTES, stored_series_of
from .thinning import Window


class Funding(NamedTuple):
    """The settlements of a symbol during a run (epoch ms), their rates (a fraction of the notional, + means longs pay),
    and the USD received (+) or paid at each: 0 where nothing was held, None where that is not stored.
    """

    time: TimeColumn
    rate: FloatColumn
    paid: FloatColumn | None


def funding_of(database: Database, found: StoredResult, symbol: str) -> Funding:
    """Return the funding of a symbol during the run of a stored result."""
    figures = found.figures or {}
    exchange = str(found.config.get("exchange") or "")
    interval_ms = PERIOD_MS.get(str(found.config.get("funding_interval")), HOUR_MS)
    times, rates = _settlements(database, exchange, symbol, interval_ms)
    ends = figures.get("start_time") or 0, figures.get("end_time") or 0
    within = slice(*np.searchsorted(times, ends, side="right").tolist())  # at the start there is no position yet
    return Funding(times[within], rates[within], _paid(database, found, symbol, times[within]))


def funding_window(funding: Funding, window: Window) -> dict[str, Any]:
    """Return a window of it as columns: time, rate in percent, USD paid or received. Of more than `points` settlements
    several stand together: `count` of them from `time` on, the mean rate, all USD.
    """
    within = window.slice_of(funding.time)
    times, rates = funding.time[within], funding.rate[within]
    groups = np.arange(0, len(times), max(-(-len(times) // window.points), 1))
    count = np.diff(groups, append=len(times))
    return {
        "total": len(times),
        "given": len(groups),
        "time": times[groups].tolist(),
        "rate_percent": (100.0 * _sums(rates, groups) / np.maximum(count, 1)).tolist(),
        "paid": [None] * len(groups) if funding.paid is None else _sums(funding.paid[within], groups).tolist(),
        "count": count.tolist(),
        "is_paid_stored": funding.paid is not None,
    }


def _sums(values: FloatColumn, groups: TimeColumn) -> FloatColumn:
    return np.add.reduceat(values, groups) if len(groups) else np.zeros(0)


def _settlements(database: Database, exchange: str, symbol: str, interval_ms: int) -> tuple[TimeColumn, FloatColumn]:
    """Return when funding was settled and at which rate (a fraction), as the engine takes the recorded rates."""
    for table in (METRICS, PAYMENTS_TABLE):
        rows = read_flow_rows(database, table, exchange, symbol) if exchange.strip() else None
        if rows is None:
            continue
        is_known = np.isfinite(rows["funding_rate"])
        if is_known.any():
            rates = TimedValues(rows["timestamp"][is_known], rows["funding_rate"][is_known])
            settled = funding_schedule(rates, interval_ms).settlements
            return settled.timestamp_ms, settled.value
    return np.empty(0, np.int64), np.empty(0, np.float64)


def _paid(database: Database, found: StoredResult, symbol: str, times: TimeColumn) -> FloatColumn | None:
    """Return what was received at each settlement; None where a version stored the run that did not keep it."""
    stored = stored_series_of(database, found.run_id, (FUNDING + symbol, MINUTES[0]))
    if not stored:
        return None
    paid = np.zeros(len(times))
    if FUNDING + symbol in stored and len(times):
        at, amounts = stored[FUNDING + symbol]
        places = np.searchsorted(times, at)
        is_there = (places < len(times)) & (times[np.minimum(places, len(times) - 1)] == at)
        np.add.at(paid, places[is_there], amounts[is_there])
    return paid
