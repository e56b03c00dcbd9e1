"""How far each trade went against its position and for it, worked out after the run from its klines.

Positions of one symbol follow one another, and the closes of one position share its klines: each kline is looked at
once, however many trades there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..account import Closing, Excursion
from ..contract import ExitReason
from ..market import KlineSeries, MarketHistory
from ..market.series import FloatColumn, TimeColumn, extremes_between
from .marked_account import BoolColumn
from .minute_grid import IntColumn

#: The exits at a price that the market reached.
_AT_A_PRICE = frozenset(reason for reason in ExitReason if reason.is_at_a_price)


def excursions_of(closings: Sequence[Closing], market: MarketHistory) -> list[Excursion]:
    """Return for each closed trade (in order of their exits) its maximum adverse and favourable excursion (Sweeney
    1996): the worst and the best unrealised PnL, at the average entry price, over the klines from first fill to exit.

    Klines count that opened at or after the first fill and closed at or before the exit, and so does the exit's own
    price. Of a kline in which a price closed the position (take-profit, stop, liquidation) the side it left by counts
    to the exit's price only; the other side counts whole, as the order inside a kline is not known.
    """
    by_symbol: dict[str, list[int]] = defaultdict(list)
    for place, closing in enumerate(closings):
        by_symbol[closing.held.symbol].append(place)
    found: list[Any] = [None] * len(closings)
    for symbol, places in by_symbol.items():
        columns = _excursions([closings[place] for place in places], market.symbols[symbol].base)
        for place, *excursion in zip(places, *(column.tolist() for column in columns), strict=True):
            found[place] = tuple(excursion)
    return found


def _excursions(closings: Sequence[Closing], base: KlineSeries) -> tuple[FloatColumn, ...]:
    """Return of each trade of one symbol the worst and the best PnL, each in USD and in percent of the entry."""
    is_long = np.array([each.held.sign > 0 for each in closings])
    entry = np.array([each.held.entry_price for each in closings])
    size = np.array([each.fill.size for each in closings])
    lowest, highest = _price_ranges(closings, is_long, entry, base)
    down, up = size * (lowest - entry), size * (highest - entry)
    mae, mfe = np.where(is_long, down, 0.0 - up), np.where(is_long, up, 0.0 - down)
    with np.errstate(over="ignore", invalid="ignore"):  # of next to nothing a percentage need not be a number
        percent = 100.0 / (size * entry)
        return mae, mae * percent, mfe, mfe * percent


def _price_ranges(
    closings: Sequence[Closing], is_long: BoolColumn, entry: FloatColumn, base: KlineSeries
) -> tuple[FloatColumn, FloatColumn]:
    """Return the lowest and the highest price that each trade of one symbol saw, its entry and its exit included."""
    columns = base.columns
    entered = np.array([each.held.opened_at for each in closings], np.int64)
    left = np.array([each.fill.timestamp for each in closings], np.int64)
    closed = np.array([each.fill.price for each in closings])
    first = base.index.counts_upto(entered - 1)
    stop = np.maximum(base.finished_at(left), first)
    last = np.maximum(stop - 1, 0)
    at_a_price = np.array([each.fill.purpose in _AT_A_PRICE for each in closings])
    is_cut = at_a_price & (stop > first) & (columns.open_ms[last] + base.period_ms == left)
    up = is_long == np.array([each.fill.purpose is ExitReason.TAKE_PROFIT for each in closings])
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
