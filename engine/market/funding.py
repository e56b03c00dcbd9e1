"""Funding: the settlements that a symbol's recorded rates mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..instants import utc_text
from ..periods import HOUR_MS, MINUTE_MS
from .flow import TimedValues
from .series import TimeColumn

#: How far from a whole hour a rate may be stamped that was settled then (Hyperliquid's latest stamp: 24 minutes).
STAMP_JITTER_MS = 25 * MINUTE_MS
#: Rates that are recorded more often than this are predictions on the way to the next settlement,
PREDICTION_STEP_MS = 30 * MINUTE_MS
#: unless most of them are stamped so near to a whole hour: then they are settlements of several sources.
_USUAL_JITTER_MS = 5 * MINUTE_MS
#: Rates that differ by more are not one rate, written with more or fewer digits.
_SAME_RATE = 1e-8


@dataclass(frozen=True)
class FundingSchedule:
    """When a symbol settles funding (epoch ms) and at which rate (fraction of notional, + means longs pay).

    `disputed_ms` are the settlements for which different rates are recorded.
    """

    settlements: TimedValues
    disputed_ms: TimeColumn

    def missing(self, start_ms: int, end_ms: int) -> tuple[int, int]:
        """Return how many settlements are missing in (start_ms, end_ms], and when the first of them was due (0: none).

        Settlements are due at the step of their neighbours: where the steps before and after a longer one agree,
        and from the first and the last settlement on to the ends of the range.
        """
        after, count, step = _holes(self.settlements.timestamp_ms, start_ms, end_ms)
        first = np.clip(-((after - start_ms - 1) // step), 1, count + 1)  # the first and the last that the range holds
        last = np.clip((end_ms - after) // step, 0, count)
        within = last >= first
        if not within.any():
            return 0, 0
        return int((last - first + 1)[within].sum()), int((after + first * step)[within].min())

    def warnings(self, symbol: str, start_ms: int, end_ms: int) -> Iterator[str]:
        """Give what a user should know of the rates of (start_ms, end_ms]; at the start there is no position yet."""
        missing, first_ms = self.missing(start_ms, end_ms)
        if missing:
            yield (
                f"{symbol}: {missing:,} funding rates are missing between start and end, the first near "
                f"{utc_text(first_ms)}; nothing was paid for them"
            )
        disputed = self.disputed_ms[slice(*np.searchsorted(self.disputed_ms, (start_ms + 1, end_ms + 1)))]
        if len(disputed):
            yield (
                f"{symbol}: different funding rates are recorded for {len(disputed):,} settlements, the first at "
                f"{utc_text(int(disputed[0]))}; the first recorded one counts: delete those of the source that is wrong"
            )


def funding_schedule(rates: TimedValues, interval_ms: int) -> FundingSchedule:
    """Return the settlements of recorded rates.

    Rates at least half an hour apart are settlements, whatever their interval: each at its nominal instant, and where
    several sources recorded one, the first row counts. Denser ones are sampled: at each multiple of `interval_ms` the
    newest rate counts.
    """
    times = rates.timestamp_ms
    if are_predictions(times):
        return FundingSchedule(_sampled(rates, interval_ms), np.empty(0, np.int64))
    settled, first, source = np.unique(nominal_settlements(times), return_index=True, return_inverse=True)
    differs = np.abs(rates.value - rates.value[first][source]) > _SAME_RATE
    return FundingSchedule(TimedValues(settled, rates.value[first]), np.unique(settled[source[differs]]))


def nominal_settlements(stamps_ms: TimeColumn) -> TimeColumn:
    """Return the instant that each stamp means: the nearest whole hour within 25 minutes, else the stamp."""
    hours = (stamps_ms + HOUR_MS // 2) // HOUR_MS * HOUR_MS
    return np.where(np.abs(stamps_ms - hours) <= STAMP_JITTER_MS, hours, stamps_ms)


def are_predictions(times: TimeColumn) -> bool:
    """Tell whether rates are sampled on the way to the next settlement: dense, and mostly not stamped near
    a whole hour.
    """
    if len(times) < 2:
        return False
    from_hour = np.abs((times + HOUR_MS // 2) % HOUR_MS - HOUR_MS // 2)
    return bool(np.median(np.diff(times)) < PREDICTION_STEP_MS and np.median(from_hour) > _USUAL_JITTER_MS)


def _sampled(rates: TimedValues, interval_ms: int) -> TimedValues:
    times = rates.timestamp_ms
    due = np.arange(-(-times[0] // interval_ms) * interval_ms, times[-1] + 1, interval_ms, dtype=np.int64)
    newest = np.searchsorted(times, due, side="right") - 1
    fresh = due - times[newest] < interval_ms
    return TimedValues(due[fresh], rates.value[newest[fresh]])


def _holes(times: TimeColumn, start_ms: int, end_ms: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Return where settlements are missing: the instant before, how many, and their step."""
    if len(times) < 2:
        return (np.empty(0, np.int64),) * 3
    steps = np.diff(times)
    before, step, after = steps[:-2], steps[1:-1], steps[2:]
    hole = np.flatnonzero((np.abs(before - after) <= MINUTE_MS) & (step > before + HOUR_MS // 2))
    edges = steps[[0, -1]]
    early, late = max(times[0] - start_ms - 1, 0) // edges[0], max(end_ms - times[-1], 0) // edges[1]
    return (
        np.concatenate((times[hole + 1], (times[0] - (early + 1) * edges[0], times[-1]))),
        np.concatenate((np.rint(step[hole] / before[hole]).astype(np.int64) - 1, (early, late))),
        np.concatenate((before[hole], edges)),
    )
