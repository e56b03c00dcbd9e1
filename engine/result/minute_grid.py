"""The instants at which an equity curve is marked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..market.series import TimeColumn
from ..periods import DAY_MS, MINUTE_MS

IntColumn = npt.NDArray[np.int64]


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
        times = places * MINUTE_MS
        times += self._first - MINUTE_MS
        return np.asarray(times.clip(self.start_ms, self.end_ms, out=times))

    def time_of(self, place: int) -> int:
        """Return the instant at a place."""
        return min(max(self._first + (place - 1) * MINUTE_MS, self.start_ms), self.end_ms)

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
