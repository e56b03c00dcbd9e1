"""The runs of a robustness card: the program as it is, beside other parameters, from later starts, at other costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine import BacktestResult, DataError, StrategyError
from engine.periods import HOUR_MS

from ..ensembles import CostLimit, ShiftEnsemble, cost_limits, shift_ensemble
from ..runs import long_step
from ..studies import Parameter
from ..trials import Job, Trial, TrialOutcome, TrialRunner, run_trials
from ..workers import Workers
from .neighbours import neighbour_params

T = TypeVar("T")

#: At most so many later starts, the last of which leaves out at most this share of the range.
MOST_SHIFTS, LAST_SHIFT = 12, 0.1

Neighbour = tuple[Mapping[str, Any], TrialOutcome]


@dataclass(frozen=True)
class CardRuns:
    """What the runs of a card came to: `result` is that of the program as it is, `neighbours` are those at other
    parameters (beside what these are), `shifts` those from later starts, and `costs` those at other costs, by their
    names; of the last two a text says why there are none.
    """

    result: BacktestResult
    neighbours: Sequence[Neighbour]
    shifts: ShiftEnsemble | str
    costs: Mapping[str, CostLimit] | str

    @property
    def later(self) -> Sequence[TrialOutcome]:
        """The runs from later starts."""
        return () if isinstance(self.shifts, str) else self.shifts.runs

    @property
    def count(self) -> int:
        """How many runs there were, each counted once."""
        costs = 0 if isinstance(self.costs, str) else sum(len(each.runs) for each in self.costs.values())
        return 1 + len(self.neighbours) + len(self.later) + costs


def run_card(job: Job, workers: Workers, ranges: Sequence[Parameter] = ()) -> CardRuns:
    """Make the runs of a card of the job's configuration. Raises `ConfigurationError` for ranges of what is no
    parameter, and `StrategyError` where the program as it is does not come to its end.
    """
    beside = [Trial(number, {}, params) for number, params in enumerate(neighbour_params(job.config.params, ranges), 1)]
    with TrialRunner(job) as runner:
        result = runner.result(Trial(0), pnl_range=True)
    if result.interrupted:
        raise KeyboardInterrupt
    if result.error is not None:
        raise StrategyError(f"the program does not come to its end: {result.error}")
    found: dict[int, TrialOutcome] = {}
    with long_step("running neighbours", len(beside), "runs") as advance:
        for outcome in run_trials(job, beside, workers):
            found[outcome.number] = outcome
            advance(1)
    shifts = _shifts(job)
    return CardRuns(
        result,
        [(trial.params, found[trial.number]) for trial in beside],
        _or_reason(lambda: shift_ensemble(job, shifts, workers))
        if shifts
        else "the range is too short for later starts",
        _or_reason(lambda: cost_limits(job, workers).limits),
    )


def _shifts(job: Job) -> int:
    interval_ms = job.config.interval_ms or HOUR_MS
    return min(MOST_SHIFTS, int((job.config.end_ms - job.config.start_ms) * LAST_SHIFT) // interval_ms)


def _or_reason(make: Callable[[], T]) -> T | str:
    try:
        return make()
    except DataError as error:
        return str(error)
