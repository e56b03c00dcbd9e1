"""Runs the trials of a job on workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from ..workers import Workers, columns_of_machine
from .stored_grounds import StoredGrounds, grounds_elsewhere
from .trial import Trial, TrialOutcome
from .trial_job import Job
from .trial_runner import TrialRunner, failed

#: So many messages for each worker are under way or wait: enough to keep it busy, few to lose.
_AHEAD = 2

#: Short trials travel together, so many that they keep a worker busy for a message of it, but never more.
_MOST_AT_ONCE = 100
_SHORTEST_MS = 0.01


@dataclass(frozen=True, eq=False)
class _TrialSetup:
    """Makes a worker ready for the trials of a job; two for one job are the same."""

    job: Job

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TrialSetup) and other.job is self.job

    def __hash__(self) -> int:
        return id(self.job)

    @property
    def database(self) -> str | None:
        """The database that the market comes from, where it comes from one."""
        return self.job.database

    def columns_made(self) -> StoredGrounds | None:
        """Return what makes its columns where that database is reached."""
        return grounds_elsewhere(self.job)

    def __call__(self) -> TrialRunner:
        shared = columns_of_machine()
        if shared is not None:
            for name, ground in self.job.grounds.items():
                ground.market.keep_derived_in(shared.within(name))
        return TrialRunner(self.job, of_workers=shared is not None)


class _Batches:
    """Trials in messages: those of one ground and change follow one another, where all of them are known beforehand."""

    def __init__(self, trials: Iterable[Trial], message_ms: float) -> None:
        self._trials = chain.from_iterable(_by_market(trials)) if isinstance(trials, Sequence) else iter(trials)
        self._trial_ms = self._message_ms = message_ms

    def next(self) -> tuple[Trial, ...]:
        """Return the trials of the next message, () when there are no more."""
        count = int(self._message_ms / max(self._trial_ms, _SHORTEST_MS))
        return tuple(islice(self._trials, min(max(1, count), _MOST_AT_ONCE)))

    def note(self, outcomes: Sequence[TrialOutcome]) -> None:
        """Note how long trials take: the longest of those that came last counts for the next ones."""
        self._trial_ms = max(each.duration_ms for each in outcomes)


def _by_market(trials: Sequence[Trial]) -> Iterable[Sequence[Trial]]:
    groups: dict[object, list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.ground, trial.change), []).append(trial)
    return groups.values()


def run_trials(job: Job, trials: Iterable[Trial], workers: Workers) -> Iterator[TrialOutcome]:
    """Run trials of a job on workers, which get the first of them at once, and yield what each came to, as it ends.
    Trials that come from an iterator are taken from it as places become free; those of a sequence may run in another
    order, by their grounds and changes.

    What goes wrong in a trial is in its outcome; `WorkersFailed` is raised where none can be run. When it is closed
    early, or by Ctrl-C, what is under way is stopped; what was yielded is done.
    """
    workers.setup(_TrialSetup(job))
    running = _UnderWay(trials, workers)
    running.fill_up()
    return running.outcomes()


class _UnderWay:
    """The trials that workers have, and those that they are still to get."""

    def __init__(self, trials: Iterable[Trial], workers: Workers) -> None:
        self._workers = workers
        self._batches = _Batches(trials, workers.message_ms)
        self._given: dict[int, Sequence[Trial]] = {}

    def fill_up(self) -> None:
        """Give out as many as keep the workers busy."""
        while len(self._given) < self._workers.size * _AHEAD and (batch := self._batches.next()):
            self._submit(batch)

    def _submit(self, batch: Sequence[Trial]) -> None:
        self._given[self._workers.submit(batch)] = batch

    def outcomes(self) -> Iterator[TrialOutcome]:
        """Yield what each came to, and give out the next ones."""
        try:
            for done in self._workers.as_completed():
                batch = self._given.pop(done.ticket)
                if done.error is None:
                    self._batches.note(done.value)
                    self.fill_up()
                    yield from done.value
                elif len(batch) > 1:  # it is the fault of one of them
                    for trial in batch:
                        self._submit((trial,))
                else:
                    self.fill_up()
                    yield failed(batch[0].number, str(done.error), 0.0)
        finally:
            self._workers.cancel()
