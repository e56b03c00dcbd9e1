"""The account marked to market at any of its minutes, worked out after the run.

Between two changes of the account nothing but prices moves it, and without a position nothing at all. Nothing is kept
for each minute: what a minute is worth is worked out when it is asked for, so that memory does not grow with the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..account import AccountState, MarginRules, StateChanges
from ..market import MarginSpans, MarketHistory
from ..market.series import FloatColumn, TimeColumn
from ..periods import MINUTE_MS
from .minute_grid import IntColumn, MinuteGrid

BoolColumn = npt.NDArray[np.bool_]

#: So many minutes are looked at together: what is worked out for them stays in the processor's cache.
PART_ROWS = 1 << 14


class MaintenanceBreach(NamedTuple):
    """The first minute in which equity, at the kline's adverse extreme, was at or below maintenance margin."""

    timestamp_ms: int
    equity: float
    maintenance_margin: float


class _Held(NamedTuple):
    """The position in one symbol, step by step: signed size in coins (0.0 without one), and entry price."""

    symbol: str
    spans: MarginSpans
    size: FloatColumn
    entry: FloatColumn


class _Row(NamedTuple):
    """The position in one symbol at some minutes, and the price of each."""

    held: _Held
    times: TimeColumn
    size: FloatColumn
    entry: FloatColumn
    price: FloatColumn


class MarkedAccount:
    """An account that began as `opening` and then went through `changes` (in order of time), on a grid of minutes.

    It is kept in steps: its states, each from the `first` place on the grid at which it is seen, for `length` places.
    `cash` is that of each step in USD, and `is_open` tells where there is a position.
    """

    def __init__(
        self, market: MarketHistory, changes: StateChanges, opening: AccountState, grid: MinuteGrid, mark_stale_ms: int
    ) -> None:
        self.grid = grid
        times, cash, positions = _columns(opening, changes)
        first = np.concatenate(([0], grid.places(times)))
        length = np.diff(first, append=len(grid))
        kept = np.flatnonzero(length > 0)  # of several changes in one minute only the last one's state is seen
        self.first, self.length, self.cash = first[kept], length[kept], cash[kept]
        self._since = grid.times_of(self.first)
        self._held = []
        self.is_open = np.zeros(len(kept), bool)
        for symbol, (size, entry) in sorted(positions.items()):
            spans = market.symbols[symbol].margin_spans(mark_stale_ms)
            self._held.append(_Held(symbol, spans, size[kept], entry[kept]))
            self.is_open |= size[kept] != 0.0

    def minutes_open(self) -> int:
        """Return for how many minutes there was a position."""
        return int(self._minutes()[self.is_open].sum())

    def minutes_in(self) -> dict[str, int]:
        """Return for how many minutes there was one in each symbol that had any."""
        minutes = self._minutes()
        return {held.symbol: int(minutes[held.size != 0.0].sum()) for held in self._held}

    def _minutes(self) -> IntColumn:
        """Return how many minutes each step lasts: one less for the last, as nothing comes after the end."""
        return np.diff(self.first, append=len(self.grid) - 1)

    def parts(self) -> Iterator[IntColumn]:
        """Yield, in order and in parts, the places at which equity may not be that of the place before: all with an
        open position, and the first of each step without one.
        """
        length = np.where(self.is_open, self.length, 1)
        stop = np.cumsum(length)
        begin, rows = stop - length, int(stop[-1])
        for row in range(0, rows, PART_ROWS):
            end = min(row + PART_ROWS, rows)
            steps = slice(int(stop.searchsorted(row, "right")), int(begin.searchsorted(end)))
            count = np.minimum(stop[steps], end) - np.maximum(begin[steps], row)
            yield np.arange(row, end) + np.repeat(self.first[steps] - begin[steps], count)

    def _steps(self, places: IntColumn) -> tuple[slice, IntColumn]:
        """Return the steps of some places, in order, and how many of the places belong to each."""
        first, last = self.first.searchsorted(places[[0, -1]], "right").tolist()
        edges = places.searchsorted(self.first[first:last])
        return slice(first - 1, last), np.diff(np.concatenate(([0], edges, [len(places)])))

    def balance_at(self, places: IntColumn) -> FloatColumn:
        """Return cash at some places, which are in order."""
        steps, count = self._steps(places)
        return np.repeat(self.cash[steps], count)

    def equity_at(self, places: IntColumn) -> FloatColumn:
        """Return cash plus unrealised profit at some places, which are in order."""
        steps, count = self._steps(places)
        equity = np.repeat(self.cash[steps], count)
        for row in self._rows(places, steps, count):
            profit = row.price - row.entry
            profit *= row.size
            equity += profit
        return equity

    def _rows(self, places: IntColumn, steps: slice, count: IntColumn) -> Iterator[_Row]:
        """Yield what is held at some places of some steps, symbol by symbol in the order of their names."""
        held_there = [held for held in self._held if held.size[steps].any()]
        if not held_there:
            return
        times = self.grid.times_of(places)
        for held in held_there:
            size, entry = np.repeat(held.size[steps], count), np.repeat(held.entry[steps], count)
            price = held.spans.prices_at(times)
            if price.min() == 0.0:
                price = np.where(price == 0.0, entry, price)
            yield _Row(held, times, size, entry, price)

    def lowest(self, known: float) -> float:
        """Return the lowest equity (USD) with all positions marked at the adverse extreme of a kline that they were
        held through; `known`, the lowest at the prices of the minutes, when that is lower.

        It is worked out minute by minute for those steps only whose worst prices, each at any time, could make it.
        """
        bound = self.cash.copy()
        until = self.grid.times_of(self.first + self.length - 1)
        for held in self._held:
            steps = np.flatnonzero(held.size)
            bound[steps] += held.size[steps] * (self._worst_in(held, steps, until[steps]) - held.entry[steps])
        for step in np.argsort(bound).tolist():
            if not bound[step] < known:
                break
            begin, end = self.first.item(step), self.first.item(step) + self.length.item(step)
            for place in range(begin, end, PART_ROWS):
                known = min(known, float(self._adverse(np.arange(place, min(place + PART_ROWS, end)))[0].min()))
        return known

    def _worst_in(self, held: _Held, steps: IntColumn, until: TimeColumn) -> FloatColumn:
        """Return for some steps a price at least as bad for a position as all that count in them; of a single symbol
        without those of the minutes, at which equity is known: nan without any.
        """
        spans, since, is_long = held.spans, self._since[steps], held.size[steps] > 0.0
        worst = spans.worst_between(is_long, since, until)
        if len(self._held) == 1:
            return worst
        first = spans.prices_at(since)
        first = np.where(first == 0.0, held.entry[steps], first)
        found = worst, first, spans.worst_price_between(is_long, since, until)
        return np.asarray(np.where(is_long, np.fmin.reduce(found), np.fmax.reduce(found)))

    def first_breach(self, margins: MarginRules) -> MaintenanceBreach | None:
        """Return where equity, at adverse prices, was first at or below maintenance margin; None where it never was."""
        for places in self.parts():
            equity, maintenance = self._adverse(places, margins)
            steps, count = self._steps(places)
            below = np.flatnonzero((equity <= maintenance) & np.repeat(self.is_open[steps], count))
            if len(below):
                at = below.item(0)
                return MaintenanceBreach(self.grid.time_of(places.item(at)), equity.item(at), maintenance.item(at))
        return None

    def _adverse(self, places: IntColumn, margins: MarginRules | None = None) -> tuple[FloatColumn, FloatColumn]:
        """Return equity and maintenance margin (0.0 without `margins`) at the adverse prices of some places, which are
        in order.
        """
        steps, count = self._steps(places)
        equity, maintenance = np.repeat(self.cash[steps], count), np.zeros(len(places))
        since = np.repeat(self._since[steps], count)
        for row in self._rows(places, steps, count):
            worst = _worst(row, since)
            equity += row.size * (worst - row.entry)
            if margins is not None:
                notional = np.abs(row.size) * worst
                maintenance += margins.instrument(row.held.symbol).maintenance_margins(notional)
        return equity, maintenance


def _columns(
    opening: AccountState, changes: StateChanges
) -> tuple[TimeColumn, FloatColumn, dict[str, tuple[FloatColumn, FloatColumn]]]:
    """Return the time of each change, cash at the opening and after each of them, and by symbol its position then:
    signed size and entry price, both 0.0 without one. The changes are gone through once.
    """
    cash = [opening.cash]
    found: dict[str, tuple[list[int], list[float], list[float]]] = defaultdict(lambda: ([], [], []))
    for step, state in enumerate(changes.states, 1):
        cash.append(state.cash)
        for symbol, held in state.holdings.items():
            steps, sizes, entries = found[symbol]
            steps.append(step)
            sizes.append(held.sign * held.size)
            entries.append(held.entry_price)
    columns = {}
    for symbol, (steps, *values) in found.items():
        size, entry = np.zeros((2, len(cash)))
        size[steps], entry[steps] = values
        columns[symbol] = size, entry
    return np.array(changes.times, np.int64), np.array(cash, np.float64), columns  # a balance may be given as an int


def _worst(row: _Row, since: TimeColumn) -> FloatColumn:
    """Return at each time the low (long) or high (short) of the kline that closes right then, if it opened when the
    account had its state already (`since`), and of the mark rows of the minute before, else the price.
    """
    spans, times = row.held.spans, row.times
    count = spans.finished_at(times)
    last = np.maximum(count - 1, 0)
    is_long = row.size > 0.0
    worst = row.price
    if len(spans.start_ms):
        opened = spans.start_ms[last]
        is_held = (opened + spans.period_ms == times) & (opened >= since) & (count > 0)
        worst = np.where(is_held, np.where(is_long, spans.low[last], spans.high[last]), row.price)
    if spans.rows is None:
        return worst
    rows = spans.row_extremes(is_long, np.maximum(times - MINUTE_MS, since - 1), times)
    return np.where(is_long, np.fmin(worst, rows), np.fmax(worst, rows))
