"""How far each trade went against its position and for it, worked out after the run from its klines.

Positions of one symbol follow one another, and the closes of one position share its klines: each kline is looked at
once, however many trades there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..account import BacktestTradeRecord
from ..contract import ExitReason
from ..market import KlineSeries, MarketHistory
from ..market.series import FloatColumn, TimeColumn, extremes_between
from .minute_grid import IntColumn

#: The exits at a price that the market reached.
_AT_A_PRICE = frozenset(reason for reason in ExitReason if reason.is_at_a_price)


def note_excursions(trades: Sequence[BacktestTradeRecord], market: MarketHistory) -> None:
    """Note in the trades (in order of their exits) their maximum adverse and favourable excursion (Sweeney 1996): the
    worst and the best unrealised PnL, at the average entry price, over the klines from first fill to exit.

    Klines count that opened at or after the first fill and closed at or before the exit, and so does the exit's own
    price. Of a kline in which a price closed the position (take-profit, stop, liquidation) the side it left by counts
    to the exit's price only; the other side counts whole, as the order inside a kline is not known.
    """
    by_symbol: dict[str, list[BacktestTradeRecord]] = defaultdict(list)
    for trade in trades:
        by_symbol[trade.symbol].append(trade)
    for symbol, own in by_symbol.items():
        columns = _excursions(own, market.symbols[symbol].base)
        for trade, *excursion in zip(own, *(column.tolist() for column in columns), strict=True):
            trade.note_excursions(*excursion)


def _excursions(trades: Sequence[BacktestTradeRecord], base: KlineSeries) -> tuple[FloatColumn, ...]:
    """Return of each trade of one symbol the worst and the best PnL, each in USD and in percent of the entry."""
    lowest, highest = _price_ranges(trades, base)
    size, entry = (np.array([getattr(trade, name) for trade in trades]) for name in ("size", "entry_price"))
    is_long = np.array([trade.side == "long" for trade in trades])
    down, up = size * (lowest - entry), size * (highest - entry)
    mae, mfe = np.where(is_long, down, 0.0 - up), np.where(is_long, up, 0.0 - down)
    with np.errstate(over="ignore", invalid="ignore"):  # of next to nothing a percentage need not be a number
        percent = 100.0 / (size * entry)
        return mae, mae * percent, mfe, mfe * percent


def _price_ranges(trades: Sequence[BacktestTradeRecord], base: KlineSeries) -> tuple[FloatColumn, FloatColumn]:
    """Return the lowest and the highest price that each trade of one symbol saw, its entry and its exit included."""
    columns = base.columns
    entered = np.array([trade.entry_timestamp for trade in trades], np.int64)
    left = np.array([trade.exit_timestamp for trade in trades], np.int64)
    entry = np.array([trade.entry_price for trade in trades])
    closed = np.array([trade.exit_price for trade in trades])
    first = base.index.counts_upto(entered - 1)
    stop = np.maximum(base.finished_at(left), first)
    last = np.maximum(stop - 1, 0)
    at_a_price = np.array([trade.exit_reason in _AT_A_PRICE for trade in trades])
    is_cut = at_a_price & (stop > first) & (columns.open_ms[last] + base.period_ms == left)
    up = np.array([(trade.side == "long") == (trade.exit_reason is ExitReason.TAKE_PROFIT) for trade in trades])
    low = np.where(up, columns.low[last], np.maximum(columns.low[last], closed))
    high = np.where(up, np.minimum(columns.high[last], closed), columns.high[last])
    spans = entered, first, stop - is_cut
    lowest = [_running(np.minimum, columns.low, *spans), np.where(is_cut, low, closed), closed, entry]
    highest = [_running(np.maximum, columns.high, *spans), np.where(is_cut, high, closed), closed, entry]
    return np.fmin.reduce(lowest), np.fmax.reduce(highest)


def _running(
    extreme: np.ufunc, column: FloatColumn, entered: TimeColumn, first: IntColumn, stop: IntColumn
) -> FloatColumn:
    """Return the extreme of `column` in [first, stop) of each trade, nan where that is empty. Trades of one entry stand
    together, in order of their stops: each goes on from where the one before it ended.
    """
    again = np.concatenate(([False], entered[1:] == entered[:-1]))
    begin = np.where(again, np.minimum(np.concatenate((first[:1], stop[:-1])), stop), first)
    found = extremes_between(extreme, column, begin, stop)
    skip_nan = np.fmin if extreme is np.minimum else np.fmax
    for row in np.flatnonzero(again).tolist():
        found[row] = skip_nan(found[row], found[row - 1])
    return found
