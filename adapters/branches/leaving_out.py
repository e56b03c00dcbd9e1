"""What each decision of a run was worth: the run as it goes on where that decision is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import BacktestResult, Decision, MarketData, PerpsimError, Simulation, SimulationError
from engine.kernel import Phase
from engine.program import Answer

from ..trials import Job, Trial, TrialRunner
from ..workers import Runner, Workers, usable_cores
from .branching import result_of, runs_here, unlike_known
from .decision_words import as_decisions, decisions_text
from .forks import Forks, can_fork

if TYPE_CHECKING:  # for who asks for a frame
    import pandas

_HASH_BYTES = 16


class Left(NamedTuple):
    """What a run comes to without a decision: net PnL in USD, closed trades; `error` says why it did not come to its
    end.
    """

    pnl: float
    trades: int
    error: str | None = None


class DecisionWorth(NamedTuple):
    """What the decisions of a program at one trigger were worth: number (from 1), instant (epoch ms), the decisions,
    and what the run comes to where the program holds instead, None where that could not be found out, for a `problem`.
    """

    number: int
    at_ms: int
    decisions: tuple[Decision, ...]
    without: Left | None
    problem: str | None
    worth: float | None


@dataclass(frozen=True, repr=False)
class DecisionWorths:
    """A run, and what each of its decisions was worth. `is_forked`: the runs without are copies of the run at that
    decision; else they were made again from the start. `remarks` are for the user.
    """

    base: BacktestResult
    worths: tuple[DecisionWorth, ...]
    is_forked: bool
    remarks: tuple[str, ...] = ()

    @property
    def frame(self) -> pandas.DataFrame:
        """A row for each decision by its number: time (UTC), what it was, net PnL without it and its worth in USD."""
        import pandas

        rows = [
            (each.number, each.at_ms, decisions_text(each.decisions), each.without and each.without.pnl, each.worth)
            for each in self.worths
        ]
        frame = pandas.DataFrame(rows, columns=["number", "time", "decision", "pnl_without", "worth"])
        frame["time"] = pandas.to_datetime(frame["time"], unit="ms", utc=True)
        return frame.set_index("number")

    def __str__(self) -> str:
        from .answers_told import worths_text

        return worths_text(self)

    __repr__ = __str__


class _Answers:
    """Sees the answers of a program; `digest` stands for all those so far that were not to hold.

    At the answer with the number `omitted` the program is taken to hold; `is_same` tells whether what it has answered
    until then has the digest `expected`.
    """

    def __init__(self, omitted: int = 0, expected: bytes = b"") -> None:
        self._omitted, self._expected = omitted, expected
        self.digest = b""
        self.count = 0
        self.is_same = True
        self._simulation: Simulation

    def prepare(self, own: Callable[[Simulation], None] | None) -> Callable[[Simulation], None]:
        """Return what gets the simulation before it starts, after what a user adds to it."""

        def stand(simulation: Simulation) -> None:
            if own is not None:
                own(simulation)
            self._simulation = simulation
            simulation.clock.at(simulation.end_ms, Phase.END).callbacks.append(lambda _: self.come_to_end(simulation))

        return stand

    def come_to_end(self, simulation: Simulation) -> None:
        """Do what is due when everything of the run has happened, and its result is not yet made."""

    @property
    def now(self) -> int:
        """The instant of the run, epoch ms."""
        return self._simulation.now

    def answered(self, data: MarketData, answer: Answer) -> Answer:
        """Return what the program is taken to have answered."""
        decisions = as_decisions(answer)
        if not decisions:
            return answer
        self.count += 1
        told = repr((self.digest, self.now, decisions)).encode("utf-8", "surrogatepass")
        self.digest = blake2b(told, digest_size=_HASH_BYTES).digest()
        if self.count != self._omitted:
            return answer
        self.is_same = self.digest == self._expected
        return None


@dataclass(frozen=True)
class _Taken:
    """A decision that was taken: number, instant (epoch ms), what it was, and the digest of all until then."""

    number: int
    at_ms: int
    decisions: tuple[Decision, ...]
    digest: bytes


class _Chain(_Answers):
    """Copies the run at each of its decisions, before that is submitted: the copy goes on without it."""

    def __init__(self, forks: Forks | None) -> None:
        super().__init__()
        self._forks = forks
        self.taken: list[_Taken] = []
        self.problem: Exception | None = None

    def answered(self, data: MarketData, answer: Answer) -> Answer:
        """Return what the program has answered; in a copy nothing, the first time."""
        if answer is None or (self._forks is not None and self._forks.is_copy):  # nearly always
            return answer
        before = self.digest
        super().answered(data, answer)
        if self.digest == before:
            return answer
        self.taken.append(_Taken(self.count, self.now, as_decisions(answer), self.digest))
        return None if self._copied() else answer

    def come_to_end(self, simulation: Simulation) -> None:
        """Send what a copy has come to, without a result: that takes as long as many decisions. Of an account that may
        be ruined unnoticed only the result tells when that was.
        """
        forks, account = self._forks, simulation.account
        if forks is not None and forks.is_copy and simulation.config.liquidation and not simulation.is_over:
            forks.answer(Left(account.equity() - account.ledger.initial, len(account.trades)))

    def _copied(self) -> bool:
        if self._forks is None or self.problem is not None:
            return False
        try:
            return self._forks.fork(self.count)
        except PerpsimError as error:  # inside of a run it would be taken for an error of the program
            self.problem = error
            return False


def each_decision_left_out(
    job: Job, open_them: Callable[[], Workers], known: BacktestResult | str | None = None, most: int | None = None
) -> DecisionWorths:
    """Run a job, and once more without each of its decisions, one at a time: the program holds there instead, and goes
    on with what its account is then.

    Where the run can be copied that is one run, copied at each decision, `most` copies at a time (default: one for each
    processor); else these runs are made again from the start on the workers that `open_them` gives. `known` is the
    result of the job, where that is at hand, or its digest.
    """
    is_forked = runs_here(job, job.config_of(Trial(0))) and can_fork()
    if is_forked:
        base, taken, answers = _copied_at_each(job, most or usable_cores())
    else:
        chain = _Chain(None)
        base = result_of(_watched(job, chain))
        taken = chain.taken
        with open_them() as workers:
            answers = _made_again(job, taken, workers)
    worths = tuple(_worth(base, each, answers[each.number]) for each in taken)
    return DecisionWorths(base, worths, is_forked, unlike_known(known, base))


def _watched(job: Job, answers: _Answers) -> Job:
    return replace(job, prepare=answers.prepare(job.prepare), answered=answers.answered)


def _copied_at_each(job: Job, most: int) -> tuple[BacktestResult, list[_Taken], dict[int, Any]]:
    with Forks(most) as forks:
        chain = _Chain(forks)
        base = result_of(_watched(job, chain), forks, _left)
        if chain.problem is not None:
            raise chain.problem
        return base, chain.taken, dict(forks.answers())


def _left(result: BacktestResult) -> Left:
    return Left(result.total_pnl, result.total_trades, result.error)


def _made_again(job: Job, taken: list[_Taken], workers: Workers) -> dict[int, Any]:
    """Return what the runs without each decision come to; an exception for one that could not be made."""
    workers.setup(_Again(job))
    numbers = {workers.submit((each.number, each.digest)): each.number for each in taken}
    return {numbers[done.ticket]: done.error or done.value for done in workers.as_completed()}


@dataclass(frozen=True, eq=False)
class _Again:
    """Makes a worker ready to run a job without one of its decisions."""

    job: Job

    def __call__(self) -> Runner:
        return _RunsWithout(self.job)


class _RunsWithout:
    """Runs a job without one of its decisions, which is given by its number and the digest of all until then; one after
    another in one sandbox.
    """

    def __init__(self, job: Job) -> None:
        self._answers: _Answers
        self._runner = TrialRunner(replace(job, answered=self._answered))

    def _answered(self, data: MarketData, answer: Answer) -> Answer:
        return self._answers.answered(data, answer)

    def __call__(self, given: tuple[int, bytes]) -> Left:
        answers = self._answers = _Answers(*given)
        result = self._runner.result(Trial(0, prepare=answers.prepare(None)))
        if result.interrupted:
            raise KeyboardInterrupt
        if answers.count < given[0] or not answers.is_same:
            raise SimulationError(
                "the program answers otherwise when it is asked again: by more than what it is asked with"
            )
        return _left(result)

    def __enter__(self) -> _RunsWithout:
        return self

    def __exit__(self, *error: object) -> None:
        self._runner.close()


def _worth(base: BacktestResult, taken: _Taken, answer: Left | Exception) -> DecisionWorth:
    where = taken.number, taken.at_ms, taken.decisions
    if isinstance(answer, Exception):
        return DecisionWorth(*where, None, str(answer), None)
    return DecisionWorth(*where, answer, answer.error, base.total_pnl - answer.pnl)
