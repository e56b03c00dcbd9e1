"""Flow rows in columns. A row at `timestamp_ms` covers the 15 seconds that end there, and is known then."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ...errors import DataError
from ..series import FloatColumn, TimeColumn, read_only

ROW_MS = 15_000


def _freeze(rows: object) -> None:
    """Make the columns of a dataclass read-only; `DataError` unless times increase and lengths agree."""
    names = [each.name for each in fields(rows)]  # type: ignore[arg-type]
    for name in names:
        kind = np.int64 if name == "timestamp_ms" else np.float64
        object.__setattr__(rows, name, read_only(getattr(rows, name), kind))
    times = rows.timestamp_ms  # type: ignore[attr-defined]
    kind_name = type(rows).__name__
    if any(getattr(rows, name).shape != times.shape for name in names):
        raise DataError(f"{kind_name}: the columns are not of one length")
    if np.any(times[1:] <= times[:-1]):
        raise DataError(f"{kind_name}: the rows are not in strictly increasing order of time")


@dataclass(frozen=True, slots=True, eq=False)
class TimedValues:
    """One value that is known from its time on, such as a mark price; rows without a value are not in it."""

    timestamp_ms: TimeColumn
    value: FloatColumn

    def __post_init__(self) -> None:
        _freeze(self)

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    @classmethod
    def present(cls, timestamp_ms: TimeColumn, value: FloatColumn) -> TimedValues:
        """Return the rows in which `value` is not NaN."""
        there = ~np.isnan(value)
        return cls(timestamp_ms, value) if there.all() else cls(timestamp_ms[there], value[there])


@dataclass(frozen=True, slots=True, eq=False)
class TradeRows:
    """Taker volumes (coins) and notional (USD) by side, and the prices of the trades; a price may be NaN."""

    timestamp_ms: TimeColumn
    buy_volume: FloatColumn
    sell_volume: FloatColumn
    buy_notional: FloatColumn
    sell_notional: FloatColumn
    vwap: FloatColumn
    high: FloatColumn
    low: FloatColumn

    def __post_init__(self) -> None:
        _freeze(self)

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def having(self, *names: str) -> TradeRows:
        """Return the rows in which none of some columns is NaN."""
        there = ~np.logical_or.reduce([np.isnan(getattr(self, name)) for name in names])
        return self if there.all() else TradeRows(*(getattr(self, each.name)[there] for each in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class BookRows:
    """Order book snapshots: depth of the best five levels of each side (coins) and the spread (USD)."""

    timestamp_ms: TimeColumn
    bid_depth: FloatColumn
    ask_depth: FloatColumn
    spread: FloatColumn

    def __post_init__(self) -> None:
        _freeze(self)

    def __len__(self) -> int:
        return len(self.timestamp_ms)
