"""What is in the tables beside those of klines (funding, order flow, order book, metrics, features): by symbol the
range, the rows, and the holes between them, which the times tell without the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Table

from engine.market import ALL_SYMBOLS
from engine.market.flow import ROW_MS
from engine.market.series import TimeColumn

from ..database import (
    FLOW_COLUMNS,
    Database,
    count_values,
    market_asset_metrics,
    market_orderbook_snapshots,
    market_trades_aggregated,
    perp_features,
    perp_funding,
    read_flow_rows,
    read_row_times,
    stored_names,
)

#: What each table is called, in the order in which they are shown.
TABLES = {
    "funding": perp_funding,
    "flow": market_trades_aggregated,
    "book": market_orderbook_snapshots,
    "metrics": market_asset_metrics,
    "features": perp_features,
}
#: Rows on the 15-second grid.
_ON_GRID = ("flow", "book")
#: What is further apart than so many usual steps has a hole between.
_HOLE_STEPS = 1.5
#: The usual step at a place is the median of those around it, so many to each side: intervals of funding change.
_AROUND = 4
#: A rate beyond this is looked at twice.
_UNUSUAL_RATE_PCT = 1.0


@dataclass(frozen=True)
class RowHole:
    """Rows that are missing one after another: about how many, and the times of the rows before and behind them."""

    missing: int
    after_ms: int
    before_ms: int


@dataclass(frozen=True)
class RowInspection:
    """What is stored of one exchange and symbol in a table (of features: of one).

    `step_ms` is how far apart the rows usually are, 0 of a single one; `missing` rows lie in `gaps`, where two are
    further apart than those around them. `duplicates` are further rows of the same times, `off_grid` rows beside the
    15-second grid of their table. `findings` are counts by what was found.
    """

    table: str
    exchange: str
    symbol: str
    feature: str | None
    rows: int
    first_ms: int
    last_ms: int
    step_ms: int
    gaps: int
    missing: int
    longest_gap: RowHole | None
    duplicates: int
    off_grid: int
    findings: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; `feature` of features alone."""
        values = asdict(self)
        if self.feature is None:
            del values["feature"]
        return values


def row_inspections(
    database: Database, exchange: str | None = None, symbol: str | None = None
) -> list[Callable[[], RowInspection]]:
    """Return for each series of rows that is stored what inspects it: of an exchange and a symbol, where these are
    given; features that every symbol has are among those of each.
    """
    return [*_chosen(database, exchange, symbol)]


def _chosen(database: Database, exchange: str | None, symbol: str | None) -> Iterator[Callable[[], RowInspection]]:
    for name, table in TABLES.items():
        key = ("exchange", "symbol", "feature") if table is perp_features else ("exchange", "symbol")
        for known in stored_names(database, table, key):
            names = dict(zip(key, known, strict=True))
            of_symbol = symbol in (None, names["symbol"]) or (table is perp_features and names["symbol"] == ALL_SYMBOLS)
            if exchange in (None, names["exchange"]) and of_symbol:
                yield partial(_inspect, database, name, table, names)


def _inspect(database: Database, name: str, table: Table, names: dict[str, str]) -> RowInspection:
    times = read_row_times(database, table, **names)
    found = inspect_times(name, names["exchange"], names["symbol"], times, names.get("feature"))
    if table is market_asset_metrics:
        counts = count_values(database, table, FLOW_COLUMNS[table.name], **names)
        return replace(found, findings={f"with {each}": count for each, count in counts.items() if count})
    if table is perp_funding:
        rows = read_flow_rows(database, table.name, names["exchange"], names["symbol"]) or {}
        beyond = int(np.count_nonzero(np.abs(rows["funding_rate"]) * 100.0 > _UNUSUAL_RATE_PCT))
        return replace(found, findings={f"rates beyond {_UNUSUAL_RATE_PCT:g} %": beyond} if beyond else {})
    return found


def inspect_times(
    table: str, exchange: str, symbol: str, times: TimeColumn, feature: str | None = None
) -> RowInspection:
    """Return what the times of rows tell; at least one, sorted."""
    distinct = times[np.diff(times, prepend=times[:1] - 1) != 0]
    steps = np.diff(distinct)
    absent = absent_rows(distinct)
    return RowInspection(
        table=table,
        exchange=exchange,
        symbol=symbol,
        feature=feature,
        rows=len(times),
        first_ms=int(times[0]),
        last_ms=int(times[-1]),
        step_ms=int(np.median(steps)) if len(steps) else 0,
        gaps=int(np.count_nonzero(absent)),
        missing=int(absent.sum()),
        longest_gap=_longest(distinct, absent),
        duplicates=len(times) - len(distinct),
        off_grid=int(np.count_nonzero(distinct % ROW_MS)) if table in _ON_GRID else 0,
        findings={},
    )


def absent_rows(times: TimeColumn) -> TimeColumn:
    """Return about how many rows are missing behind each of some times, which increase, but the last."""
    steps = np.diff(times)
    usual = _usual_steps(steps)
    return np.where(steps > usual * _HOLE_STEPS, np.rint(steps / np.maximum(usual, 1)) - 1, 0).astype(np.int64)


def _usual_steps(steps: TimeColumn) -> TimeColumn:
    """Return for each step the median of those around it and itself."""
    width = 2 * _AROUND + 1
    if len(steps) < width:
        return np.full(len(steps), np.median(steps)) if len(steps) else steps
    if steps.min() == steps.max():
        return steps
    middles = np.median(np.lib.stride_tricks.sliding_window_view(steps, width), axis=1)
    return np.concatenate((np.full(_AROUND, middles[0]), middles, np.full(_AROUND, middles[-1])))


def _longest(times: TimeColumn, absent: TimeColumn) -> RowHole | None:
    if not absent.any():
        return None
    place = int(np.argmax(absent))
    return RowHole(int(absent[place]), int(times[place]), int(times[place + 1]))
