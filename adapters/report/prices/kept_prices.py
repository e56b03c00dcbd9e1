"""The prices that a result keeps for its chart: few bytes, and no market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from engine import BacktestResult, KlineColumns, MarketHistory
from engine.plain_values import plain

from .detail_levels import Levels, kline_levels
from .disturbed_prices import SeenFaults

#: Of all symbols together. A page of them has room for 10,000 trades within 5 MB.
MOST_BYTES = 1_600_000

Prices = Mapping[str, Levels]
_Asked = tuple[tuple[str, ...], int, int, str]
_kept: WeakKeyDictionary[MarketHistory, dict[_Asked, Prices]] = WeakKeyDictionary()


def with_prices(result: BacktestResult, market: MarketHistory) -> BacktestResult:
    """Return a result that has the prices of its run with it, so that its chart needs no market.

    Those of a year of minutes take a tenth of a second and at most 1.6 MB; results of the same run of time on one
    market share them. They are pickled with the result and are no part of `to_dict`.
    """
    return replace(result, prices=prices_of(market, result))


def prices_of(market: MarketHistory, result: BacktestResult) -> Prices:
    """Return the prices of a result's symbols from its start to its end, by symbol, as its faults made them; those that
    a market lacks are absent.
    """
    symbols = [symbol for symbol in result.config["symbols"] if symbol in market.symbols]
    faults = SeenFaults.of(plain(result.config), result.start_time, result.end_time)
    asked = tuple(symbols), result.start_time, result.end_time, faults.key
    known = _kept.setdefault(market, {})
    if asked not in known:
        columns = {symbol: faults.columns(symbol, market.symbols[symbol].base.columns) for symbol in symbols}
        known[asked] = packed_prices(columns, result.start_time, result.end_time)
    return known[asked]


def packed_prices(columns: Mapping[str, KlineColumns], start_ms: int, end_ms: int) -> Prices:
    """Return the klines that are open in a range of time, packed, by symbol; a symbol without one is absent."""
    within = {
        symbol: each.slice(*np.searchsorted(each.open_ms, [start_ms - each.period_ms + 1, end_ms]).tolist())
        for symbol, each in columns.items()
    }
    most = MOST_BYTES // max(len(within), 1)
    return {symbol: kline_levels(each, start_ms, end_ms, most) for symbol, each in within.items() if len(each)}
