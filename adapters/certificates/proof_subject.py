"""What the checks of a certificate share: the job, its run, how often they may run it, and where."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine import BacktestResult, ConfigurationError, MarketHistory, StrategyError
from engine.plain_values import shown
from engine.result import program_name

from ..runs import long_step
from ..trials import Ground, Job, Trial, TrialOutcome, TrialRunner, run_trials
from ..workers import Workers

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


@dataclass(frozen=True)
class ProofSubject:
    """A job that is to be proved, on workers: `cuts` runs with another future, `ties` with another order of what no
    rule decides, drawn from `seed`. `given` is the result of the job, where it was run already; `postgresql` is the URL
    of an empty database of PostgreSQL.
    """

    job: Job
    workers: Workers
    cuts: int = CUTS
    ties: int = TIES
    seed: int = 0
    given: BacktestResult | None = None
    postgresql: str | None = None

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
        result = self.given or self.again()
        if result.error is not None and (result.total_triggers or _could_not_start(result)):
            raise StrategyError(f"the program does not come to its end: {result.error}")
        return result

    @cached_property
    def journal(self) -> tuple[Sequence[bytes], Sequence[int]]:
        """The lines of its journal, and the instant of each (epoch ms)."""
        lines = journal_lines(self.result)
        return lines, [int(json.loads(line)["at"]) for line in lines]

    def upto(self, time_ms: int) -> Sequence[bytes]:
        """Return the lines of the journal up to an instant."""
        lines, times = self.journal
        return lines[: bisect_right(times, time_ms)]

    def again(self) -> BacktestResult:
        """Run the job in this process, with a journal."""
        with TrialRunner(self.job) as runner:
            result = runner.result(Trial(0, stop_ms=self.job.config.end_ms))
        if result.interrupted:
            raise KeyboardInterrupt
        return result

    def outcome_here(self, trial: Trial, what: str) -> TrialOutcome:
        """Run one trial in this process; `what` names it."""
        with TrialRunner(replace(self.job, record_journal=True)) as runner, long_step(what, 1, "runs") as advance:
            (outcome,) = runner([trial])
            advance(1)
        return outcome

    def outcomes(self, trials: Sequence[Trial], what: str) -> dict[int, TrialOutcome]:
        """Run trials of the job on the workers and return what they came to, by their numbers; `what` names them."""
        found: dict[int, TrialOutcome] = {}
        with long_step(what, len(trials), "runs") as advance:
            for outcome in run_trials(self.job, trials, self.workers):
                found[outcome.number] = outcome
                advance(1)
        return found


def journal_lines(result: BacktestResult) -> list[bytes]:
    """Return the lines of a run's journal."""
    return [] if result.journal is None else result.journal.lines


def _could_not_start(result: BacktestResult) -> bool:
    """Tell whether the program could not even be started: not so where nothing ever woke it."""
    return result.end_time - result.start_time <= 1
