"""A market written into a database by the stores that imports use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from engine import BacktestConfig, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market.flow import LATEST_VALUES, FlowHistory, LatestValue
from engine.market.series import TimeColumn
from engine.periods import DAY_MS, MINUTE_MS, period_name

from ... import database as stored  # a name of it is imported when it is used
from ...database import FLOW_COLUMNS, Database, FeatureRows, TableRows

#: So much of what comes after a cut is stored, and the last row of each series.
_STORED_AFTER_MS = 2 * DAY_MS


def store_market(database: Database, config: BacktestConfig, market: MarketHistory, after_ms: int) -> None:
    """Write the symbols of a configuration: all up to two days after `after_ms`, and of what comes later the last row;
    with strict data, which allows no holes, all of it.

    Raises `DataError` for what no database here can hold, such as klines between full seconds.
    """
    span = _Span(config.end_ms if config.strict_data else after_ms + _STORED_AFTER_MS, config.end_ms)
    for symbol in config.symbols:
        history = market.symbols[symbol]
        for columns in (history.base.columns, *history.stored):
            kept = columns.where(span.kept(columns.open_ms))
            stored.write_klines(database, config.exchange, symbol, period_name(columns.period_ms), kept)
        rows = [*_flow_rows(history.flow, span), *_mark_rows(history.mark_klines, span)]
        if rows:
            stored.write_rows(database, config.exchange, symbol, rows)
        features = [*_features(history, span)]
        if features:
            stored.write_features(database, config.exchange, features)


class _Span(NamedTuple):
    """All up to an instant is stored, and the last of what comes before the end (epoch ms)."""

    until_ms: int
    end_ms: int

    def kept(self, times_ms: TimeColumn) -> npt.NDArray[np.bool_]:
        """Return which rows are stored."""
        kept: npt.NDArray[np.bool_] = times_ms <= self.until_ms
        kept[max(int(times_ms.searchsorted(self.end_ms, side="right")) - 1, 0) :][:1] = True
        return kept


def _features(history: SymbolHistory, span: _Span) -> Iterator[FeatureRows]:
    for name in history.feature_names:
        feature = history.feature(name)
        assert feature is not None
        kept = span.kept(feature.rows.timestamp_ms)
        rows = TimedValues(feature.rows.timestamp_ms[kept], feature.rows.value[kept])
        yield FeatureRows(history.symbol, name, rows)


def _flow_rows(flow: FlowHistory, span: _Span) -> Iterator[TableRows]:
    if flow.trades is not None:
        yield _trades(flow, span)
    if flow.book is not None:
        kept = span.kept(flow.book.timestamp_ms)
        columns = (flow.book.bid_depth, flow.book.ask_depth, flow.book.spread)
        values = {name: each[kept] for name, each in zip(FLOW_COLUMNS[stored.BOOK], columns, strict=True)}
        yield TableRows(stored.market_orderbook_snapshots, flow.book.timestamp_ms[kept], values)
    for name in LATEST_VALUES:
        series: LatestValue | None = getattr(flow, name)
        if series is not None:
            kept = span.kept(series.rows.timestamp_ms)
            values = {name: series.rows.value[kept]}
            yield TableRows(stored.market_asset_metrics, series.rows.timestamp_ms[kept], values)


def _trades(flow: FlowHistory, span: _Span) -> TableRows:
    """Return trade rows; a back-filled minute is stored at its open, without a count of sales."""
    rows = flow.trades
    assert rows is not None
    kept = span.kept(rows.timestamp_ms)
    times = rows.timestamp_ms[kept]
    filled = np.isin(times, flow.back_filled_ms)
    columns = (rows.buy_volume, rows.sell_volume, rows.buy_notional, rows.sell_notional, rows.vwap, rows.high, rows.low)
    values = dict(zip(FLOW_COLUMNS[stored.TRADES], (each[kept] for each in columns), strict=False))
    counts = np.where(filled, 0, 1)
    return TableRows(
        stored.market_trades_aggregated, times - np.where(filled, MINUTE_MS, 0), {**values, "taker_sell_count": counts}
    )


def _mark_rows(klines: KlineColumns | None, span: _Span) -> Iterator[TableRows]:
    """Yield the klines of the mark price alone: its values are stored as such."""
    if klines is not None:
        kept = klines.where(span.kept(klines.open_ms))
        yield stored.mark_kline_rows(kept)[1]
