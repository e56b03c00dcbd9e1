"""Which runs a walk-forward is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine import ConfigurationError
from engine.durations import duration_name
from engine.periods import PERIOD_MS
from engine.result import FEWEST_DAYS_OF_A_YEAR, is_short

from ..searches import SearchPlan
from ..studies import Metric, Parameter, StudyTrial, grid_trials, trial_of
from ..trials import Job, Trial, Until
from .joined_equity import Account
from .window_plan import WalkScheme, Window, WindowPlan, plan_windows

#: Fields that the windows say.
_OF_WINDOWS = ("start_time", "end_time")
#: Figures that are not defined of a short run.
_BY_THE_YEAR = ("annual_return_percent", "calmar_ratio", "annual_alpha_percent")


@dataclass(frozen=True)
class Walk:
    """A walk-forward that can be run: in each window of the plan combinations of `parameters` are trained, all of them
    or those that `search` proposes, and the one with the best metric is tested.
    """

    job: Job
    parameters: tuple[Parameter, ...]
    metric: Metric
    scheme: WalkScheme
    account: Account
    plan: WindowPlan
    search: SearchPlan | None = None

    @cached_property
    def combinations(self) -> list[Trial]:
        """Every combination of values, as a trial that is of no window yet; none where they are searched."""
        return [] if self.search is not None else [*grid_trials(self.parameters)]

    @cached_property
    def per_window(self) -> int:
        """How many trainings a window has, at most."""
        if self.search is not None:
            return self.search.planned(self.parameters)
        return len(self.combinations)

    @property
    def planned(self) -> int:
        """How many runs there are, at most."""
        return len(self.plan.windows) * (self.per_window + 1)

    def numbers(self, window: Window) -> range:
        """Return the numbers of the trainings of a window."""
        return range(window.number * self.per_window, (window.number + 1) * self.per_window)

    def training(self, window: Window, trial: Trial) -> Trial:
        """Return the run of a combination in a training, with its number in the window: it is on a market that ends
        with the training.
        """
        return _between(trial, window.train_from_ms, window.train_to_ms)

    def trainings(self) -> Iterator[Trial]:
        """Yield the trainings of all combinations in all windows, window after window, with their numbers of all."""
        for window in self.plan.windows:
            for number, trial in zip(self.numbers(window), self.combinations, strict=True):
                yield replace(self.training(window, trial), number=number)

    def test(self, window: Window, chosen: StudyTrial, balance: float | None = None) -> Trial:
        """Return the run that tests what was chosen, on a market that ends with it; with `balance` (USD) on that."""
        number = len(self.plan.windows) * self.per_window + window.number
        values = {each.name: chosen.values[each.name] for each in self.parameters}
        trial = _between(trial_of(number, self.parameters, values), window.test_from_ms, window.test_to_ms)
        return trial if balance is None else replace(trial, fields={**trial.fields, "initial_balance": balance})

    def of_kind(self) -> dict[str, Any]:
        """Return as plain values what a stored study has of it beside configuration, parameters and metric."""
        return {
            "scheme": self.scheme.to_dict(),
            "account": self.account,
            "search": None if self.search is None else self.search.plain(),
            "windows": [each._asdict() for each in self.plan.windows],
        }


def _between(trial: Trial, start_ms: int, end_ms: int) -> Trial:
    return replace(trial, fields={**trial.fields, "start_time": start_ms, "end_time": end_ms}, change=Until(end_ms))


def planned_walk(
    job: Job,
    parameters: Sequence[Parameter],
    metric: Metric,
    scheme: WalkScheme,
    account: Account = "carried",
    search: SearchPlan | None = None,
) -> Walk:
    """Return a walk-forward over the range of a job's configuration, as far as there are data of it.

    Raises `ConfigurationError`, before anything is run, for what cannot be.
    """
    config = job.config
    problems = [*_field_problems(parameters, account), *_length_problems(config.base_period, metric, scheme)]
    problems += [*scheme.problems()]
    if not parameters:
        problems.append("nothing varies: name a parameter of the program, or a field, with its values")
    if problems:
        raise ConfigurationError(problems)
    if search is not None:
        search.require_fit(parameters, (metric,))
    start_ms, end_ms, notes = _range(job, config.start_ms, config.end_ms)
    plan = plan_windows(scheme, start_ms, end_ms)
    plan = WindowPlan(plan.windows, (*notes, *plan.notes))
    walk = Walk(job, tuple(parameters), metric, scheme, account, plan, search)
    try:
        walk.per_window  # noqa: B018  an interval without steps has no list of values
    except ValueError as error:
        raise ConfigurationError([f"{error}, or search: say how many trials"]) from None
    return walk


def _field_problems(parameters: Sequence[Parameter], account: Account) -> Iterator[str]:
    for parameter in parameters:
        if parameter.is_field and parameter.name in _OF_WINDOWS:
            yield f"{parameter.name}: the windows say it, so it cannot vary: leave it out"
        if parameter.is_field and parameter.name == "initial_balance" and account == "carried":
            yield "initial_balance: the account is carried on, so it cannot vary: leave it out, or restart the account"


def _length_problems(base_period: str, metric: Metric, scheme: WalkScheme) -> Iterator[str]:
    shortest = min(scheme.train_ms - scheme.purge_ms, scheme.test_ms)
    if 0 < shortest < PERIOD_MS[base_period]:
        yield f"{duration_name(shortest)} of a training or a test is shorter than one kline of {base_period}: give more"
    length_ms = scheme.train_ms - scheme.purge_ms
    if metric.name in _BY_THE_YEAR and is_short(0, length_ms):
        least, there = f"{FEWEST_DAYS_OF_A_YEAR}d", duration_name(length_ms)
        yield f"metric: {metric.name} needs {least} and a training has {there}: train longer, or choose by sharpe_ratio"


def _range(job: Job, start_ms: int, end_ms: int) -> tuple[int, int, list[str]]:
    """Return the part of a range in which there are klines of any symbol, and what is to be said of the rest."""
    ends = [
        (int(opened[0]), int(opened[-1]) + history.base.period_ms)
        for ground in job.grounds.values()
        for history in ground.market.symbols.values()
        if len(opened := history.base.columns.open_ms)
    ]
    if not ends:
        return start_ms, end_ms, []
    first, last = min(each[0] for each in ends), max(each[1] for each in ends)
    notes = []
    if first > start_ms:
        notes.append("the data begin later than start_time, and so do the windows")
    if last < end_ms:
        notes.append("the data end before end_time, and so do the windows")
    return max(start_ms, first), min(end_ms, last), notes
