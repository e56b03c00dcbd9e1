"""Values proposed by the samplers of Optuna, which is asked and told and runs nothing itself.

Its study stands in memory: it is rebuilt from the outcomes of the trials when a search goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine import DataError

from ..studies import Metric
from .proposer import Answer
from .search_space import Axis, SearchSpace

try:
    import optuna
except ImportError as error:
    raise DataError("this sampler needs optuna: pip install 'perpsim[search]', or take grid") from error

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

VERSION = optuna.__version__

_SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "tpe": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "nsga2": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
}
#: What is said of a trial without values: worse than whatever keeps or leaves the constraints.
_WITHOUT_VALUES = "has no values"


class OptunaProposer:
    """Asks a sampler of Optuna for values.

    A trial that was pruned is told as such, with its value in the first part. One that failed, or with a metric that is
    not defined, is told as pruned with nothing to say for it, and as infeasible without end: TPE takes it for the worst
    there is and keeps away, NSGA-II does not breed from it. Optuna's own state for failures would be forgotten, and
    what fails asked for again and again.
    """

    def __init__(self, space: SearchSpace, sampler: str, metrics: Sequence[Metric], seed: int) -> None:
        self._space = space
        self._distributions = {each.name: _distribution(each) for each in space.axes}
        both = optuna.study.StudyDirection
        directions = [both.MINIMIZE if each.is_least else both.MAXIMIZE for each in metrics]
        with _silent():
            self._study = optuna.create_study(sampler=_SAMPLERS[sampler](seed), directions=directions)
        self._asked: dict[int, optuna.Trial] = {}

    def ask(self, count: int) -> list[dict[str, Any]]:
        """Return the values of the next trials, all without knowing what the others of them come to."""
        trials = [self._study.ask(self._distributions) for _ in range(count)]
        self._asked |= {each.number: each for each in trials}
        return [self._space.values(each.params) for each in trials]

    def tell(self, number: int, answer: Answer) -> None:
        """Say what a trial came to."""
        trial = self._asked.pop(number)
        for name, violation in answer.violations.items():
            trial.set_constraint(name, violation)
        if answer.values is not None:
            self._study.tell(trial, answer.values)
            return
        if answer.part is not None:
            trial.report(answer.part, step=0)
        else:
            trial.set_constraint(_WITHOUT_VALUES, math.inf)
        self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)


def _distribution(axis: Axis) -> BaseDistribution:
    parameter = axis.parameter
    if axis.values is not None:
        places = range(len(axis.values))
        if axis.is_ordered:
            return optuna.distributions.IntDistribution(0, places[-1])
        return optuna.distributions.CategoricalDistribution(places)
    if not parameter.is_integer:
        return optuna.distributions.FloatDistribution(parameter.low, parameter.high, log=parameter.is_log)
    low, step = int(parameter.low), int(parameter.step or 1)
    return optuna.distributions.IntDistribution(low, low + (int(axis.size) - 1) * step, parameter.is_log, step)


@contextmanager
def _silent() -> Iterator[None]:
    """A context in which Optuna does not tell what it makes, whatever the user has it tell."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
