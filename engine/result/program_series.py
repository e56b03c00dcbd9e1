"""The series that a program has recorded, as a result holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..market.series import FloatColumn, TimeColumn, read_only
from .equity_curve import sample_extremes


@dataclass(frozen=True, slots=True, eq=False)
class OwnSeries:
    """One series: the instants at which it was recorded (epoch ms, increasing), and its values."""

    timestamp_ms: TimeColumn
    value: FloatColumn

    def __reduce__(self) -> tuple[Any, ...]:
        return _read_again, (self.timestamp_ms, self.value)

    def __len__(self) -> int:
        return len(self.timestamp_ms)

    def sampled(self, most: int) -> OwnSeries:
        """Return at most `most` of its values: the first, the last, and the extremes of equal parts between."""
        keep = sample_extremes(self.value, most)
        return OwnSeries(self.timestamp_ms[keep], self.value[keep])

    def to_dict(self) -> dict[str, Any]:
        """Return both columns as plain lists."""
        return {"timestamp": self.timestamp_ms.tolist(), "value": self.value.tolist()}


def _read_again(timestamp_ms: TimeColumn, value: FloatColumn) -> OwnSeries:
    return OwnSeries(read_only(timestamp_ms, np.int64), read_only(value, np.float64))


def own_series(recorded: Mapping[str, tuple[Sequence[int], Sequence[float]]]) -> dict[str, OwnSeries]:
    """Return what a program has recorded, by name."""
    return {
        name: _read_again(np.array(times, np.int64), np.array(values)) for name, (times, values) in recorded.items()
    }
