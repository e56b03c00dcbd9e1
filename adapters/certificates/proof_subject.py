"""What the checks of a certificate share: the job, its run, how often they may run it, and where."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from engine import BacktestResult, ConfigurationError, MarketHistory, Simulation, StrategyError
from engine.disturbance import changed_markets
from engine.faults import plans_of
from engine.plain_values import shown
from engine.result import program_name

from ..runs import long_step
from ..trials import Ground, Job, Trial, TrialOutcome, TrialRunner, run_trials
from ..workers import ThisProcess, Workers

#: How often a run is cut, and how often ties are shuffled, where nobody says.
CUTS, TIES = 24, 8
_COUNTED = {
    "cuts": "number of cuts: give 1 or more",
    "ties": "number of ties: give 1 or more",
    "seed": "seed: give a whole number from 0 on",
}


def require_settings(cuts: int = CUTS, ties: int = TIES, seed: int = 0, postgresql: str | None = None) -> None:
    """Raise `ConfigurationError` where one of these is none that a certificate can be made with."""
    given = {"cuts": (cuts, 1), "ties": (ties, 1), "seed": (seed, 0)}
    problems = [
        f"{name}: {shown(value)} is no {_COUNTED[name]}"
        for name, (value, least) in given.items()
        if type(value) is not int or value < least
    ]
    if postgresql is not None and not str(postgresql).startswith("postgres"):  # it is not shown: it may have a password
        problems.append("postgresql: no URL of a database of PostgreSQL, such as postgresql://user@host/database")
    if problems:
        raise ConfigurationError(problems)


class Reruns(NamedTuple):
    """Trials that a check wants made, and `what` they are; `judged` makes of each outcome what is kept of it. They are
    trials of the subject's job, or of another `job`.
    """

    what: str
    trials: Sequence[Trial]
    judged: Callable[[TrialOutcome], Any]
    job: Job | None = None


@dataclass(frozen=True)
class ProofSubject:
    """A job that is to be proved, on workers: `cuts` runs with another future, `ties` with another order of what no
    rule decides, drawn from `seed`. `given` is the result of the job, where it was run already; `postgresql` is the URL
    of an empty database of PostgreSQL. `made` holds what came of reruns that were made beforehand.
    """

    job: Job
    workers: Workers
    cuts: int = CUTS
    ties: int = TIES
    seed: int = 0
    given: BacktestResult | None = None
    postgresql: str | None = None
    made: dict[str, dict[int, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_settings(self.cuts, self.ties, self.seed, self.postgresql)

    @property
    def ground(self) -> Ground:
        """The ground of the run."""
        return self.job.ground_of(Trial(0))

    @property
    def market(self) -> MarketHistory:
        """The market of the run."""
        return self.ground.market

    @property
    def seen_market(self) -> MarketHistory:
        """The market of the run as its faults have made it: what was traded in."""
        config, result = self.job.config, self.result
        plans = plans_of(config.faults, config.symbols, result.start_time, result.end_time)
        return changed_markets(self.market, plans, config.mark_stale_ms).as_it_is

    @property
    def held_by(self) -> Sequence[object]:
        """What the user has written that may hold anything: the program, its parameters, what wakes it, processes."""
        config = self.job.config
        return config.strategy, dict(config.params), *self.ground.signals, self.job.prepare

    @property
    def title(self) -> str:
        """What is run."""
        config = self.job.config
        return f"{program_name(self.result.config) or 'a program'} on {config.exchange}: {', '.join(config.symbols)}"

    @cached_property
    def result(self) -> BacktestResult:
        """The result that the certificate is of. Raises `StrategyError` where the program does not come to its end."""
        result = self.given or first_run(self.job)
        if result.error is not None and (result.total_triggers or _could_not_start(result)):
            raise StrategyError(f"the program does not come to its end: {result.error}")
        return result

    @cached_property
    def journal(self) -> tuple[Sequence[bytes], Sequence[int]]:
        """The lines of its journal, and the instant of each (epoch ms)."""
        lines = journal_lines(self.result)
        return lines, [int(json.loads(line)["at"]) for line in lines]

    def line_before(self, time_ms: int) -> bytes:
        """Return the last line of its journal up to an instant."""
        return self.upto(time_ms)[-1]

    def upto(self, time_ms: int) -> Sequence[bytes]:
        """Return the lines of the journal up to an instant."""
        lines, times = self.journal
        return lines[: bisect_right(times, time_ms)]

    def again(self) -> BacktestResult:
        """Run the job once more in this process, with a journal."""
        return _result(self.job, Trial(0, stop_ms=self.job.config.end_ms))

    @cached_property
    def repeated(self) -> BacktestResult:
        """The result of the same run once more in this process."""
        return self.again()

    def outcome_here(self, trial: Trial, what: str) -> TrialOutcome:
        """Run one trial in this process; `what` names it."""
        with TrialRunner(self.job) as runner, long_step(what, 1, "runs") as advance:
            (outcome,) = runner([trial])
            advance(1)
        return outcome

    def found(self, reruns: Reruns) -> dict[int, Any]:
        """Return what came of reruns by the numbers of their trials; they are made now unless they were before."""
        if reruns.what not in self.made:
            self.make([reruns], reruns.what)
        return self.made.pop(reruns.what)

    def make(self, wanted: Sequence[Reruns], what: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Make reruns on the workers, all of one job together and the longest first, and keep what came of them for
        `found`. Calls `meanwhile` once, while the workers have something to do.
        """
        self.made.update({each.what: {} for each in wanted})
        waits = [meanwhile]
        if isinstance(self.workers, ThisProcess):
            waits.pop()()
        with long_step(what, sum(len(each.trials) for each in wanted), "runs") as advance:
            for job in {id(each.job): each.job for each in wanted}.values():
                of_job = [(each, trial) for each in wanted if each.job is job for trial in each.trials]
                of_job.sort(key=lambda pair: pair[1].stop_ms or 0, reverse=True)
                trials = [replace(trial, number=place) for place, (_, trial) in enumerate(of_job)]
                for outcome in run_trials(job or self.job, trials, self.workers):
                    reruns, trial = of_job[outcome.number]
                    self.made[reruns.what][trial.number] = reruns.judged(replace(outcome, number=trial.number))
                    advance(1)
                    if waits:
                        waits.pop()()
        if waits:
            waits.pop()()


def first_run(job: Job, prepare: Callable[[Simulation], None] | None = None) -> BacktestResult:
    """Run a job in this process, as ``perpsim run`` does, with a journal: its result is what a certificate is of.
    `prepare` gets the simulation after that of the job. Ctrl-C is a KeyboardInterrupt.
    """
    with long_step("running", 1, "runs") as advance:
        result = _result(job, Trial(0, stop_ms=job.config.end_ms, prepare=prepare), pnl_range=True)
        advance(1)
    return result


def _result(job: Job, trial: Trial, pnl_range: bool = False) -> BacktestResult:
    with TrialRunner(job) as runner:
        result = runner.result(trial, pnl_range)
    if result.interrupted:
        raise KeyboardInterrupt
    return result


def journal_lines(result: BacktestResult) -> list[bytes]:
    """Return the lines of a run's journal."""
    return [] if result.journal is None else result.journal.lines


def _could_not_start(result: BacktestResult) -> bool:
    """Tell whether the program could not even be started: not so where nothing ever woke it."""
    return result.end_time - result.start_time <= 1
