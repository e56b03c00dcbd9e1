"""Flow rows in columns. A row at `timestamp_ms` covers the 15 seconds that end there, and is known then."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from ...errors import DataError
from ..series import FloatColumn, TimeColumn, read_only

ROW_MS = 15_000


@dataclass(frozen=True, slots=True, eq=False)
class FlowRows:
    """Rows in read-only columns; `DataError` unless times increase and lengths agree."""

    timestamp_ms: TimeColumn

    def __post_init__(self) -> None:
        names = [each.name for each in fields(self)]
        for name in names:
            kind = np.int64 if name == "timestamp_ms" else np.float64
            object.__setattr__(self, name, read_only(getattr(self, name), kind))
        times = self.timestamp_ms
        if any(getattr(self, name).shape != times.shape for name in names):
            raise DataError(f"{type(self).__name__}: the columns are not of one length")
        if np.any(times[1:] <= times[:-1]):
            raise DataError(f"{type(self).__name__}: the rows are not in strictly increasing order of time")

    def __reduce__(self) -> tuple[Any, ...]:
        # made anew: arrays elsewhere can be written to
        return type(self), tuple(getattr(self, each.name) for each in fields(self))

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def until(self, end_ms: int) -> Self:
        """Return the rows whose time is <= `end_ms`, as views on the same memory."""
        count = int(self.timestamp_ms.searchsorted(end_ms, side="right"))
        return type(self)(*(getattr(self, each.name)[:count] for each in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class TimedValues(FlowRows):
    """One `value` that is known from its time on (`timestamp_ms`, epoch ms), such as a mark price; rows without a value
    are not in it.
    """

    value: FloatColumn

    @classmethod
    def present(cls, timestamp_ms: TimeColumn, value: FloatColumn) -> TimedValues:
        """Return the rows in which `value` is not NaN."""
        there = ~np.isnan(value)
        return cls(timestamp_ms, value) if there.all() else cls(timestamp_ms[there], value[there])


@dataclass(frozen=True, slots=True, eq=False)
class TradeRows(FlowRows):
    """Taker volumes (coins) and notional (USD) by side, and the prices of the trades; a price may be NaN."""

    buy_volume: FloatColumn
    sell_volume: FloatColumn
    buy_notional: FloatColumn
    sell_notional: FloatColumn
    vwap: FloatColumn
    high: FloatColumn
    low: FloatColumn

    def having(self, *names: str) -> TradeRows:
        """Return the rows in which none of some columns is NaN."""
        there = ~np.logical_or.reduce([np.isnan(getattr(self, name)) for name in names])
        return self if there.all() else TradeRows(*(getattr(self, each.name)[there] for each in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class BookRows(FlowRows):
    """Order book snapshots: depth of the best five levels of each side (coins) and the spread (USD)."""

    bid_depth: FloatColumn
    ask_depth: FloatColumn
    spread: FloatColumn
