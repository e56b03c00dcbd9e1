"""Trials put into the cells of two parameters."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn

from .shapes import brief
from .trial_table import Places, TrialTable, VariedValues, value_text

if TYPE_CHECKING:
    import pandas

#: Of several trials in one cell: the value of the best, the mean of all, or the value of the worst.
Of = Literal["best", "mean", "worst"]
#: So many different numbers at most have a place each: those of a list, and those that a search has chosen.
_MOST_LISTED, _MOST_FOUND = 200, 30
#: How many trials a cell has about, and how many steps an axis has, where the numbers of a search are put together.
_PER_CELL, _FEWEST_STEPS, _MOST_STEPS = 3, 5, 20


@dataclass(frozen=True, eq=False)
class CellAxis:
    """The places of a parameter along a picture, in order: a value each, or with `edges` the numbers between two."""

    name: str
    labels: tuple[str, ...]
    values: tuple[Any, ...]
    edges: FloatColumn | None = None
    is_number: bool = False
    is_log: bool = False

    def __len__(self) -> int:
        return len(self.labels)

    def index(self) -> pandas.Index[Any]:
        """Return the places as an index of a frame."""
        import pandas

        if self.edges is not None:
            return pandas.IntervalIndex.from_breaks(self.edges, closed="left", name=self.name)
        return pandas.Index(self.values if self.is_number else self.labels, name=self.name)


def cell_axis(parameter: VariedValues) -> tuple[CellAxis, Places]:
    """Return the places of a parameter, numbers in order and texts as they came, and the place of each trial."""
    if not parameter.is_number:
        words = [value_text(each) for each in parameter.values]
        different_words = dict.fromkeys((*map(value_text, parameter.planned or ()), *words))
        places = {word: place for place, word in enumerate(different_words)}
        axis = CellAxis(parameter.name, tuple(places), tuple(places))
        return axis, np.array([places[word] for word in words], np.int64)
    numbers = np.array(parameter.values, np.float64)
    different = np.unique(np.concatenate((numbers, np.array(parameter.planned or (), np.float64))))
    if len(different) > (_MOST_FOUND if parameter.planned is None else _MOST_LISTED):
        return _binned(parameter, numbers, different)
    originals = {float(each): each for each in (*parameter.values, *(parameter.planned or ()))}
    values = tuple(originals[each] for each in different.tolist())
    axis = CellAxis(parameter.name, tuple(map(value_text, values)), values, None, True, parameter.is_log)
    return axis, np.searchsorted(different, numbers)


def _binned(parameter: VariedValues, numbers: FloatColumn, different: FloatColumn) -> tuple[CellAxis, Places]:
    steps = min(max(math.isqrt(len(numbers) // _PER_CELL), _FEWEST_STEPS), _MOST_STEPS)
    is_log = parameter.is_log and different[0] > 0.0
    is_whole = not is_log and bool((different == np.rint(different)).all())
    if is_whole:
        width = math.ceil((different[-1] - different[0] + 1.0) / steps)
        edges = different[0] + width * np.arange((different[-1] - different[0]) // width + 2)
    else:
        edges = (np.geomspace if is_log else np.linspace)(different[0], different[-1], steps + 1)
        edges[0], edges[-1] = different[0], np.nextafter(different[-1], np.inf)
    labels = tuple(f"{brief(low)} to {brief(high - is_whole)}" for low, high in itertools.pairwise(edges))
    middles = np.sqrt(edges[:-1] * edges[1:]) if is_log else (edges[:-1] + edges[1:]) / 2
    axis = CellAxis(parameter.name, labels, tuple(middles.tolist()), edges, True, is_log)
    return axis, np.clip(np.searchsorted(edges, numbers, "right") - 1, 0, len(labels) - 1)


@dataclass(frozen=True, eq=False)
class CellGrid:
    """What stands in the cells: `values[y, x]` is the metric, NaN where no trial has one; `trials`, `failed` and
    `undefined` count the trials of a cell, those that failed, and those that came to a result without the metric;
    `shown` is the place of the trial whose value it is, of a mean that of the best one, -1 where there is none.
    """

    table: TrialTable
    x: CellAxis
    y: CellAxis
    of: Of
    values: npt.NDArray[np.float64]
    trials: npt.NDArray[np.int64]
    failed: npt.NDArray[np.int64]
    undefined: npt.NDArray[np.int64]
    shown: npt.NDArray[np.int64]

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the best cell; None where no cell has a value."""
        if not np.isfinite(self.values).any():
            return None
        place = int(np.nanargmin(self.values) if self.table.is_least else np.nanargmax(self.values))
        return place // len(self.x), place % len(self.x)

    def frame(self) -> pandas.DataFrame:
        """Return the values as a frame: a row for each place of y, a column for each of x."""
        import pandas

        return pandas.DataFrame(self.values, index=self.y.index(), columns=self.x.index())


def grid_of_cells(table: TrialTable, x: str, y: str, of: Of = "best") -> CellGrid:
    """Put trials into the cells of two parameters. Raises `DataError` for a parameter that the study does not vary, for
    the same one twice, and for an `of` that there is not.
    """
    if of not in get_args(Of):
        raise DataError(f"of={of!r}: of several trials in a cell the best, the mean or the worst is shown")
    if x == y:
        raise DataError(f"{x} cannot be on both axes: name two parameters")
    (across, columns), (up, rows) = cell_axis(table.parameter(x)), cell_axis(table.parameter(y))
    shape = len(up), len(across)
    cells = rows * len(across) + columns
    has_failed = np.array([error is not None for error in table.errors], bool)
    is_known = np.isfinite(table.metric_values) & ~has_failed

    def counted(which: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        return np.bincount(cells[which], minlength=shape[0] * shape[1]).reshape(shape)

    shown = _shown(cells[is_known], table.ranks[is_known], np.flatnonzero(is_known), shape, of == "worst")
    values = np.where(shown >= 0, table.metric_values[shown], np.nan) if len(table) else np.full(shape, np.nan)
    if of == "mean":
        sums = np.bincount(cells[is_known], table.metric_values[is_known], shape[0] * shape[1]).reshape(shape)
        values = np.divide(sums, counted(is_known), out=np.full(shape, np.nan), where=shown >= 0)
    trials, failed = counted(np.ones(len(cells), bool)), counted(has_failed)
    return CellGrid(table, across, up, of, values, trials, failed, counted(~is_known & ~has_failed), shown)


def _shown(
    cells: Places, ranks: FloatColumn, places: Places, shape: tuple[int, int], is_worst: bool
) -> npt.NDArray[np.int64]:
    """Return the place of the best (or worst) trial of each cell, of equals the first; -1 where there is none."""
    found = np.full(shape[0] * shape[1], -1, np.int64)
    order = np.lexsort((-places, -ranks if is_worst else ranks))  # the last to be written stays
    found[cells[order]] = places[order]
    return found.reshape(shape)
