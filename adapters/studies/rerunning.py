"""A trial of a study, run again: its whole result."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from engine import BacktestResult

from ..trials import Job, Trial, TrialRunner


def rerunner(job: Job) -> Callable[[Trial], BacktestResult]:
    """Return what runs a trial of a job in this process, once more."""

    def run_again(trial: Trial) -> BacktestResult:
        with TrialRunner(job) as runner:
            return runner.result(trial)

    return run_again


def require_digest(result: BacktestResult, digest: str | None, number: int) -> BacktestResult:
    """Return the result of a trial that was run again; warn where it is not what the trial came to."""
    if digest is not None and result.digest != digest:
        warnings.warn(
            f"trial {number} comes to something else now: its market, or perpsim, has changed since the study",
            stacklevel=4,
        )
    return result
