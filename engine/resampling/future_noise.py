"""A market of which only the past is the recorded one: what becomes known later is noise of the same shape."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np

from ..instants import utc_text
from ..market import MarketHistory, SymbolHistory, are_predictions, nominal_settlements
from ..market.flow import LATEST_VALUES, BookRows, FlowHistory, FlowRows, LatestValue, TimedValues, TradeRows
from ..market.series import FloatColumn, KlineColumns, TimeColumn
from .noise_walk import NoiseWalk, noise_amounts, noise_values

RowsT = TypeVar("RowsT", bound=FlowRows)

#: The series of which each value is a price.
_PRICES = ("mark_price", "oracle_price")
_MOST_RATE = 0.01


def other_future(market: MarketHistory, after_ms: int, seed: int) -> MarketHistory:
    """Return a market in which all that is not known at `after_ms` (epoch ms) is noise, drawn from `seed`.

    Times, counts and missing values are the recorded ones. Prices go on from the last known one, by random steps, the
    same for klines of all periods, marks and trade rows; high is not below open and close, low not above, volumes are
    above 0, in the steps of the recorded ones. Of a kline that is open then the open is known, and all else is noise; a
    rate of funding is known when it is settled, also where it is stamped later. Features are drawn from their own
    values, those that functions give are worked out anew. What was known is the same memory where it can be.
    """
    generator = np.random.default_rng(seed)
    histories = [_other_symbol(each, after_ms, generator) for each in market.given.values()]
    remark = f"no recorded market: what becomes known after {utc_text(after_ms)} is noise"
    return MarketHistory(histories, market.regime, market.feature_functions, (*market.remarks, remark))


def other_klines(columns: KlineColumns, walk: NoiseWalk, generator: np.random.Generator) -> KlineColumns:
    """Return klines of any period with those that close after the beginning of a walk as it has them."""
    first = int(columns.open_ms.searchsorted(walk.after_ms - columns.period_ms, side="right"))
    opened = columns.open_ms[first:]
    if not len(opened):
        return columns
    begun = walk.rounded(walk.at(opened))
    begun = np.where(opened > walk.after_ms, begun, columns.open[first:])
    closed = walk.rounded(walk.at(opened + columns.period_ms))
    reach = np.exp(np.abs(generator.standard_normal((2, len(opened)))) * walk.move)
    high = np.maximum(walk.rounded(np.fmax(begun, closed) * reach[0]), np.fmax(begun, closed))
    low = np.minimum(walk.rounded(np.fmin(begun, closed) / reach[1]), np.fmin(begun, closed))
    volume = noise_amounts(columns.volume, first, generator)
    figures = [
        np.concatenate((recorded[:first], np.where(np.isnan(recorded[first:]), np.nan, noise)))
        for recorded, noise in zip(columns.figures, (begun, high, low, closed, volume), strict=True)
    ]
    return KlineColumns(columns.period_ms, columns.open_ms, *figures)


def other_values(rows: TimedValues, after_ms: int, generator: np.random.Generator) -> TimedValues:
    """Return values, each known from its time on, with those after an instant drawn from all of them."""
    first = int(rows.timestamp_ms.searchsorted(after_ms, side="right"))
    return _from(rows, first, noise_values(rows.value, first, generator))


def _other_symbol(history: SymbolHistory, after_ms: int, generator: np.random.Generator) -> SymbolHistory:
    base = history.base.columns
    if not len(base):
        return history.anew()
    walk = NoiseWalk(base, after_ms, generator)
    marks = history.mark_klines
    features = {}
    for name in history.feature_names:
        feature = history.feature(name)
        assert feature is not None
        features[name] = other_values(feature.rows, after_ms, generator)
    return SymbolHistory(
        history.symbol,
        other_klines(base, walk, generator),
        [other_klines(each, walk, generator) for each in history.stored],
        _other_flow(history.flow, walk, generator),
        None if marks is None else other_klines(marks, walk, generator),
        features,
        [other_klines(each, walk, generator) for each in history.finer],
    )


def _other_flow(flow: FlowHistory, walk: NoiseWalk, generator: np.random.Generator) -> FlowHistory:
    latest: dict[str, TimedValues] = {}
    for name in LATEST_VALUES:
        series: LatestValue | None = getattr(flow, name)
        if series is not None:
            latest[name] = _other_latest(name, series.rows, walk, generator)
    trades = None if flow.trades is None else _other_trades(flow.trades, walk, generator)
    book = None if flow.book is None else _other_book(flow.book, walk, generator)
    return FlowHistory(trades, book, **latest, back_filled_ms=flow.back_filled_ms)


def _other_latest(name: str, rows: TimedValues, walk: NoiseWalk, generator: np.random.Generator) -> TimedValues:
    known_ms = rows.timestamp_ms
    if name == "funding_rate" and not are_predictions(known_ms):
        known_ms = np.minimum(known_ms, nominal_settlements(known_ms))
    first = int(known_ms.searchsorted(walk.after_ms, side="right"))
    if name in _PRICES:
        return _from(rows, first, _near(rows.timestamp_ms[first:], walk, generator))
    if name != "funding_rate":
        return _from(rows, first, noise_amounts(rows.value, first, generator))
    noise = noise_values(rows.value, first, generator) * generator.uniform(-2.0, 2.0, len(rows) - first)
    return _from(rows, first, np.clip(noise, -_MOST_RATE, _MOST_RATE))


def _other_trades(trades: TradeRows, walk: NoiseWalk, generator: np.random.Generator) -> TradeRows:
    first = _first_unknown(trades, walk.after_ms)
    times = trades.timestamp_ms[first:]
    price = _near(times, walk, generator)
    reach = np.exp(np.abs(generator.standard_normal((2, len(times)))) * walk.move)
    bought, sold = (noise_amounts(each, first, generator) for each in (trades.buy_volume, trades.sell_volume))
    high, low = np.maximum(walk.rounded(price * reach[0]), price), np.minimum(walk.rounded(price / reach[1]), price)
    noise = (bought, sold, bought * price, sold * price, price, high, low)
    return _replaced(trades, first, noise)


def _other_book(book: BookRows, walk: NoiseWalk, generator: np.random.Generator) -> BookRows:
    first = _first_unknown(book, walk.after_ms)
    bid, ask, spread = (noise_amounts(each, first, generator) for each in (book.bid_depth, book.ask_depth, book.spread))
    return _replaced(book, first, (bid, ask, np.where(book.spread[first:] == 0.0, 0.0, spread)))


def _near(times_ms: TimeColumn, walk: NoiseWalk, generator: np.random.Generator) -> FloatColumn:
    """Return prices near those of a walk: rows are finer than its steps."""
    return walk.rounded(walk.at(times_ms) * np.exp(0.25 * walk.move * generator.standard_normal(len(times_ms))))


def _first_unknown(rows: FlowRows, after_ms: int) -> int:
    return int(rows.timestamp_ms.searchsorted(after_ms, side="right"))


def _from(rows: TimedValues, first: int, noise: FloatColumn) -> TimedValues:
    if first == len(rows):
        return rows
    return TimedValues(rows.timestamp_ms, np.concatenate((rows.value[:first], noise)))


def _replaced(rows: RowsT, first: int, noise: tuple[FloatColumn, ...]) -> RowsT:
    """Return rows with others from the place `first` on; what is missing stays missing."""
    if first == len(rows):
        return rows
    names = [each.name for each in fields(rows)][1:]
    columns = (getattr(rows, name) for name in names)
    joined = (
        np.concatenate((column[:first], np.where(np.isnan(column[first:]), np.nan, each)))
        for column, each in zip(columns, noise, strict=True)
    )
    return type(rows)(rows.timestamp_ms, *joined)
