"""The equity curve: the account marked to market at every whole UTC minute, worked out after the run.

Between two changes of the account nothing but prices moves it, and without a position nothing at all: the work is
done for the instants with an open position only, and the full columns are made when they are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..account import AccountState, MarginRules, StateChange
from ..market import MarginSpans, MarketHistory
from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS, MINUTE_MS
from .statistics import drawdowns

IntColumn = npt.NDArray[np.int64]
BoolColumn = npt.NDArray[np.bool_]
MAX_POINTS = 2_000


class MinuteGrid:
    """The instants of an equity curve: start, every whole UTC minute between, end (epoch ms)."""

    def __init__(self, start_ms: int, end_ms: int) -> None:
        self.start_ms, self.end_ms = start_ms, end_ms
        self._first = start_ms - start_ms % MINUTE_MS + MINUTE_MS
        self._minutes = max(-((self._first - end_ms) // MINUTE_MS), 0)

    def __len__(self) -> int:
        return self._minutes + 2

    def times_of(self, places: IntColumn) -> TimeColumn:
        """Return the instants at some places."""
        times = self._first + (places - 1) * MINUTE_MS
        times[places == 0] = self.start_ms
        times[places == len(self) - 1] = self.end_ms
        return times

    def places(self, times: TimeColumn) -> IntColumn:
        """Return for each time the place of the first instant at or after it (the length when there is none)."""
        places = 1 + np.clip(-((self._first - times) // MINUTE_MS), 0, self._minutes)
        places[times <= self.start_ms] = 0
        places[times > self.end_ms] = len(self)
        return places

    def midnights(self) -> IntColumn:
        """Return the places of start, every 00:00 UTC between, and end."""
        first = self.start_ms - self.start_ms % DAY_MS + DAY_MS
        days = np.arange(first, self.end_ms, DAY_MS, dtype=np.int64)
        return np.concatenate(([0], self.places(days), [len(self) - 1]))


class MaintenanceBreach(NamedTuple):
    """The first minute in which equity, at the kline's adverse extreme, was at or below maintenance margin."""

    timestamp_ms: int
    equity: float
    maintenance_margin: float


class Falls(NamedTuple):
    """The largest fall in USD and in percent; how long the longest stretch below a peak took, from the peak until it
    was reached again or to the end; and how long the way back from the largest fall, in percent, took: None when there
    was none, or no way back.
    """

    usd: float
    percent: float
    longest_ms: int
    recovery_ms: int | None


class _Steps:
    """The states of an account, each from its first place on the grid to the next one's."""

    def __init__(self, grid: MinuteGrid, opening: AccountState, changes: Sequence[StateChange]) -> None:
        changed = grid.places(np.array([change.timestamp for change in changes], np.int64))
        first = np.concatenate(([0], changed))
        length = np.diff(np.append(first, len(grid)))
        kept = np.flatnonzero(length > 0)  # of several changes in one minute only the last one's state is seen
        states = [opening, *(change.state for change in changes)]
        self.states = [states[step] for step in kept.tolist()]
        self.first, self.length = first[kept], length[kept]
        self.cash = np.array([state.cash for state in self.states], np.float64)  # a balance may be given as an int
        self.is_open = np.array([bool(state.holdings) for state in self.states])

    def open_places(self) -> tuple[IntColumn, IntColumn]:
        """Return the places with an open position, and for each the step it belongs to."""
        steps = np.flatnonzero(self.is_open)
        length = self.length[steps]
        before = np.cumsum(length) - length
        places = np.arange(int(length.sum())) + np.repeat(self.first[steps] - before, length)
        return places, np.repeat(steps, length)

    def with_open(self, places: IntColumn, equity: FloatColumn) -> tuple[IntColumn, FloatColumn]:
        """Return the open places and the first place of each step without a position, in order, and equity there."""
        flat = ~self.is_open
        insert = np.searchsorted(places, self.first[flat])
        return np.insert(places, insert, self.first[flat]), np.insert(equity, insert, self.cash[flat])


class EquityCurve:
    """Equity and balance (cash) in USD at each of `timestamp_ms`, as read-only columns of one length.

    `worst_intrabar` is the lowest equity with all positions marked at the adverse extreme of a kline that they were
    held through; `minutes_open` counts the minutes with a position, `minutes_in` those with one in each symbol that had
    any; `compact` is the equity at every instant at which it can change, in order, which has every extreme of the full
    column; `ruined_at` is the first instant (epoch ms) at which it is 0 or below, None when it never is.
    """

    def __init__(
        self,
        grid: MinuteGrid,
        steps: _Steps,
        open_places: IntColumn,
        open_equity: FloatColumn,
        size_of: Mapping[str, FloatColumn],
        lowest: float,
        breach: MaintenanceBreach | None,
    ) -> None:
        self._grid, self._steps = grid, steps
        self._open_places, self._open_equity = open_places, open_equity
        self.minutes_open = int(np.count_nonzero(open_places < len(grid) - 1))
        self.minutes_in = {name: int(np.count_nonzero(size[: self.minutes_open])) for name, size in size_of.items()}
        self._places, self.compact = steps.with_open(open_places, open_equity)
        self.worst_intrabar, self.breach = min(float(self.compact.min()), lowest), breach
        ruined = self._places[self.compact <= 0.0]
        self._ruin = int(ruined[0]) if len(ruined) else None
        self.ruined_at = None if self._ruin is None else self._time_of(self._ruin)

    def __len__(self) -> int:
        return len(self._grid)

    @cached_property
    def timestamp_ms(self) -> TimeColumn:
        """The instants: start, every whole UTC minute, end."""
        times = self._grid.times_of(np.arange(len(self)))
        times.flags.writeable = False
        return times

    @cached_property
    def balance(self) -> FloatColumn:
        """Cash at each instant."""
        balance = np.repeat(self._steps.cash, self._steps.length)
        balance.flags.writeable = False
        return balance

    @cached_property
    def equity(self) -> FloatColumn:
        """Cash plus unrealised profit at each instant."""
        equity = self.balance.copy()
        equity[self._open_places] = self._open_equity
        equity.flags.writeable = False
        return equity

    @property
    def drawdown(self) -> FloatColumn:
        """Peak so far - equity, in USD, at each instant."""
        return np.asarray(np.maximum.accumulate(self.equity) - self.equity)

    @property
    def final(self) -> float:
        """Equity at the end."""
        return float(self.compact[-1])

    def _time_of(self, place: int) -> int:
        return int(self._grid.times_of(np.array([place]))[0])

    def daily(self) -> tuple[TimeColumn, FloatColumn]:
        """Return start, every 00:00 UTC between and end, and the equity at each; of a ruined account up to its ruin."""
        places = self._grid.midnights()
        if self._ruin is not None:
            places = np.append(places[places < self._ruin], self._ruin)
        return self._grid.times_of(places), self.equity[places]

    def falls(self) -> Falls:
        """Return its falls below the peak so far, and how long they took."""
        found = drawdowns(self.compact)
        after = np.append(self._places, len(self) - 1)  # of what is never reached again: the end
        fell = self._grid.times_of(after[found.below] - 1)
        longest = int((self._grid.times_of(after[found.again]) - fell).max(initial=0))
        back, took = found.recovered, None
        if back is not None:
            took = self._time_of(after.item(back)) - self._time_of(after.item(found.trough))
        return Falls(found.usd, found.percent, longest, took)

    def points(self, most: int = MAX_POINTS) -> list[dict[str, Any]]:
        """Return at most `most` points as plain values: the first, the last, and each bucket's extremes."""
        keep = sample_extremes(self.equity, most)
        columns = (self.timestamp_ms, self.equity, self.balance, self.drawdown)
        names = ("timestamp", "equity", "balance", "drawdown")
        rows = zip(*(column[keep].tolist() for column in columns), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]


def sample_extremes(values: FloatColumn, most: int) -> IntColumn:
    """Return at most `most` places of `values`, sorted: first, last, and the extremes of equal buckets between."""
    size = len(values)
    if size <= most:
        return np.arange(size)
    buckets = max((most - 2) // 2, 1)
    width = -(-size // buckets)
    padded = np.full(buckets * width, values[-1])
    padded[:size] = values
    table = padded.reshape(buckets, width)
    offset = np.arange(buckets) * width
    keep = np.concatenate(([0], offset + table.argmin(1), offset + table.argmax(1), [size - 1]))
    return np.unique(np.minimum(keep, size - 1))


def mark_to_market(
    market: MarketHistory,
    changes: Sequence[StateChange],
    opening: AccountState,
    grid: MinuteGrid,
    mark_stale_ms: int,
    margins: MarginRules,
) -> EquityCurve:
    """Return the curve of an account that began as `opening` and then went through `changes` (in order of time)."""
    steps = _Steps(grid, opening, changes)
    places, step = steps.open_places()
    times = grid.times_of(places)
    since = grid.times_of(steps.first)[step]
    equity = steps.cash[step]
    adverse = equity.copy()
    maintenance = np.zeros(len(places))
    size_of = {}
    for symbol in sorted({symbol for state in steps.states for symbol in state.holdings}):
        holdings = [state.holdings.get(symbol) for state in steps.states]
        size = size_of[symbol] = np.array([0.0 if each is None else each.sign * each.size for each in holdings])[step]
        entry = np.array([0.0 if each is None else each.entry_price for each in holdings])[step]
        spans = market.symbols[symbol].margin_spans(mark_stale_ms)
        price = spans.prices_at(times)
        price = np.where(price == 0.0, entry, price)
        worst = _worst(spans, times, size, since, price)
        equity += size * (price - entry)
        adverse += size * (worst - entry)
        maintenance += margins.instrument(symbol).maintenance_margins(np.abs(size) * worst)
    lowest = float(adverse.min(initial=np.inf))
    return EquityCurve(grid, steps, places, equity, size_of, lowest, _first_breach(times, adverse, maintenance))


def _worst(
    spans: MarginSpans, times: TimeColumn, size: FloatColumn, since: TimeColumn, price: FloatColumn
) -> FloatColumn:
    """Return at each time the low (long) or high (short) of the kline that closes right then, if it opened when the
    account had its state already (`since`), and of the mark rows of the minute before, else the price.
    """
    count = spans.finished_at(times)
    last = np.maximum(count - 1, 0)
    is_long = size > 0.0
    worst = price
    if len(spans.start_ms):
        opened = spans.start_ms[last]
        is_held = (opened + spans.period_ms == times) & (opened >= since) & (count > 0)
        worst = np.where(is_held, np.where(is_long, spans.low[last], spans.high[last]), price)
    if spans.rows is None:
        return worst
    rows = spans.row_extremes(is_long, np.maximum(times - MINUTE_MS, since - 1), times)
    return np.where(is_long, np.fmin(worst, rows), np.fmax(worst, rows))


def _first_breach(times: TimeColumn, equity: FloatColumn, maintenance: FloatColumn) -> MaintenanceBreach | None:
    below = np.flatnonzero(equity <= maintenance)
    if not len(below):
        return None
    at = below[0]
    return MaintenanceBreach(times.item(at), equity.item(at), maintenance.item(at))
