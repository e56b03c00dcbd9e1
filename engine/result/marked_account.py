"""The account marked to market at any of its minutes, worked out after the run.

Between two changes of the account nothing but prices moves it, and without a position nothing at all. Nothing is kept
for each minute: what a minute is worth is worked out when it is asked for, so that memory does not grow with the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..account import AccountState, StateChanges
from ..market import HeldPrices, KnownPrices, Range
from ..market.series import FloatColumn, TimeColumn
from .minute_grid import IntColumn, MinuteGrid

BoolColumn = npt.NDArray[np.bool_]

#: So many minutes are looked at together: what is worked out for them stays in the processor's cache.
PART_ROWS = 1 << 14


class HeldSteps(NamedTuple):
    """The position in one symbol, step by step: signed size in coins (0.0 without one), and entry price."""

    symbol: str
    size: FloatColumn
    entry: FloatColumn


class HeldMinutes(NamedTuple):
    """The position in one symbol at some minutes, and the price of each."""

    held: HeldSteps
    times: TimeColumn
    size: FloatColumn
    entry: FloatColumn
    price: FloatColumn


class MarkedAccount:
    """An account that began as `opening` and then went through `changes` (in order of time), on a grid of minutes.

    It is kept in steps: its states, each from the `first` place on the grid at which it is seen, for `length` places.
    `cash` is that of each step in USD, `since` when it was there, `is_open` tells where there is a position, and `held`
    has that of each symbol. Of the market it keeps the `prices` of the symbols that were held.
    """

    def __init__(
        self, prices_of: Callable[[str], KnownPrices], changes: StateChanges, opening: AccountState, grid: MinuteGrid
    ) -> None:
        self.grid = grid
        times, cash, positions, ranges = _columns(opening, changes, grid.end_ms)
        self.prices = HeldPrices({symbol: prices_of(symbol) for symbol in ranges}, ranges)
        first = np.concatenate(([0], grid.places(times)))
        length = np.diff(first, append=len(grid))
        kept = np.flatnonzero(length > 0)  # of several changes in one minute only the last one's state is seen
        self.first, self.length, self.cash = first[kept], length[kept], cash[kept]
        self.since = grid.times_of(self.first)
        self.held: list[HeldSteps] = []
        self.is_open = np.zeros(len(kept), bool)
        for symbol, (size, entry) in sorted(positions.items()):
            self.held.append(HeldSteps(symbol, size[kept], entry[kept]))
            self.is_open |= size[kept] != 0.0

    def minutes_open(self) -> int:
        """Return for how many minutes there was a position."""
        return int(self._minutes()[self.is_open].sum())

    def minutes_in(self) -> dict[str, int]:
        """Return for how many minutes there was one in each symbol that had any."""
        minutes = self._minutes()
        return {held.symbol: int(minutes[held.size != 0.0].sum()) for held in self.held}

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

    def steps(self, places: IntColumn) -> tuple[slice, IntColumn]:
        """Return the steps of some places, in order, and how many of the places belong to each."""
        first, last = self.first.searchsorted(places[[0, -1]], "right").tolist()
        edges = places.searchsorted(self.first[first:last])
        return slice(first - 1, last), np.diff(np.concatenate(([0], edges, [len(places)])))

    def balance_at(self, places: IntColumn) -> FloatColumn:
        """Return cash at some places, which are in order."""
        steps, count = self.steps(places)
        return np.repeat(self.cash[steps], count)

    def equity_at(self, places: IntColumn) -> FloatColumn:
        """Return cash plus unrealised profit at some places, which are in order."""
        steps, count = self.steps(places)
        equity = np.repeat(self.cash[steps], count)
        for row in self.rows(places, steps, count):
            profit = row.price - row.entry
            profit *= row.size
            equity += profit
        return equity

    def notional_at(self, places: IntColumn) -> FloatColumn:
        """Return what all positions, long and short, are worth at some places, which are in order, in USD."""
        steps, count = self.steps(places)
        notional = np.zeros(len(places))
        for row in self.rows(places, steps, count):
            notional += np.abs(row.size) * row.price
        return notional

    def rows(self, places: IntColumn, steps: slice, count: IntColumn) -> Iterator[HeldMinutes]:
        """Yield what is held at some places of some steps, symbol by symbol in the order of their names."""
        held_there = [held for held in self.held if held.size[steps].any()]
        if not held_there:
            return
        times = self.grid.times_of(places)
        for held in held_there:
            size, entry = np.repeat(held.size[steps], count), np.repeat(held.entry[steps], count)
            price = self.prices.of(held.symbol).at_times(times)
            if price.min() == 0.0:
                price = np.where(price == 0.0, entry, price)
            yield HeldMinutes(held, times, size, entry, price)


def _columns(
    opening: AccountState, changes: StateChanges, end_ms: int
) -> tuple[TimeColumn, FloatColumn, dict[str, tuple[FloatColumn, FloatColumn]], dict[str, Range]]:
    """Return the time of each change, cash at the opening and after each of them, and by symbol its position then:
    signed size and entry price, both 0.0 without one; and from when until when it had one each time. The changes are
    gone through once.
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
    times = np.array(changes.times, np.int64)
    columns, ranges = {}, {}
    for symbol, (steps, *values) in found.items():
        size, entry = np.zeros((2, len(cash)))
        size[steps], entry[steps] = values
        columns[symbol] = size, entry
        ranges[symbol] = _ranges(np.array(steps), np.append(times, end_ms))
    return times, np.array(cash, np.float64), columns, ranges  # a balance may be given as an int


def _ranges(steps: IntColumn, times: TimeColumn) -> Range:
    """Return when some steps began, and when they were over, of those that follow one another the first and last."""
    first = np.flatnonzero(np.diff(steps, prepend=-1) != 1)
    last = np.append(first[1:], len(steps)) - 1
    return times[steps[first] - 1], times[steps[last]]
