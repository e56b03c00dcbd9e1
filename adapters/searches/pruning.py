"""Pruning: trials that are worse than others in the first part of the range are not run whole."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace

import numpy as np

from engine import ConfigurationError
from engine.periods import PERIOD_MS

from ..studies import Metric
from ..trials import Job, Trial

#: Before so many trials are known in their first part, none is pruned.
FEWEST_KNOWN = 10


def first_part(job: Job, trial: Trial, share: float) -> Trial | None:
    """Return the trial on the first `share` of its range: the same run with an earlier end, at a kline's close. None
    where its configuration is not valid or the part too short.
    """
    try:
        config = job.config_of(trial)
    except ConfigurationError:
        return None  # run whole, it says what is wrong
    length = int((config.end_ms - config.start_ms) * share)
    length -= length % PERIOD_MS[config.base_period]
    if not length:
        return None
    return replace(trial, fields={**trial.fields, "end_time": config.start_ms + length})


class FirstParts:
    """What trials came to in their first parts, by their numbers."""

    def __init__(self, metric: Metric, quantile: float) -> None:
        self._metric, self._quantile = metric, quantile
        self._ranks: list[tuple[int, float]] = []

    def add(self, number: int, value: float) -> None:
        """Note the metric of a trial in its first part."""
        insort(self._ranks, (number, self._metric.rank({self._metric.name: value})))

    def is_worse(self, number: int, value: float) -> bool:
        """Tell whether a trial with this value is worse than the quantile of those with smaller numbers, of which there
        must be `FEWEST_KNOWN`.
        """
        before = [rank for each, rank in self._ranks if each < number]
        if len(before) < FEWEST_KNOWN:
            return False
        return self._metric.rank({self._metric.name: value}) < float(np.quantile(before, self._quantile))
