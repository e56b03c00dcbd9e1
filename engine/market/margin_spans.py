"""What margin is judged on: one home for equity, maintenance, liquidation, and what the program is told of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .flow import LatestValue, TimedValues
from .known_prices import KnownPrices
from .series import FloatColumn, FurthestAhead, KlineColumns, TimeColumn, TimeIndex, extremes_between

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


class _Ahead(NamedTuple):
    """Bounds of the prices that are known `lag_ms` after their times."""

    times: TimeIndex
    lag_ms: int
    bounds: FurthestAhead


class MarginSpans:
    """The prices that margin of one symbol is judged on.

    Klines (`start_ms`, `open`, `high`, `low`, each of `period_ms`): those of the mark price, and of the traded price
    those at whose close no mark is fresh. `row_ms` are the times of mark rows, which are judged at their instants. A
    mark is a row or the close of a mark kline, and fresh up to `stale_ms`. Without marks: the traded klines as they
    are. `traded` tells of each kline whether it is one of the traded price. `begin` is where its own way begins: where
    a mark goes stale in a traded kline the price jumps from it to the traded one. `prices` are those of its instants.
    """

    __slots__ = (
        "_ahead",
        "_base",
        "_base_index",
        "_stale_ms",
        "begin",
        "high",
        "index",
        "low",
        "marks",
        "open",
        "period_ms",
        "prices",
        "rows",
        "start_ms",
        "traded",
    )

    def __init__(self, base: KlineColumns, index: TimeIndex, marks: Marks, stale_ms: int) -> None:
        self.period_ms, self._stale_ms = base.period_ms, stale_ms
        self._base, self._base_index = base, index
        self.rows, self.marks = marks.rows, marks.all
        self.prices = KnownPrices(self.period_ms, base.open_ms, base.close, self.marks, stale_ms, index)
        self.start_ms, self.open, self.high, self.low = base.open_ms, base.open, base.high, base.low
        self.begin = self.open
        self.index = index
        self.traded: BoolColumn | None = None
        self._ahead: dict[int, list[_Ahead]] = {}
        if self.marks is not None:
            self._with_marks(base, marks.klines)

    def _with_marks(self, base: KlineColumns, mark_klines: KlineColumns | None) -> None:
        """Take the traded klines out at whose close a mark is fresh, and the mark klines in."""
        kept = base.where(np.isnan(self._fresh(base.open_ms + self.period_ms)))
        mark = self._fresh(kept.open_ms)
        opened = np.where(np.isnan(mark), kept.open, mark)
        parts = [(kept.open_ms, opened, kept.open, np.fmax(kept.high, mark), np.fmin(kept.low, mark))]
        if mark_klines is not None:
            begin = mark_klines.open
            parts.append((mark_klines.open_ms, begin, begin, mark_klines.high, mark_klines.low))
        starts, *prices = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        order = np.argsort(starts, kind="stable")
        self.start_ms = starts[order]
        self.open, self.begin, self.high, self.low = (column[order] for column in prices)
        self.traded = order < len(kept)
        self.index = TimeIndex(self.start_ms)

    def _fresh(self, times_ms: TimeColumn) -> FloatColumn:
        """Return at each time the newest mark where it is fresh, else nan."""
        assert self.marks is not None
        return self.marks.fresh_at(times_ms, self._stale_ms)

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
            columns.append(self.prices.at_times(np.array([now_ms])))
            columns.append(marks.rows.value[slice(*times.searchsorted((since_ms, until_ms)).tolist())])
        furthest, reduce = (min, np.minimum.reduce) if is_long else (max, np.maximum.reduce)
        found = closes.tolist() if len(closes) <= _FEW else [float(reduce(closes))]  # the call takes longer than a few
        found += [float(reduce(each)) for each in columns if len(each)]
        return furthest(found, default=0.0)

    def worst_ahead(self, sign: int, now_ms: int) -> float:
        """Return a price that is at least as bad for a position of direction `sign` as all that margin may ever be
        judged at from `now_ms` on; 0.0 when there is none.
        """
        ahead = self._ahead.get(sign)
        if ahead is None:
            ahead = self._ahead[sign] = self._all_ahead(sign)
        furthest = min if sign > 0 else max
        found = 0.0
        for times, lag_ms, bounds in ahead:
            count = times.count_upto(now_ms - lag_ms)
            worst = bounds.at(count - 1 if count else 0)  # what was the newest then may be what is judged on
            if worst is not None:
                found = furthest(found, worst) if found else worst
        return found

    def _all_ahead(self, sign: int) -> list[_Ahead]:
        extreme, own = (np.minimum, self.low) if sign > 0 else (np.maximum, self.high)
        if self.marks is None:  # then they are of the same klines
            return [_Ahead(self.index, self.period_ms, FurthestAhead(extreme, own, self._base.close))]
        rows = self.marks.rows
        return [
            _Ahead(self.index, self.period_ms, FurthestAhead(extreme, own)),
            _Ahead(self._base_index, self.period_ms, FurthestAhead(extreme, self._base.close)),
            _Ahead(TimeIndex(rows.timestamp_ms), 0, FurthestAhead(extreme, rows.value)),
        ]

    def worst_between(self, is_long: BoolColumn, since_ms: TimeColumn, until_ms: TimeColumn) -> FloatColumn:
        """Return for each [since, until] the worst for a position, long or short, of the klines in it and of the mark
        rows: nan without any.
        """
        first, stop = self.index.counts_upto(since_ms - 1), self.finished_at(until_ms)
        worst = _worst(is_long, self.low, self.high, first, stop)
        rows = self.row_extremes(is_long, since_ms - 1, until_ms)
        return np.where(is_long, np.fmin(worst, rows), np.fmax(worst, rows))

    def worst_price_between(self, is_long: BoolColumn, since_ms: TimeColumn, until_ms: TimeColumn) -> FloatColumn:
        """Return for each [since, until] a price that is at least as bad for a position, long or short, as all of
        `prices` in it: nan where there is none.
        """
        closes, index = self._base.close, self._base_index
        known, stop = (index.counts_upto(times - self.period_ms) for times in (since_ms, until_ms))
        worst = _worst(is_long, closes, closes, np.maximum(known - 1, 0), stop)
        if self.marks is None:
            return worst
        times, values = self.marks.rows.timestamp_ms, self.marks.rows.value
        known, stop = (times.searchsorted(ends, side="right") for ends in (since_ms, until_ms))
        marks = _worst(is_long, values, values, np.maximum(known - 1, 0), stop)
        return np.where(is_long, np.fmin(worst, marks), np.fmax(worst, marks))

    def row_extremes(self, adverse_low: BoolColumn, since_ms: TimeColumn, until_ms: TimeColumn) -> FloatColumn:
        """Return the lowest (where `adverse_low`) or highest mark row in each (since_ms, until_ms], nan without one."""
        if self.rows is None:
            return np.full(len(until_ms), np.nan)
        times, values = self.rows.timestamp_ms, self.rows.value
        first, stop = times.searchsorted(since_ms, side="right"), times.searchsorted(until_ms, side="right")
        return _worst(adverse_low, values, values, first, stop)


def _worst(
    is_long: BoolColumn, low: FloatColumn, high: FloatColumn, first: TimeColumn, stop: TimeColumn
) -> FloatColumn:
    """Return the lowest of `low` (long) or the highest of `high` (short) in each [first, stop), nan where empty."""
    found = np.empty(len(is_long))
    for extreme, column, side in ((np.fmin, low, is_long), (np.fmax, high, ~is_long)):
        found[side] = extremes_between(extreme, column, first[side], stop[side])
    return found
