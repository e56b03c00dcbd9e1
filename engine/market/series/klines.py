"""Klines in columns: one read-only numpy array per field, sorted by opening time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...errors import DataError
from ...periods import SECOND_MS

FloatColumn = npt.NDArray[np.float64]
TimeColumn = npt.NDArray[np.int64]


class Kline(NamedTuple):
    """One kline as a strategy sees it; `timestamp` is its open in seconds; `open`, `high`, `low` and `close` are
    prices, `volume` is in coins.
    """

    timestamp: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def read_only(column: npt.ArrayLike, dtype: type[Any]) -> npt.NDArray[Any]:
    """Return `column` as a contiguous one-dimensional array of `dtype` that cannot be written to."""
    array = np.ascontiguousarray(column, dtype=dtype)
    if array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True, eq=False)
class KlineColumns:
    """Klines of one symbol and period: `open_ms` (int64, epoch ms of the open, strictly increasing), prices and volume
    in coins (float64), all of one length: `open`, `high`, `low`, `close`, `volume`. Each kline is `period_ms` long.

    Missing klines are simply absent. Raises `DataError` when the columns are not of one length or not sorted.
    """

    period_ms: int
    open_ms: TimeColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn

    def __post_init__(self) -> None:
        object.__setattr__(self, "open_ms", read_only(self.open_ms, np.int64))
        for name in ("open", "high", "low", "close", "volume"):
            object.__setattr__(self, name, read_only(getattr(self, name), np.float64))
            if getattr(self, name).shape != self.open_ms.shape:
                raise DataError(f"kline column {name} has {len(getattr(self, name))} values, not {len(self.open_ms)}")
        if np.any(self.open_ms[1:] <= self.open_ms[:-1]):
            raise DataError("klines are not in strictly increasing order of their opening times")

    def __reduce__(self) -> tuple[Any, ...]:
        # made anew: arrays elsewhere can be written to
        return KlineColumns, (self.period_ms, self.open_ms, *self.figures)

    def __len__(self) -> int:
        return len(self.open_ms)

    def slice(self, start: int, stop: int) -> KlineColumns:
        """Return the klines [start, stop) as views on the same memory."""
        part = slice(start, stop)
        return KlineColumns(self.period_ms, self.open_ms[part], *(column[part] for column in self.figures))

    def until(self, end_ms: int) -> KlineColumns:
        """Return the klines that open at or before `end_ms`, likewise."""
        return self.slice(0, int(self.open_ms.searchsorted(end_ms, side="right")))

    def where(self, chosen: npt.NDArray[np.bool_]) -> KlineColumns:
        """Return the chosen klines."""
        names = ("open_ms", "open", "high", "low", "close", "volume")
        return KlineColumns(self.period_ms, *(getattr(self, name)[chosen] for name in names))

    @classmethod
    def of(cls, period_ms: int, klines: Iterable[Kline]) -> KlineColumns:
        """Return klines, oldest first, as columns; there may be none."""
        timestamp, *figures = np.array(list(klines), np.float64).reshape(-1, len(Kline._fields)).T
        return cls(period_ms, timestamp.astype(np.int64) * SECOND_MS, *figures)

    @property
    def figures(self) -> tuple[FloatColumn, FloatColumn, FloatColumn, FloatColumn, FloatColumn]:
        """Open, high, low, close and volume."""
        return self.open, self.high, self.low, self.close, self.volume
