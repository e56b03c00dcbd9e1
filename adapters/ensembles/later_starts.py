"""Monte Carlo of the start: the same run, begun one interval later, two, and so on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import ConfigurationError, utc_text
from engine.periods import HOUR_MS
from engine.result import Unit

from ..results import unit_text
from ..study_pictures import StartFigure, draw_start_lines
from ..trials import Job, Trial, TrialOutcome
from ..workers import Workers
from .run_ensemble import RunEnsemble, outcomes_of, real_and_others, require_some

if TYPE_CHECKING:
    from ..study_pictures import Picture


#: What is drawn of each start.
_DRAWN = ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio")


@dataclass(eq=False, repr=False)
class ShiftEnsemble(RunEnsemble):
    """Runs that begin 1, 2, ... times `interval_ms` later than the real one, and end when it does."""

    kind = "start_shift"
    what = "starts"

    interval_ms: int

    def title(self) -> str:
        """Return what it is, in a line."""
        count = f"1 to {len(self.runs):,}" if len(self.runs) > 1 else "1"
        return (
            f"Monte Carlo of the start: {count} x {unit_text(Unit.DURATION, self.interval_ms)} later, with the same end"
        )

    def _row(self, run: TrialOutcome) -> dict[str, Any]:
        return {"shift_ms": run.number * self.interval_ms, **super()._row(run)}

    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values."""
        return {**super().summary(), "interval_ms": self.interval_ms}

    def _drawn(self) -> Picture:
        hours = np.array([each.number for each in self.done]) * (self.interval_ms / HOUR_MS)
        figures = {self.spreads[name].title: self._figure(name) for name in _DRAWN}
        return draw_start_lines(self.title(), hours, figures, self._placed)

    def _figure(self, name: str) -> StartFigure:
        values = [math.nan if each.figures[name] is None else each.figures[name] for each in self.done]
        return StartFigure(np.array(values, np.float64), self.real.figures[name])


def shift_ensemble(job: Job, shifts: int, workers: Workers) -> ShiftEnsemble:
    """Return what a job's program comes to when it begins 1 to `shifts` intervals later: scheduled ones, or hours where
    it has no schedule. What lies before the later start is warm-up.

    Each run is an ordinary one. Raises `ConfigurationError` where the last one would begin at the end or after it.
    """
    require_some(shifts, "start-shift")
    config = job.config
    interval_ms = config.interval_ms or HOUR_MS
    most = (config.end_ms - config.start_ms - 1) // interval_ms
    if shifts > most:
        raise ConfigurationError(
            [
                f"start-shift: {shifts:,} x {unit_text(Unit.DURATION, interval_ms)} later is not before the end "
                f"({utc_text(config.end_ms)}): give at most {most:,}"
            ]
        )
    starts = [config.start_ms + place * interval_ms for place in range(shifts + 1)]
    later = [Trial(place, {"start_time": start}) for place, start in enumerate(starts[1:], 1)]
    outcomes = outcomes_of(job, [Trial(0), *later], workers, "running from later starts")
    return ShiftEnsemble(*real_and_others(outcomes), interval_ms)
