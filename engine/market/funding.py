"""Funding: the settlements that a symbol's recorded rates mean."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ..instants import utc_text
from ..periods import HOUR_MS, MINUTE_MS
from .flow import TimedValues

#: Rates that are recorded more often than this are predictions on the way to the next settlement.
SHORTEST_INTERVAL_MS = 30 * MINUTE_MS
#: How far a stamp may lie from the regular one.
JITTER_MS = MINUTE_MS


@dataclass(frozen=True)
class FundingSchedule:
    """When a symbol settles funding (epoch ms) and at which rate (fraction of notional, + means longs pay)."""

    settlements: TimedValues
    missing: tuple[int, ...]

    def warning(self, symbol: str) -> str | None:
        """Return what a user should know of rates that are missing in the middle, or None."""
        if not self.missing:
            return None
        return (
            f"{symbol}: {len(self.missing):,} funding rates are missing in the middle of the series, the first near "
            f"{utc_text(self.missing[0])}; nothing was paid for them"
        )


def funding_schedule(rates: TimedValues, interval_ms: int) -> FundingSchedule:
    """Return the settlements of recorded rates.

    Rates at least half an hour apart are settlements as they stand, at their own stamps and whatever the interval;
    denser ones are sampled: at each multiple of `interval_ms` the newest rate counts.
    """
    times = rates.timestamp_ms
    if len(times) > 1 and float(np.median(np.diff(times))) < SHORTEST_INTERVAL_MS:
        return FundingSchedule(_sampled(rates, interval_ms), ())
    return FundingSchedule(rates, tuple(_missing(times.tolist())))


def _sampled(rates: TimedValues, interval_ms: int) -> TimedValues:
    times = rates.timestamp_ms
    due = np.arange(-(-times[0] // interval_ms) * interval_ms, times[-1] + 1, interval_ms, dtype=np.int64)
    newest = np.searchsorted(times, due, side="right") - 1
    fresh = due - times[newest] < interval_ms
    return TimedValues(due[fresh], rates.value[newest[fresh]])


def _missing(times: list[int]) -> list[int]:
    """Return where a settlement should have been: a step that is a multiple of the steps on both of its sides."""
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    gaps = []
    for place in range(1, len(steps) - 1):
        before, step, after = steps[place - 1], steps[place], steps[place + 1]
        regular = max(before, after)
        if abs(before - after) <= JITTER_MS and step > regular + HOUR_MS // 2:
            gaps += [times[place] + k * regular for k in range(1, round(step / regular))]
    return gaps
