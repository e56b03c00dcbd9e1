"""What was recorded of one symbol beside its klines, moved along with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..instants import duration_text
from ..market import SymbolHistory, are_predictions, nominal_settlements
from ..market.flow import BookRows, FlowHistory, LatestValue, TimedValues, TradeRows
from ..market.series import KlineColumns, TimeColumn
from .drawn_minutes import DrawnMinutes
from .moved_klines import MovedKlines


class MovedFlow(NamedTuple):
    """What has moved, and what a user should know of it."""

    flow: FlowHistory
    mark_klines: KlineColumns | None
    features: dict[str, TimedValues]
    remarks: tuple[str, ...]


def move_flow(history: SymbolHistory, klines: MovedKlines, drawn: DrawnMinutes, end_ms: int) -> MovedFlow:
    """Return what was recorded beside the klines as it belongs to the drawn ones.

    Trade rows, snapshots of the book, marks, oracle prices and sampled funding rates move with their minutes, prices
    and notionals times the factor of their kline; open interest is chained as prices are. Rates that are settled keep
    their times: each is what the minutes before it have brought, of which each carries its share of the rate that was
    settled for it. Features keep their times too, with what was known at the same place of the source. What a venue
    says of the last 24 hours is left out, and a mark price of which a kline is longer than the base ones.
    """
    flow, remarks = history.flow, []
    if flow.day_notional_volume is not None:
        remarks.append("what was traded in 24 hours is that of the klines: the venue's own figure is left out")
    marks = history.mark_klines
    if marks is not None and klines.period_ms % marks.period_ms:
        remarks.append("klines of the mark price that are longer than the base ones are left out")
        marks = None
    interest = flow.open_interest
    if interest is not None and not (interest.rows.value > 0.0).all():
        remarks.append("open interest is left out: it is not above 0 everywhere")
        interest = None
    trades, back_filled_ms = _trades(flow, klines)
    moved = FlowHistory(
        trades,
        _book(flow.book, klines),
        _prices(flow.mark_price, klines),
        None if interest is None else klines.chained(interest.rows),
        _rates(flow.funding_rate, klines, drawn),
        _prices(flow.oracle_price, klines),
        back_filled_ms=back_filled_ms,
    )
    features = {name: _feature(rows, klines, drawn, end_ms) for name, rows in _features(history)}
    remarks_of_symbol = tuple(f"{history.symbol}: {each}" for each in remarks)
    return MovedFlow(moved, None if marks is None else _mark_klines(marks, klines), features, remarks_of_symbol)


def slow_features(history: SymbolHistory, mean_block_ms: float) -> Iterator[str]:
    """Yield what a user should know of features that have fewer values than there are blocks."""
    for name, rows in _features(history):
        times = rows.timestamp_ms
        step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        if step > mean_block_ms:
            yield (
                f"feature {name} has a value every {duration_text(int(step))}, but blocks last "
                f"{duration_text(int(mean_block_ms))} on average: what it tells of the time after it is lost in "
                "between; take longer blocks"
            )


def _features(history: SymbolHistory) -> Iterator[tuple[str, TimedValues]]:
    for name in history.feature_names:
        feature = history.feature(name)
        assert feature is not None
        yield name, feature.rows


def _trades(flow: FlowHistory, klines: MovedKlines) -> tuple[TradeRows | None, TimeColumn]:
    """Return the trade rows, and the times of those that are whole minutes."""
    trades = flow.trades
    if trades is None:
        return None, np.empty(0, np.int64)
    rows, factors = klines.rows(trades.timestamp_ms), klines.price_factors
    volumes = [rows.joined(column) for column in (trades.buy_volume, trades.sell_volume)]
    money = (trades.buy_notional, trades.sell_notional, trades.vwap, trades.high, trades.low)
    moved = TradeRows(rows.times_ms, *volumes, *(rows.joined(column, factors) for column in money))
    filled = np.isin(trades.timestamp_ms, flow.back_filled_ms)
    return moved, rows.times_ms[rows.joined(filled.astype(np.float64)) > 0.0]


def _book(book: BookRows | None, klines: MovedKlines) -> BookRows | None:
    if book is None:
        return None
    rows = klines.rows(book.timestamp_ms)
    bid, ask = (rows.joined(column) for column in (book.bid_depth, book.ask_depth))
    return BookRows(rows.times_ms, bid, ask, rows.joined(book.spread, klines.price_factors))


def _prices(prices: LatestValue | None, klines: MovedKlines) -> TimedValues | None:
    if prices is None:
        return None
    rows = klines.rows(prices.rows.timestamp_ms)
    return TimedValues(rows.times_ms, rows.joined(prices.rows.value, klines.price_factors))


def _mark_klines(marks: KlineColumns, klines: MovedKlines) -> KlineColumns:
    rows = klines.rows(marks.open_ms + marks.period_ms)
    factors, names = klines.price_factors, ("open", "high", "low", "close")
    figures = [*(rows.joined(getattr(marks, name), factors) for name in names), rows.joined(marks.volume)]
    return KlineColumns(marks.period_ms, rows.times_ms - marks.period_ms, *figures)


def _rates(rates: LatestValue | None, klines: MovedKlines, drawn: DrawnMinutes) -> TimedValues | None:
    if rates is None:
        return None
    recorded = rates.rows
    if are_predictions(recorded.timestamp_ms):
        rows = klines.rows(recorded.timestamp_ms)
        return TimedValues(rows.times_ms, rows.joined(recorded.value))
    return _settled(recorded, klines, drawn)


def _settled(recorded: TimedValues, klines: MovedKlines, drawn: DrawnMinutes) -> TimedValues:
    """Return settled rates, each the sum of what its minutes carry; one before which there is no kline stays."""
    nominal = nominal_settlements(recorded.timestamp_ms)
    settled, first, place = np.unique(nominal, return_index=True, return_inverse=True)
    if len(settled) < 2 or klines.begins_ms is None:
        return recorded
    rates, lengths = recorded.value[first], np.diff(settled, prepend=2 * settled[0] - settled[1])
    step = drawn.step_ms
    stretches = np.arange(klines.begins_ms // step, int(klines.open_ms[-1]) // step + 1)
    here = np.minimum(settled.searchsorted((stretches + 1) * step), len(settled) - 1)
    there = np.minimum(settled.searchsorted((stretches + drawn.sources(stretches) + 1) * step), len(settled) - 1)
    changed = (rates / lengths)[there] - (rates / lengths)[here]
    ends = (stretches + 1) * step
    within = (ends > settled[0] - lengths[0]) & (ends <= settled[-1])
    moved = rates + step * np.bincount(here[within], changed[within], len(settled))
    return TimedValues(recorded.timestamp_ms, moved[place])


def _feature(rows: TimedValues, klines: MovedKlines, drawn: DrawnMinutes, end_ms: int) -> TimedValues:
    """Return a feature: values before the first drawn kline as they are, later ones those known at their sources."""
    times = rows.timestamp_ms[: rows.timestamp_ms.searchsorted(end_ms, side="right")]
    if klines.begins_ms is None:
        return TimedValues(times, rows.value[: len(times)])
    stretches = (times - 1) // drawn.step_ms
    sources = times + np.where(times > klines.begins_ms, drawn.sources(stretches), 0) * drawn.step_ms
    known = np.maximum(rows.timestamp_ms.searchsorted(sources, side="right") - 1, 0)
    return TimedValues(times, rows.value[known])
