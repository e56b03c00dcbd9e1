"""What a flow metric is: what is kept of each bucket of rows, and the one formula that makes the figure of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, nan
from typing import Any, NamedTuple

import numpy as np

from ..series import FloatColumn, TimeColumn
from .accumulation import accumulated

#: How many of the newest buckets a program sees.
NEWEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """How the rows of a bucket become what is kept of it: `ufunc` over columns, `pair` row by row; without a `ufunc`
    the last row stands for all. `neutral` changes nothing that it is merged with.
    """

    pair: Callable[[float, float], float]
    ufunc: np.ufunc | None = None
    neutral: float = nan

    def whole(self, column: FloatColumn, first: TimeColumn) -> FloatColumn:
        """Return the figure of each bucket; `first` holds the first row of each."""
        if self.ufunc is None:
            return np.asarray(column[np.append(first[1:], len(column)) - 1])
        return np.asarray(self.ufunc.reduceat(column, first))

    def so_far(self, column: FloatColumn, first: TimeColumn) -> FloatColumn:
        """Return the figure of each row's bucket as far as it was known at that row."""
        return column if self.ufunc is None else accumulated(column, first, self.ufunc, self.neutral)

    def between(self, column: FloatColumn, start: int, stop: int) -> float:
        """Return the figure of the rows [start, stop), at least one."""
        return column.item(stop - 1) if self.ufunc is None else float(self.ufunc.reduce(column[start:stop]))


SUM = Merge(operator.add, np.add, 0.0)
HIGHEST = Merge(max, np.maximum, -inf)
LOWEST = Merge(min, np.minimum, inf)
LAST = Merge(lambda _, newer: newer)


class Kept(NamedTuple):
    """A figure that is kept of each bucket: a column of the metric's table, merged."""

    column: str
    merge: Merge


Divide = Callable[[Any, Any], Any]
Formula = Callable[..., Any]
Answer = dict[str, Any]
Columns = Sequence[list[float]]


def current_and_last(kept: Columns, figures: list[float]) -> Answer:
    """Return the newest figure and the newest few, oldest first: the answer of most metrics."""
    return {"current": figures[-1], "last_5": figures}


@dataclass(frozen=True, eq=False)
class Metric:
    """A flow metric: `name` for programs, `signal` for conditions (`aliases` are other names there).

    `figure` makes its formula of a division. The formula is over floats and over columns alike; its arguments are
    what is `kept` of a bucket. With `against_previous` the previous bucket's come before them, with `times_mark` the
    bucket's last mark price after them. The division gives a stand-in for want of a divisor: `stand_in` to programs,
    `signal_stand_in` to signals, which must not fire on that. So it is with a mark price that is not known. `first` is
    the figure of a bucket that has none before it in the window.

    Programs see the newest `buckets` of the window (where a figure needs the one before: one more than figures), by
    `answer`: its arguments are what is `kept` and `shown` of each of these, oldest first, and their figures. `table` is
    a name of `FlowHistory`: trades, ranged (those trades with high and low), book, open_interest, funding_rate.
    """

    name: str
    signal: str
    table: str
    kept: tuple[Kept, ...]
    figure: Callable[[Divide], Formula]
    answer: Callable[[Columns, list[float]], Answer] = current_and_last
    aliases: tuple[str, ...] = ()
    shown: tuple[Kept, ...] = ()
    buckets: int = NEWEST
    against_previous: bool = False
    times_mark: bool = False
    stand_in: float = 0.0
    signal_stand_in: float = nan
    first: float = nan

    @cached_property
    def seen(self) -> tuple[Kept, ...]:
        """What programs see of a bucket."""
        return self.kept + self.shown

    @cached_property
    def undivided(self) -> Formula:
        """The formula over floats, which raises `ZeroDivisionError` for want of a divisor."""
        return self.figure(operator.truediv)

    @cached_property
    def for_programs(self) -> Formula:
        """The formula over floats with the stand-in of programs."""
        return self.figure(_float_division(self.stand_in))

    @cached_property
    def for_rows(self) -> Formula:
        """The formula over floats with the stand-in of signals."""
        return self.figure(_float_division(self.signal_stand_in))

    @cached_property
    def for_columns(self) -> Formula:
        """The formula over columns with the stand-in of signals."""
        return self.figure(_column_division(self.signal_stand_in))


def _float_division(stand_in: float) -> Divide:
    """Return the division of two floats that gives `stand_in` when the divisor is 0."""
    return lambda above, below: above / below if below else stand_in


def _column_division(stand_in: float) -> Divide:
    """Return the same division of two columns; where one is NaN, so is what it gives."""

    def divide(above: FloatColumn, below: FloatColumn) -> FloatColumn:
        without = np.where(np.isnan(above), nan, stand_in)
        return np.asarray(np.divide(above, below, out=without, where=below != 0.0))

    return divide
