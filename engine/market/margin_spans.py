"""What margin is judged on: one home for equity, maintenance, liquidation, and what the program is told of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .flow import LatestValue, TimedValues
from .series import FloatColumn, KlineColumns, TimeColumn, TimeIndex

BoolColumn = npt.NDArray[np.bool_]

_FEW = 8


class Marks(NamedTuple):
    """What is recorded of the mark price: rows, klines of the base period, and `all`: the rows, and the closes of the
    finest klines where no row has their time.
    """

    rows: TimedValues | None
    klines: KlineColumns | None
    all: LatestValue | None

    @classmethod
    def of(cls, rows: LatestValue | None, finest: KlineColumns | None, klines: KlineColumns | None) -> Marks:
        """Return the marks of a symbol; `klines` are the `finest` ones, in the base period."""
        if finest is None or not len(finest):
            return cls(None if rows is None else rows.rows, None, rows)
        times, values = finest.open_ms + finest.period_ms, finest.close
        if rows is not None:
            without = ~np.isin(times, rows.rows.timestamp_ms, assume_unique=True)
            times = np.concatenate((times[without], rows.rows.timestamp_ms))
            values = np.concatenate((values[without], rows.rows.value))
        order = np.argsort(times, kind="stable")
        return cls(None if rows is None else rows.rows, klines, LatestValue(TimedValues(times[order], values[order])))


class MarginSpans:
    """The prices that margin of one symbol is judged on.

    Klines (`start_ms`, `open`, `high`, `low`, each of `period_ms`): those of the mark price, and of the traded price
    those at whose close no mark is fresh. `row_ms` are the times of mark rows, which are judged at their instants. A
    mark is a row or the close of a mark kline, and fresh up to `stale_ms`. Without marks: the traded klines as they
    are. `traded` tells of each kline whether it is one of the traded price.
    """

    __slots__ = (
        "_base",
        "_base_index",
        "_stale_ms",
        "high",
        "index",
        "low",
        "marks",
        "open",
        "period_ms",
        "rows",
        "start_ms",
        "traded",
    )

    def __init__(self, base: KlineColumns, index: TimeIndex, marks: Marks, stale_ms: int) -> None:
        self.period_ms, self._stale_ms = base.period_ms, stale_ms
        self._base, self._base_index = base, index
        self.rows, self.marks = marks.rows, marks.all
        self.start_ms, self.open, self.high, self.low = base.open_ms, base.open, base.high, base.low
        self.index = index
        self.traded: BoolColumn | None = None
        if self.marks is not None:
            self._with_marks(base, marks.klines)

    def _with_marks(self, base: KlineColumns, mark_klines: KlineColumns | None) -> None:
        """Take the traded klines out at whose close a mark is fresh, and the mark klines in."""
        kept = base.where(np.isnan(self._fresh(base.open_ms + self.period_ms)))
        mark = self._fresh(kept.open_ms)
        opened = np.where(np.isnan(mark), kept.open, mark)
        parts = [(kept.open_ms, opened, np.fmax(kept.high, mark), np.fmin(kept.low, mark))]
        if mark_klines is not None:
            parts.append((mark_klines.open_ms, mark_klines.open, mark_klines.high, mark_klines.low))
        starts, *prices = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.argsort(starts, kind="stable")
        self.start_ms = starts[order]
        self.open, self.high, self.low = (column[order] for column in prices)
        self.traded = order < len(kept)
        self.index = TimeIndex(self.start_ms)

    def _fresh(self, times_ms: TimeColumn) -> FloatColumn:
        """Return at each time the newest mark where it is fresh, else nan."""
        assert self.marks is not None
        return self.marks.fresh_at(times_ms, self._stale_ms)

    def prices_at(self, times_ms: TimeColumn) -> FloatColumn:
        """Return the price at each time: the newest fresh mark, else the close of the last finished kline, else 0."""
        count = self._base_index.counts_upto(times_ms - self.period_ms)
        price = np.where(count > 0, self._base.close[np.maximum(count - 1, 0)], 0.0)
        if self.marks is None:
            return price
        mark = self._fresh(times_ms)
        return np.where(np.isnan(mark), price, mark)

    def finished_at(self, times_ms: TimeColumn) -> TimeColumn:
        """Return for each time how many klines have closed at or before it."""
        return self.index.counts_upto(times_ms - self.period_ms)

    def between(self, since_ms: int, until_ms: int) -> slice:
        """Return the klines that open in [since_ms, until_ms)."""
        return slice(self.index.count_before(since_ms), self.index.count_before(until_ms))

    def row_times(self, since_ms: int, until_ms: int) -> TimeColumn:
        """Return the times of the mark rows in [since_ms, until_ms)."""
        if self.rows is None:
            return np.empty(0, np.int64)
        times = self.rows.timestamp_ms
        return times[slice(*times.searchsorted((since_ms, until_ms)).tolist())]

    def worst(self, sign: int, since_ms: int, until_ms: int, now_ms: int) -> float:
        """Return a price that is at least as bad for a position of direction `sign` as all that margin may be judged at
        in [since_ms, until_ms), and at `now_ms`; 0.0 when there is none.
        """
        is_long, marks, index = sign > 0, self.marks, self._base_index
        known = index.count_upto(now_ms - self.period_ms)
        first = index.count_before(since_ms)
        last = first if marks is None else index.count_before(until_ms)
        closes = self._base.close[max(min(known, first) - 1, 0) : last]
        columns = [(self.low if is_long else self.high)[self.between(since_ms, until_ms)]]
        if marks is not None:
            times = marks.rows.timestamp_ms
            columns.append(self.prices_at(np.array([now_ms])))
            columns.append(marks.rows.value[slice(*times.searchsorted((since_ms, until_ms)).tolist())])
        furthest, reduce = (min, np.minimum.reduce) if is_long else (max, np.maximum.reduce)
        found = closes.tolist() if len(closes) <= _FEW else [float(reduce(closes))]  # the call takes longer than a few
        found += [float(reduce(each)) for each in columns if len(each)]
        return furthest(found, default=0.0)

    def row_extremes(self, adverse_low: BoolColumn, since_ms: TimeColumn, until_ms: TimeColumn) -> FloatColumn:
        """Return the lowest (where `adverse_low`) or highest mark row in each (since_ms, until_ms], nan without one."""
        if self.rows is None:
            return np.full(len(until_ms), np.nan)
        times, values = self.rows.timestamp_ms, np.append(self.rows.value, np.nan)
        first, stop = times.searchsorted(since_ms, side="right"), times.searchsorted(until_ms, side="right")
        ends = np.column_stack((first, np.maximum(stop, first))).ravel()
        found = [each.reduceat(values, ends)[::2] for each in (np.fmin, np.fmax)] if len(ends) else [values[:0]] * 2
        return np.where(stop > first, np.where(adverse_low, *found), np.nan)
