"""The equity curve: the account marked to market at every whole UTC minute, and what is read off it.

It goes through the minutes in parts and carries on what it needs; the columns of all minutes are made when they are
read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..account import MarginRules
from ..market.series import FloatColumn, TimeColumn, read_only
from .adverse_marks import AdverseMarks
from .marked_account import PART_ROWS, MarkedAccount
from .minute_grid import IntColumn
from .statistics import Drawdowns

MAX_POINTS = 2_000
#: What is made when it is read.
_COLUMNS = ("timestamp_ms", "balance", "equity", "_days")


class Falls(NamedTuple):
    """The largest fall in USD and in percent; how long the longest stretch below a peak took, from the peak until it
    was reached again or to the end; and how long the way back from the largest fall, in percent, took: None when there
    was none, or no way back. When that one began and was deepest, and what all `stretches` come to on average: None
    without any.
    """

    usd: float
    percent: float
    longest_ms: int
    recovery_ms: int | None
    from_ms: int | None
    at_ms: int | None
    stretches: int
    average_percent: float | None
    average_ms: int | None


class CurvePart(NamedTuple):
    """Some instants of an equity curve that follow one another: its columns, see `EquityCurve`."""

    timestamp_ms: TimeColumn
    equity: FloatColumn
    balance: FloatColumn
    drawdown: FloatColumn


class EquityCurve:
    """Equity and balance (cash) in USD at each of `timestamp_ms`, as read-only columns of one length.

    `falls` are its falls below the peak so far; `worst_intrabar` is the lowest equity with all positions marked at the
    adverse extreme of a kline that they were held through; `minutes_open` counts the minutes with a position,
    `minutes_in` those with one in each symbol that had any; `final` is the equity at the end, `highest` its peak;
    `ruined_at` is the first instant (epoch ms) at which it is 0 or below, None when it never is; `breach` is the first
    minute at or below the maintenance margin, None without one and where no `margins` are given. Of the market it keeps
    the prices of the symbols that were held.
    """

    def __init__(self, account: MarkedAccount, worst: AdverseMarks, margins: MarginRules | None = None) -> None:
        self._account, self._grid, self.prices = account, account.grid, account.prices
        self.minutes_open, self.minutes_in = account.minutes_open(), account.minutes_in()
        self._ruin: int | None = None
        self.falls = self._look_through(worst)
        self.breach = None if margins is None else worst.first_breach(margins)
        self.ruined_at = None if self._ruin is None else self._grid.time_of(self._ruin)

    def _look_through(self, worst: AdverseMarks) -> Falls:
        """Go through it once, find its end, its lowest value and its ruin, and return its falls."""
        found, lowest = Drawdowns(), []
        begun, reached = [], []
        for places in self._account.parts():
            equity = self._account.equity_at(places)
            below, again = found.add(places, equity)
            begun.append(below)
            reached.append(again)
            lowest.append(float(equity.min()))
            if self._ruin is None and lowest[-1] <= 0.0:
                self._ruin = places.item(int((equity <= 0.0).argmax()))
            self.final = equity.item(-1)
        self.worst_intrabar = worst.lowest(min(lowest))
        self.highest = found.highest
        lasted = self._grid.times_of(np.concatenate(reached)) - self._grid.times_of(np.concatenate(begun) - 1)
        return self._falls(found, lasted)

    def _falls(self, found: Drawdowns, lasted: TimeColumn) -> Falls:
        time_of, depths = self._grid.time_of, np.concatenate([np.empty(0), *found.depths])
        if found.below is not None:
            lasted = np.append(lasted, self._grid.end_ms - time_of(found.below - 1))
            depths = np.append(depths, found.depth)
        if not len(lasted):
            return Falls(found.usd, found.percent, 0, None, None, None, 0, None, None)
        took = None if found.recovered is None else time_of(found.recovered) - time_of(found.trough)
        return Falls(
            found.usd,
            found.percent,
            int(lasted.max()),
            took,
            time_of(found.fell_from),
            time_of(found.trough),
            len(lasted),
            float(depths.mean()),
            round(int(lasted.sum()) / len(lasted)),
        )

    def __len__(self) -> int:
        return len(self._grid)

    def __getstate__(self) -> dict[str, Any]:
        # without the columns of all minutes, which are made again
        return {name: value for name, value in vars(self).items() if name not in _COLUMNS}

    @cached_property
    def timestamp_ms(self) -> TimeColumn:
        """The instants: start, every whole UTC minute, end."""
        return read_only(self._grid.times_of(np.arange(len(self))), np.int64)

    @cached_property
    def balance(self) -> FloatColumn:
        """Cash at each instant."""
        return read_only(np.repeat(self._account.cash, self._account.length), np.float64)

    @cached_property
    def equity(self) -> FloatColumn:
        """Cash plus unrealised profit at each instant."""
        equity = self.balance.copy()
        for places in self._account.parts():
            equity[places] = self._account.equity_at(places)
        return read_only(equity, np.float64)

    @property
    def drawdown(self) -> FloatColumn:
        """Peak so far - equity, in USD, at each instant."""
        return np.asarray(np.maximum.accumulate(self.equity) - self.equity)

    @property
    def notional(self) -> FloatColumn:
        """The worth of all positions, long and short, in USD, at each instant."""
        notional = np.zeros(len(self))
        for places in self._account.parts():
            notional[places] = self._account.notional_at(places)
        return notional

    def parts(self, rows: int = PART_ROWS) -> Iterator[CurvePart]:
        """Yield its columns in parts of so many rows: for who reads all of a long curve and keeps little of it."""
        peak = -np.inf
        for begin in range(0, len(self), rows):
            places = np.arange(begin, min(begin + rows, len(self)))
            equity = self._account.equity_at(places)
            peaks = np.maximum(np.maximum.accumulate(equity), peak)
            peak = peaks.item(-1)
            yield CurvePart(self._grid.times_of(places), equity, self._account.balance_at(places), peaks - equity)

    def daily(self) -> tuple[TimeColumn, FloatColumn]:
        """Return start, every 00:00 UTC between and end, and the equity at each; of a ruined account up to its ruin."""
        return self._days

    @cached_property
    def _days(self) -> tuple[TimeColumn, FloatColumn]:
        places = self._grid.midnights()
        if self._ruin is not None:
            places = np.append(places[places < self._ruin], self._ruin)
        equity = self._account.equity_at(places)
        return read_only(self._grid.times_of(places), np.int64), read_only(equity, np.float64)

    def points(self, most: int = MAX_POINTS) -> list[dict[str, Any]]:
        """Return at most `most` points as plain values: the first, the last, and each bucket's extremes."""
        names = ("timestamp", "equity", "balance", "drawdown")
        width, begin, points = _bucket_width(len(self), most), 0, []
        for part in self.parts(width * -(-PART_ROWS // width)):
            end = begin + len(part.equity)
            ends = [0] * (begin == 0) + [end - begin - 1] * (end == len(self))
            keep = np.union1d(_extremes(part.equity, width), np.array(ends, np.int64))
            rows = zip(*(column[keep].tolist() for column in part), strict=True)
            points += [dict(zip(names, row, strict=True)) for row in rows]
            begin = end
        return points


def sample_extremes(values: FloatColumn, most: int) -> IntColumn:
    """Return at most `most` places of `values`, sorted: first, last, and the extremes of equal buckets between."""
    return np.union1d(_extremes(values, _bucket_width(len(values), most)), [0, len(values) - 1])


def _bucket_width(size: int, most: int) -> int:
    """Return how long the buckets are of which extremes are kept; 1 where all values may be."""
    return 1 if size <= most else -(-size // max((most - 2) // 2, 1))


def _extremes(values: FloatColumn, width: int) -> IntColumn:
    """Return the places of the lowest and the highest value of each bucket; the last bucket may be shorter."""
    padded = np.append(values, np.full(-len(values) % width, values[-1]))
    table = padded.reshape(-1, width)
    offset = np.arange(len(table)) * width
    return np.concatenate((offset + table.argmin(1), offset + table.argmax(1)))
