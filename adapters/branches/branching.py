"""A run that goes on otherwise from an instant on, beside the run as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from engine import BacktestConfig, BacktestResult, ConfigurationError, DataError, SimulationError, utc_text

from ..journals import RunDifference, difference_of, journal_of_result
from ..trials import Job, Trial, TrialRunner
from .added_faults import beginning_at, is_laid_out
from .changing_fields import changed_config
from .forks import Forks, can_fork
from .same_past import require_same_past
from .turning import Change, Turn

_AS_IT_IS = Trial(0)


@dataclass(frozen=True, repr=False)
class Branches:
    """A run as it was, `base`, and as it goes on with a `change`, `branch`: both with their journals. `is_forked`: the
    branch is a copy of the run at that instant; else it was run again from the start, with the same answers until then.
    `decided_at` is the trigger (epoch ms) whose decision was replaced, None where none was. `remarks` are for the user.
    """

    change: Change
    base: BacktestResult
    branch: BacktestResult
    is_forked: bool
    decided_at: int | None = None
    remarks: tuple[str, ...] = ()

    @property
    def gained(self) -> float:
        """What the change brings, net, in USD."""
        return self.branch.total_pnl - self.base.total_pnl

    @property
    def difference(self) -> RunDifference:
        """What sets the branch apart from the run as it was, as `perpsim diff` tells it: the first difference, what
        followed from it, and the gap in net PnL, added up exactly.
        """
        return difference_of(journal_of_result(self.base, "as it was"), journal_of_result(self.branch, "what if"))

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why what the program was taken to decide was refused at once, a reason for each decision that was."""
        if self.decided_at is None or self.change.decision is None:
            return ()
        lines = () if self.branch.journal is None else self.branch.journal.records()
        now = takewhile(lambda line: line["at"] <= self.decided_at, lines)
        return tuple(
            line["reason"] for line in now if line["at"] == self.decided_at and line.get("was_pending") is False
        )

    def __str__(self) -> str:
        from .answers_told import branches_text

        return branches_text(self)

    __repr__ = __str__


def branched(job: Job, change: Change, known: BacktestResult | str | None = None) -> Branches:
    """Run a job as it is and, from an instant on, with a change. `known` is its result, where that is at hand, or the
    digest of that: of one with a journal nothing but the branch need be run where a run cannot be copied.

    Raises `ConfigurationError` for a change that cannot be, `DataError` where the run does not come to its instant, and
    `SimulationError` for a program that answers otherwise when it is asked again.
    """
    config = job.config_of(Trial(0))
    require_within(config, change.at_ms)
    changed_config(config, change.fields, job.models)
    change = replace(change, faults=beginning_at(change.faults, change.at_ms, config))
    job = replace(job, record_journal=True)
    is_laid_out_anew = any(is_laid_out(each, config) for each in change.faults)
    is_copied = runs_here(job, config) and can_fork() and not is_laid_out_anew
    found = _forked(job, change) if is_copied else _replayed(job, change, known)
    return replace(found, remarks=unlike_known(known, found.base))


def require_within(config: BacktestConfig, at_ms: int) -> None:
    """Raise `ConfigurationError` for an instant outside of a run."""
    if not config.start_ms <= at_ms <= config.end_ms:
        span = f"{utc_text(config.start_ms)} to {utc_text(config.end_ms)}"
        raise ConfigurationError([f"at: {utc_text(at_ms)} lies outside of the run, which goes from {span}"])


def runs_here(job: Job, config: BacktestConfig) -> bool:
    """Whether the program of a run is asked in this process, so that it is copied with it."""
    return job.trust or config.code is None


def result_of(
    job: Job,
    forks: Forks | None = None,
    sent: Callable[[BacktestResult], Any] = lambda result: result,
    trial: Trial = _AS_IT_IS,
) -> BacktestResult:
    """Return the result of a job, or of a trial of it; a copy of this process, one of `forks`, sends what `sent` makes
    of it, and ends. Ctrl-C is raised.
    """
    try:
        with TrialRunner(job) as runner:
            result = runner.result(trial)
        if result.interrupted:
            raise KeyboardInterrupt
    except BaseException as error:
        if forks is None or not forks.is_copy:
            raise
        forks.answer(error if isinstance(error, Exception) else SimulationError(f"the program ended it: {error!r}"))
    if forks is not None and forks.is_copy:
        forks.answer(sent(result))
    return result


def unlike_known(known: BacktestResult | str | None, again: BacktestResult) -> tuple[str, ...]:
    """Return what to remark where a result, which may be known by its digest, is not what its run gives now."""
    digest = known.digest if isinstance(known, BacktestResult) else known
    if digest in (None, again.digest):
        return ()
    return (
        f"the result is not what its run gives now (digest {digest}, now {again.digest}): all of this is of the "
        "run as it is now",
    )


def _turning(job: Job, turn: Turn) -> Job:
    return replace(job, prepare=turn.prepare(job.prepare), answered=turn.answered)


def _forked(job: Job, change: Change) -> Branches:
    with Forks(1) as forks:
        turn = Turn(change, job.models, forks)
        base = result_of(_turning(job, turn), forks)
        if turn.problem is not None:
            raise turn.problem
        _require_come(turn, change, base)
        ((_, branch),) = forks.answers()
    if isinstance(branch, Exception):
        raise branch
    return Branches(change, base, branch, True, turn.decided_at)


def _replayed(job: Job, change: Change, known: BacktestResult | str | None) -> Branches:
    base = known if isinstance(known, BacktestResult) and known.journal is not None else result_of(job)
    turn = Turn(change, job.models, None)
    faults = (*job.config_of(_AS_IT_IS).faults, *change.faults)
    branch = result_of(_turning(job, turn), trial=Trial(0, {"faults": faults} if change.faults else {}))
    until = change.at_ms if change.is_timed or turn.decided_at is None else turn.decided_at
    require_same_past(base, branch, change, until)
    _require_come(turn, change, base)
    return Branches(change, base, branch, False, turn.decided_at)


def _require_come(turn: Turn, change: Change, base: BacktestResult) -> None:
    if turn.has_come and (turn.decided_at is not None or not change.replaces):
        return
    why = f" ({base.error})" if base.error else ""
    what = "it is not asked then or later, so that there is no decision to replace" if turn.has_come else "it had ended"
    raise DataError(f"at {utc_text(change.at_ms)} nothing can change in the run: {what}{why}")
