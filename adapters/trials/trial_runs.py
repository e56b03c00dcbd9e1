"""Runs the trials of a job on workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ..workers import Workers
from .trial import Trial, TrialOutcome
from .trial_job import Job
from .trial_runner import TrialRunner, failed

#: So many trials for each worker are under way or wait: enough to keep it busy, few to lose.
_AHEAD = 2


@dataclass(frozen=True)
class _TrialSetup:
    """Makes a worker ready for the trials of a job."""

    job: Job

    def __call__(self) -> TrialRunner:
        return TrialRunner(self.job)


def run_trials(job: Job, trials: Iterable[Trial], workers: Workers) -> Iterator[TrialOutcome]:
    """Run trials of a job on workers and yield what each came to, as it ends; `trials` are taken as places become free.

    What goes wrong in a trial is in its outcome. When it is closed early, or by Ctrl-C, what is under way is stopped;
    what was yielded is done.
    """
    workers.setup(_TrialSetup(job))
    waiting = iter(trials)
    under_way: dict[int, Sequence[Trial]] = {}

    def submit(count: int) -> None:
        for trial in islice(waiting, count):
            under_way[workers.submit((trial,))] = (trial,)

    try:
        submit(workers.size * _AHEAD)
        for done in workers.as_completed():
            batch = under_way.pop(done.ticket)
            submit(1)
            if done.error is not None:
                yield from (failed(trial.number, str(done.error), 0.0) for trial in batch)
            else:
                yield from done.value
    finally:
        workers.cancel()
