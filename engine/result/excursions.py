"""How far each trade went against its position and for it, worked out after the run from its klines.

Positions of one symbol follow one another, and the closes of one position share its klines: each kline is looked at
once, however many trades there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..account import Closing, Excursion
from ..contract import ExitReason
from ..kernel import Fill, FillPurpose
from ..market import KlineSeries, MarketHistory
from ..market.series import FloatColumn, TimeColumn, extremes_between
from .marked_account import BoolColumn
from .minute_grid import IntColumn

#: The exits at a price that the market reached.
_AT_A_PRICE = frozenset(reason for reason in ExitReason if reason.is_at_a_price)


#: An open position: time of its last entry, size, average price, and `kept` and `before` of that entry.
_Open = tuple[int, float, float, float, int | None]


class _Held(NamedTuple):
    """What was held of one symbol, in columns, a row for each time that it was closed in part or whole, or added to:
    since `entered`, the last entry, until `left`, `size` coins at the average price `entry`; `closed` is the price of
    the fill at the end, `closing` its place among the trades, None of an addition. Of these coins the share `kept` had
    been held in the row `before`, when the last entry came: 0.0 and None where that opened the position.
    """

    entered: Sequence[int]
    left: Sequence[int]
    is_long: Sequence[bool]
    size: Sequence[float]
    entry: Sequence[float]
    closed: Sequence[float]
    purpose: Sequence[FillPurpose]
    closing: Sequence[int | None]
    kept: Sequence[float]
    before: Sequence[int | None]


def excursions_of(closings: Sequence[Closing], fills: Iterable[Fill], market: MarketHistory) -> list[Excursion]:
    """Return for each closed trade (in order of their exits) its maximum adverse and favourable excursion (Sweeney
    1996): the worst and the best unrealised PnL from its first fill to its exit, of what was held of it at each moment,
    at the average price of that. `fills` are all fills of the run in order.

    Klines count that opened at or after a fill which opened or added, and closed at or before the next or the exit; so
    do the prices of these fills. Of a kline in which a price closed the position (take-profit, stop, liquidation) the
    side it left by counts to the exit's price only; the other side counts whole, as the order inside a kline is not
    known.
    """
    found: list[Any] = [None] * len(closings)
    for symbol, rows in _rows(closings, fills).items():
        held = _Held(*zip(*rows, strict=True))
        places = [place for place in held.closing if place is not None]
        is_closing = [place is not None for place in held.closing]
        columns = _excursions(held, market.symbols[symbol].base)
        for place, *excursion in zip(places, *(column[is_closing].tolist() for column in columns), strict=True):
            found[place] = tuple(excursion)
    return found


def _rows(closings: Sequence[Closing], fills: Iterable[Fill]) -> dict[str, list[tuple[Any, ...]]]:
    """Return by symbol the rows of what was held, in order. One pass over all fills, without a call for each."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    entered: dict[str, _Open] = {}
    closing = 0
    for fill in fills:
        symbol, at, price, size = fill.symbol, fill.timestamp, fill.price, fill.size
        if symbol not in entered:
            entered[symbol] = at, size, price, 0.0, None
            continue
        since, held, entry, kept, before = entered[symbol]
        mine = rows[symbol]
        if fill.purpose == "entry":
            mine.append((since, at, fill.side == "buy", held, entry, price, fill.purpose, None, kept, before))
            total = held + size
            entered[symbol] = at, total, (held * entry + size * price) / total, held / total, len(mine) - 1
            continue
        mine.append((since, at, fill.side == "sell", size, entry, price, fill.purpose, closing, kept, before))
        if closings[closing].share == 1.0:
            del entered[symbol]
        else:
            entered[symbol] = since, held - size, entry, kept, before
        closing += 1
    return rows


def _excursions(held: _Held, base: KlineSeries) -> tuple[FloatColumn, ...]:
    """Return of each row of one symbol the worst and the best PnL, each in USD and in percent of the entry."""
    is_long, entry, size = np.array(held.is_long), np.array(held.entry), np.array(held.size)
    lowest, highest = _price_ranges(held, is_long, entry, base)
    down, up = lowest - entry, highest - entry
    worst, best = np.where(is_long, down, 0.0 - up), np.where(is_long, up, 0.0 - down)
    for place, before in enumerate(held.before):
        if before is not None:
            worst[place] = min(worst[place], held.kept[place] * worst[before])
            best[place] = max(best[place], held.kept[place] * best[before])
    mae, mfe = size * worst, size * best
    with np.errstate(over="ignore", invalid="ignore"):  # of next to nothing a percentage need not be a number
        percent = 100.0 / (size * entry)
        return mae, mae * percent, mfe, mfe * percent


def _price_ranges(
    held: _Held, is_long: BoolColumn, entry: FloatColumn, base: KlineSeries
) -> tuple[FloatColumn, FloatColumn]:
    """Return the lowest and the highest price of each row of one symbol, those of the fills at its ends included."""
    columns = base.columns
    entered = np.array(held.entered, np.int64)
    left = np.array(held.left, np.int64)
    closed = np.array(held.closed)
    first = base.index.counts_upto(entered - 1)
    stop = np.maximum(base.finished_at(left), first)
    last = np.maximum(stop - 1, 0)
    at_a_price = np.array([each in _AT_A_PRICE for each in held.purpose])
    is_cut = at_a_price & (stop > first) & (columns.open_ms[last] + base.period_ms == left)
    up = is_long == np.array([each is ExitReason.TAKE_PROFIT for each in held.purpose])
    low = np.where(up, columns.low[last], np.maximum(columns.low[last], closed))
    high = np.where(up, np.minimum(columns.high[last], closed), columns.high[last])
    spans = entered, first, stop - is_cut
    lowest = [_running(np.minimum, columns.low, *spans), np.where(is_cut, low, closed), closed, entry]
    highest = [_running(np.maximum, columns.high, *spans), np.where(is_cut, high, closed), closed, entry]
    return np.fmin.reduce(lowest), np.fmax.reduce(highest)


def _running(
    extreme: np.ufunc, column: FloatColumn, entered: TimeColumn, first: IntColumn, stop: IntColumn
) -> FloatColumn:
    """Return the extreme of `column` in [first, stop) of each row, nan where that is empty. Rows of one entry stand
    together, in order of their stops: each goes on from where the one before it ended.
    """
    again = np.concatenate(([False], entered[1:] == entered[:-1]))
    begin = np.where(again, np.minimum(np.concatenate((first[:1], stop[:-1])), stop), first)
    found = extremes_between(extreme, column, begin, stop)
    skip_nan = np.fmin if extreme is np.minimum else np.fmax
    for row in np.flatnonzero(again).tolist():
        found[row] = skip_nan(found[row], found[row - 1])
    return found
