"""Latency: the time from a decision to its arrival at the exchange."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...periods import DAY_MS, HOUR_MS

#: No order takes longer than this.
LONGEST_MS = DAY_MS


class LatencyModel(Protocol):
    """Called once for each decision that is sent. The order meets the market of its arrival; nobody waits for it."""

    def delay_ms(self, decided_at_ms: int) -> int:
        """Return the whole milliseconds from the decision to its arrival, not negative. It must depend on nothing but
        its argument, so that the same run gives the same bytes.
        """


@dataclass(frozen=True)
class ConstantLatency:
    """Always the same."""

    latency_ms: int = 0

    def delay_ms(self, decided_at_ms: int) -> int:
        """Return the one latency."""
        return self.latency_ms


@dataclass(frozen=True)
class LognormalLatency:
    """Lognormal around a median: exp(`sigma`) is the factor of one standard deviation. Drawn from `seed` and the time
    of the decision alone.
    """

    median_ms: int
    sigma: float = 0.5
    seed: int = 0

    def delay_ms(self, decided_at_ms: int) -> int:
        """Return median x exp(sigma x normal), rounded, at most a day."""
        if not self.median_ms:
            return 0
        normal = random.Random(f"{self.seed}/{decided_at_ms}").gauss(0.0, 1.0)
        return round(min(self.median_ms * math.exp(self.sigma * normal), LONGEST_MS))


@dataclass(frozen=True)
class TimeOfDayLatency:
    """One latency for each hour of the UTC day, 24 of them."""

    by_hour_ms: Sequence[int]

    def delay_ms(self, decided_at_ms: int) -> int:
        """Return the latency of the hour."""
        return self.by_hour_ms[decided_at_ms % DAY_MS // HOUR_MS]
