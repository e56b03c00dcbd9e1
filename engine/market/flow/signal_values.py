"""The flow metrics as signals compare them: the figure of the newest bucket at many instants at once."""

from __future__ import annotations

from functools import cached_property
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn, TimeColumn
from .buckets import WINDOW_BUCKETS, Buckets
from .catalogue import SIGNAL_METRICS
from .history import FlowHistory
from .metric import Kept, Metric


class FlowAtTimes:
    """The flow of one symbol at many instants (epoch ms, increasing); NaN where there are not enough rows."""

    def __init__(self, flow: FlowHistory, times_ms: TimeColumn) -> None:
        self._flow, self._times = flow, times_ms
        self._rows: dict[str, TimeColumn] = {}
        self._newest: dict[tuple[str, int], _BucketAtTimes | None] = {}
        self._values: dict[tuple[str, int], FloatColumn] = {}

    def values(self, metric: str, interval_ms: int) -> FloatColumn:
        """Return a signal metric (one of `SIGNAL_METRICS`) at each instant."""
        key = metric, interval_ms
        if key not in self._values:
            asked = SIGNAL_METRICS[metric]
            newest = self._newest_bucket(asked.table, interval_ms)
            self._values[key] = self._nothing() if newest is None else self._figures(asked, newest)
        return self._values[key]

    def kept(self, metric: str, interval_ms: int) -> tuple[FloatColumn, ...]:
        """Return what is kept of the newest bucket for a signal metric at each instant."""
        asked = SIGNAL_METRICS[metric]
        newest = self._newest_bucket(asked.table, interval_ms)
        return tuple(self._nothing() if newest is None else newest.figure(kept) for kept in asked.kept)

    def _nothing(self) -> FloatColumn:
        return np.full(len(self._times), nan)

    def _newest_bucket(self, table: str, interval_ms: int) -> _BucketAtTimes | None:
        key = table, interval_ms
        if key not in self._newest:
            buckets = self._flow.buckets(table, interval_ms)
            if buckets is not None and table not in self._rows:
                self._rows[table] = buckets.rows_upto(self._times) - 1
            begins = self._times - WINDOW_BUCKETS * interval_ms
            self._newest[key] = None if buckets is None else _BucketAtTimes(buckets, self._rows[table], begins)
        return self._newest[key]

    def _figures(self, metric: Metric, newest: _BucketAtTimes) -> FloatColumn:
        arguments = [newest.figure(kept) for kept in metric.kept]
        before = newest.before() if metric.against_previous else None
        if before is not None:
            arguments = [*(before.figure(kept) for kept in metric.kept), *arguments]
        if metric.times_mark:
            arguments.append(self._marks(newest.ends_ms, metric.signal_stand_in))
        figures: FloatColumn = metric.for_columns(*arguments)
        if before is None or isnan(metric.first):
            return figures
        return np.where(newest.is_there & ~before.is_there, metric.first, figures)

    def _marks(self, ends_ms: TimeColumn, stand_in: float) -> FloatColumn:
        """Return the last mark price of each bucket as far as it is known at its instant."""
        if self._flow.mark_price is None:
            return np.full(len(self._times), stand_in)
        marks = self._flow.mark_price.rows
        count = np.searchsorted(marks.timestamp_ms, np.minimum(ends_ms, self._times), side="right")
        return np.where(count > 0, marks.value[np.maximum(count - 1, 0)], stand_in)


class _BucketAtTimes:
    """One bucket for each of many instants, up to a row of it (-1: none), in windows with given beginnings."""

    def __init__(self, buckets: Buckets, row: TimeColumn, begins_ms: TimeColumn) -> None:
        self._buckets, self._begins = buckets, begins_ms
        self._row = np.maximum(row, 0)
        self.is_there: npt.NDArray[np.bool_] = (row >= 0) & (buckets.times[self._row] >= begins_ms)
        self._merged: dict[Kept, FloatColumn] = {}

    @cached_property
    def _bucket(self) -> TimeColumn:
        return np.asarray(self._buckets.bucket_of_row[self._row])

    @cached_property
    def _cut(self) -> list[int]:
        """The instants whose window begins inside of the bucket."""
        begun = self._buckets.times[self._buckets.first[self._bucket]]
        cut: list[int] = np.flatnonzero(self.is_there & (begun < self._begins)).tolist()
        return cut

    def before(self) -> _BucketAtTimes:
        return _BucketAtTimes(self._buckets, self._buckets.first[self._bucket] - 1, self._begins)

    @property
    def ends_ms(self) -> TimeColumn:
        """The last millisecond of the bucket."""
        return np.asarray(self._buckets.opened[self._bucket] + self._buckets.interval_ms - 1)

    def figure(self, kept: Kept) -> FloatColumn:
        """Return what is kept of the bucket at each instant, NaN where it is not in the window."""
        if kept.merge.ufunc is None:
            return np.where(self.is_there, self._buckets.column(kept)[self._row], nan)
        if kept not in self._merged:
            values, column = self._buckets.so_far(kept)[self._row], self._buckets.column(kept)
            for place in self._cut:
                start = int(np.searchsorted(self._buckets.times, self._begins[place]))
                values[place] = kept.merge.between(column, start, self._row.item(place) + 1)
            self._merged[kept] = np.where(self.is_there, values, nan)
        return self._merged[kept]
