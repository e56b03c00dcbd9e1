"""Goes through the windows of a walk-forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from engine.plain_values import counted

from ..searches import SearchRounds
from ..studies import Study, StudyTrial, begun_study
from ..trials import Job, TrialRunner, run_trials
from ..workers import Workers
from .joined_equity import points_of
from .walk_result import WalkForward
from .walk_trials import Walk
from .walked_window import WalkedWindow
from .window_gaps import with_gaps
from .window_plan import Window

#: The least that an account can begin with, in USD, see `BacktestConfig.initial_balance`.
_LEAST_BALANCE = 0.01

#: Is told of each run that is done.
OnTrial = Callable[[StudyTrial], None]


def new_study(walk: Walk) -> Study:
    """Return the study of a walk-forward, without a run yet."""
    return begun_study("walk-forward", walk.job, walk.parameters, (walk.metric,), walk.planned)


def run_walk(walk: Walk, workers: Workers, study: Study | None = None, on_trial: OnTrial | None = None) -> WalkForward:
    """Run a walk-forward and return what came of it; `study` has the trainings that are done already, and gets the
    others, and the tests, which always run: of stored ones there are no curves. `on_trial` is called with each run that
    the study did not have, as it ends.

    First all trainings run, on `workers`: side by side whatever their window, or where they are searched window after
    window. Then the tests: on `workers` too where each begins with the same balance, in order and in this process where
    the account is carried on.
    """
    study = new_study(walk) if study is None else study

    def note(done: StudyTrial) -> None:
        is_new = done.number not in study.trials
        study.trials[done.number] = done
        if on_trial is not None and is_new:
            on_trial(done)

    for done in _searched(walk, study, workers) if walk.search is not None else _trained(walk, study, workers):
        note(done)
    chosen = [_choice(walk, study, window) for window in walk.plan.windows]
    tests = _carried(walk, chosen) if walk.account == "carried" else _restarted(walk, chosen, workers)
    windows = {each.window.number: each for each in chosen}
    for number, found in tests:
        if isinstance(found, str):
            windows[number] = replace(windows[number], why_flat=found)
            continue
        note(found)
        if found.figures:
            windows[number] = replace(windows[number], tested=found)
        else:
            windows[number] = replace(windows[number], why_flat=f"the test failed: {found.outcome.error}")
    return WalkForward(walk, study, tuple(with_gaps(walk.job, each) for each in windows.values()))


def _trained(walk: Walk, study: Study, workers: Workers) -> Iterator[StudyTrial]:
    """Run the trainings of all combinations that are not there yet, and yield them as they end."""
    left = {trial.number: trial for trial in walk.trainings() if trial.number not in study.trials}
    for outcome in run_trials(walk.job, left.values(), workers):
        trial = left[outcome.number]
        yield StudyTrial(trial, outcome, _training_in(trial.number // walk.per_window))


def _searched(walk: Walk, study: Study, workers: Workers) -> Iterator[StudyTrial]:
    """Search window after window, each with the same seed, and yield the trainings as they end."""
    assert walk.search is not None
    for window in walk.plan.windows:
        numbers = walk.numbers(window)
        own = replace(study, trials=_of(study, numbers, -numbers.start))
        placed = partial(walk.training, window)
        for done in SearchRounds(walk.job, own, walk.search, workers, placed=placed):
            in_all = _renumbered(done, numbers.start)
            yield in_all._replace(notes={**done.notes, **_training_in(window.number)})


def _training_in(window: int) -> dict[str, Any]:
    """Return the notes of a training: which window it is of, from 1."""
    return {"window": window + 1, "run": "training"}


def _test_in(window: int) -> dict[str, Any]:
    return {"window": window + 1, "run": "test"}


def _of(study: Study, numbers: range, shift: int = 0) -> dict[int, StudyTrial]:
    """Return the trials of a study with some numbers, by these, shifted."""
    there = (study.trials[number] for number in numbers if number in study.trials)
    return {each.number + shift: _renumbered(each, shift) for each in there}


def _renumbered(done: StudyTrial, shift: int) -> StudyTrial:
    number = done.number + shift
    return done._replace(trial=replace(done.trial, number=number), outcome=replace(done.outcome, number=number))


def _choice(walk: Walk, study: Study, window: Window) -> WalkedWindow:
    """Return a window with the best of its trainings."""
    trials = _of(study, walk.numbers(window))
    best = next(iter(replace(study, trials=trials).ranked(1)), None)
    failed = sum(each.outcome.error is not None for each in trials.values())
    why = None if best is not None else _why_none(walk, trials, failed)
    names = tuple(each.name for each in walk.parameters)
    return WalkedWindow(window, walk.metric, names, len(trials), failed, best, None, why)


def _why_none(walk: Walk, trials: dict[int, StudyTrial], failed: int) -> str:
    if failed < len(trials):
        return f"{walk.metric.name} is defined for none of {counted(len(trials) - failed, 'training')} that ran"
    first = trials[min(trials)].outcome.error
    return f"every training failed, the first with: {first}"


def _test_job(walk: Walk) -> Job:
    """Return the job of the tests, of which whole curves are kept."""
    first = walk.plan.windows[0]
    return replace(walk.job, curve_points=points_of(first.test_from_ms, first.test_to_ms))


def _restarted(walk: Walk, windows: list[WalkedWindow], workers: Workers) -> Iterator[tuple[int, StudyTrial]]:
    """Run the tests side by side, each with the configured balance, and yield them as they end."""
    tests = {}
    for each in windows:
        if each.chosen is not None:
            trial = walk.test(each.window, each.chosen)
            tests[trial.number] = each.window.number, trial
    for outcome in run_trials(_test_job(walk), [trial for _, trial in tests.values()], workers):
        window, trial = tests[outcome.number]
        yield window, StudyTrial(trial, outcome, _test_in(window))


def _carried(walk: Walk, windows: list[WalkedWindow]) -> Iterator[tuple[int, StudyTrial | str]]:
    """Run the tests one after another, each with what the one before left, and yield each or why there is none."""
    balance = walk.job.config.initial_balance
    with TrialRunner(_test_job(walk)) as runner:
        for each in windows:
            if each.chosen is None:
                continue
            if balance < _LEAST_BALANCE:
                yield each.window.number, "the account is gone"
                continue
            trial = walk.test(each.window, each.chosen, balance)
            (outcome,) = runner([trial])
            balance = outcome.figures.get("final_equity", balance)
            yield each.window.number, StudyTrial(trial, outcome, _test_in(each.window.number))
