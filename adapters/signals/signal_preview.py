"""How often a pool or condition fires over a range, for people who tune thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.market.series import TimeColumn
from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS
from engine.signals import SignalBacktest

#: Triggers closer than this to the one before belong to one cluster.
CLUSTER_MS = 30 * MINUTE_MS


@dataclass(frozen=True)
class SignalPreview:
    """The triggers of a pool or condition for one symbol in [start_ms, end_ms], counted in several ways.

    Days and hours are UTC.
    """

    backtest: SignalBacktest
    start_ms: int
    end_ms: int

    @property
    def times_ms(self) -> TimeColumn:
        """The instants of the triggers."""
        return np.array([trigger.timestamp for trigger in self.backtest.detection.triggers], np.int64)

    @property
    def a_day(self) -> float:
        """Triggers for each 24 hours of the range."""
        return len(self.times_ms) * DAY_MS / max(self.end_ms - self.start_ms, 1)

    @property
    def by_day(self) -> list[int]:
        """The number of triggers of each UTC day that the range touches."""
        first = self.start_ms // DAY_MS
        days = max(self.end_ms - 1, self.start_ms) // DAY_MS - first + 1
        places = np.minimum(self.times_ms // DAY_MS - first, days - 1)
        return [int(count) for count in np.bincount(places, minlength=days)]

    @property
    def by_hour(self) -> list[int]:
        """The number of triggers of each hour of day, UTC."""
        return [int(count) for count in np.bincount(self.times_ms % DAY_MS // HOUR_MS, minlength=24)]

    @property
    def clusters(self) -> int:
        """The number of groups of triggers that follow each other within `CLUSTER_MS`."""
        times = self.times_ms
        return int(np.count_nonzero(np.diff(times) > CLUSTER_MS)) + 1 if len(times) else 0

    @property
    def median_gap_ms(self) -> int | None:
        """The median time between successive triggers, None with fewer than two."""
        gaps = np.diff(self.times_ms)
        return int(np.median(gaps)) if len(gaps) else None

    def to_dict(self) -> dict[str, Any]:
        """Return the triggers as the platform has them, with the counts beside them, as plain values."""
        detection = self.backtest.detection
        return {
            **self.backtest.to_dict(),
            "start": self.start_ms,
            "end": self.end_ms,
            "per_day": self.a_day,
            "by_day": self.by_day,
            "by_hour": self.by_hour,
            "clusters": self.clusters,
            "median_gap_ms": self.median_gap_ms,
            "check_points": detection.check_points,
            "undefined_percent": detection.undefined_percent,
            "warnings": list(detection.warnings),
        }
