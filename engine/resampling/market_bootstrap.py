"""A market that was not recorded: blocks of the recorded minutes in another order, the same for all symbols."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..errors import ConfigurationError, DataError
from ..instants import duration_text, utc_text
from ..market import MarketHistory, SymbolHistory
from ..market.series import KlineColumns
from ..periods import period_name
from .drawn_minutes import DrawnMinutes
from .moved_flow import move_flow, slow_features
from .moved_klines import MovedKlines


def bootstrapped_market(
    market: MarketHistory, start_ms: int, end_ms: int, mean_block_ms: float, generator: np.random.Generator
) -> MarketHistory:
    """Return a market in which the klines of [start_ms, end_ms] are drawn anew, by the stationary bootstrap, from those
    of the same range, in blocks that last `mean_block_ms` on average.

    Symbols keep their joint moves: all take the same minutes. A kline keeps its shape, which is its prices beside the
    close before it, and its volume; prices are chained from the last recorded one on. Times are those that were
    recorded: where a kline is missing, none comes. What lies before the start, the warm-up, stays as it was recorded,
    what lies after the end is left out. Longer klines are those of the base. What else is recorded moves along, see
    `move_flow`. `remarks` of the market say what was done, and they come into the result's warnings. The same
    generator state gives the same bytes.

    Raises `ConfigurationError` for a range that is empty and blocks that are shorter than a kline, `DataError` where
    there is nothing to draw from.
    """
    if end_ms <= start_ms:
        raise ConfigurationError(["the end does not come after the start: there is nothing to draw"])
    if not market.symbols:
        raise ConfigurationError(["the market has no symbols: there is nothing to draw"])
    start_ms, end_ms = _recorded_range(market, start_ms, end_ms)
    drawn = DrawnMinutes(market, start_ms, end_ms, mean_block_ms, generator)
    histories, remarks = [], [_remark(start_ms, end_ms, mean_block_ms)]
    for each in market.given.values():
        history, said = _drawn_symbol(each, drawn, start_ms, end_ms)
        histories.append(history)
        remarks += [*said, *slow_features(each, mean_block_ms)]
    every_remark = dict.fromkeys((*market.remarks, *remarks))
    return MarketHistory(histories, market.regime, market.feature_functions, every_remark)


def _recorded_range(market: MarketHistory, start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the part of a range from the first kline that opens in it to the end of the last one."""
    bounds = []
    for each in market.symbols.values():
        columns = each.base.columns
        first, stop = columns.open_ms.searchsorted((start_ms, end_ms)).tolist()
        if first < stop:
            bounds.append((int(columns.open_ms[first]), int(columns.open_ms[stop - 1]) + columns.period_ms))
    if not bounds:
        raise DataError(
            f"no kline opens between {utc_text(start_ms)} and {utc_text(end_ms)}: there is nothing to draw; load the "
            "market of that range"
        )
    return min(first for first, _ in bounds), min(max(last for _, last in bounds), end_ms)


def _remark(start_ms: int, end_ms: int, mean_block_ms: float) -> str:
    lasts = duration_text(int(mean_block_ms)) if np.isfinite(mean_block_ms) else "without end"
    return (
        f"no recorded market: the klines between {utc_text(start_ms)} and {utc_text(end_ms)} are drawn anew from the "
        f"recorded ones of that time, in blocks of {lasts} on average"
    )


def _drawn_symbol(
    history: SymbolHistory, drawn: DrawnMinutes, start_ms: int, end_ms: int
) -> tuple[SymbolHistory, Iterable[str]]:
    klines = MovedKlines(history.symbol, history.base.columns, drawn, start_ms, end_ms)
    moved = move_flow(history, klines, drawn, end_ms)
    stored, lost = [], []
    for columns in history.stored:
        stored.append(_before(columns, klines.begins_ms))
        if columns.period_ms % klines.period_ms and len(stored[-1]) < len(columns):
            name = period_name(columns.period_ms)
            lost.append(f"{history.symbol}: {name} klines end at the start: they cannot be made of the base ones")
    if history.finer:
        lost.append(f"{history.symbol}: klines shorter than the base are not drawn: drill_down has none of them")
    features = moved.features
    made = SymbolHistory(history.symbol, klines.columns, stored, moved.flow, moved.mark_klines, features)
    return made, (*moved.remarks, *lost)


def _before(columns: KlineColumns, begins_ms: int | None) -> KlineColumns:
    """Return the klines that are over when the first drawn one opens."""
    if begins_ms is None:
        return columns
    return columns.slice(0, int(columns.open_ms.searchsorted(begins_ms - columns.period_ms, side="right")))
