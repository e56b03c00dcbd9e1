"""The parts of a market, each by a name of plain values: columns, and when each of their rows becomes known."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import DataError
from .. import KlineSeries, MarketHistory, SymbolHistory
from ..flow import FLOW_METRICS, FlowHistory, FlowRows, LatestValue
from ..indicators import IndicatorHistory, parse_indicator
from ..series import TimeColumn

#: A kind, a symbol, and what else says which part it is.
PartName = tuple[str | int, ...]
Column = npt.NDArray[Any]


class KnownColumns(NamedTuple):
    """Columns of one length; row i is known `delay_ms` after `times[i]` (epoch ms, strictly increasing) and from then
    on, and depends on what was known then alone.
    """

    times: TimeColumn
    columns: tuple[Column, ...]
    delay_ms: int = 0


def known_columns(market: MarketHistory, name: PartName) -> KnownColumns | None:
    """Return a part of a market, worked out over all of it; None where there is no such data.

    Names are ("closes" or "ranges", symbol, period ms) for times and closes of klines and for the rest of them,
    ("indicator" or "forming", symbol, period ms, indicator), ("rows", symbol, table), ("feature", symbol, name),
    ("buckets", symbol, table, interval ms) and ("whole", symbol, table, interval ms, metric, place of the figure in
    what the metric shows). Raises `DataError` for any other.
    """
    match name:
        case ("closes" | "ranges" as kind, str(symbol), int(period_ms)):
            return _klines(_series(market, symbol, period_ms), kind == "closes")
        case ("indicator" | "forming" as kind, str(symbol), int(period_ms), str(indicator)):
            return _indicator(market, symbol, period_ms, indicator, kind == "forming")
        case ("rows", str(symbol), str(table)):
            return _rows(_symbol(market, symbol), table)
        case ("feature", str(symbol), str(feature)):
            return _shown(_symbol(market, symbol).feature(feature))
        case ("buckets", str(symbol), str(table), int(interval_ms)):
            return _buckets(_symbol(market, symbol).flow, table, interval_ms)
        case ("whole", str(symbol), str(table), int(interval_ms), str(metric), int(place)):
            return _whole(_symbol(market, symbol).flow, table, interval_ms, metric, place)
    raise DataError(f"no market has a part {name!r}")


def _symbol(market: MarketHistory, symbol: str) -> SymbolHistory:
    history = market.symbols.get(symbol)
    if history is None:
        raise DataError(f"the market has no symbol {symbol!r}")
    return history


def _series(market: MarketHistory, symbol: str, period_ms: int) -> KlineSeries | None:
    return _symbol(market, symbol).series_of(period_ms) if period_ms > 0 else None


def _klines(series: KlineSeries | None, closes: bool) -> KnownColumns | None:
    if series is None:
        return None
    all_of = series.columns
    shown = (all_of.open_ms, all_of.close) if closes else (all_of.open, all_of.high, all_of.low, all_of.volume)
    return KnownColumns(all_of.open_ms, shown, series.period_ms)


def _indicator(market: MarketHistory, symbol: str, period_ms: int, name: str, is_forming: bool) -> KnownColumns | None:
    series, indicator = _series(market, symbol, period_ms), parse_indicator(name)
    if series is None or indicator is None:
        return None
    history: IndicatorHistory = _symbol(market, symbol).indicator(series, indicator)
    columns = history.forming_columns if is_forming else tuple(history.values.values())
    return KnownColumns(series.columns.open_ms, columns, series.period_ms)


def _rows(history: SymbolHistory, table: str) -> KnownColumns | None:
    return _shown(history.marks.all if table == "marks" else getattr(history.flow, table, None))


def _shown(found: object) -> KnownColumns | None:
    rows = found.rows if isinstance(found, LatestValue) else found
    if not isinstance(rows, FlowRows):
        return None
    return KnownColumns(rows.timestamp_ms, tuple(getattr(rows, each.name) for each in fields(rows)))


def _buckets(flow: FlowHistory, table: str, interval_ms: int) -> KnownColumns | None:
    buckets = flow.buckets(table, interval_ms) if interval_ms > 0 else None
    if buckets is None:
        return None
    return KnownColumns(buckets.times[buckets.first], (buckets.first, buckets.opened))


def _whole(flow: FlowHistory, table: str, interval_ms: int, metric: str, place: int) -> KnownColumns | None:
    """Return a figure of each bucket, known when the next one begins."""
    buckets, found = flow.buckets(table, interval_ms) if interval_ms > 0 else None, FLOW_METRICS.get(metric)
    if buckets is None or found is None or found.table != table or not 0 <= place < len(found.seen):
        return None
    return KnownColumns(buckets.times[buckets.first[1:]], (np.asarray(buckets.whole(found.seen[place])[:-1]),))
