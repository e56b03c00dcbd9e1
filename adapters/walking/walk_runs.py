"""Goes through the windows of a walk-forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from engine.plain_values import plain

from ..studies import Study, StudyTrial
from ..trials import Job, Trial, TrialOutcome, TrialRunner, run_trials
from ..workers import Workers
from .joined_equity import points_of
from .walk_result import WalkForward
from .walk_trials import Walk
from .walked_window import WalkedWindow
from .window_plan import Window

#: The least that an account can begin with, in USD, see `BacktestConfig.initial_balance`.
_LEAST_BALANCE = 0.01

#: Is told of each run that is done.
OnTrial = Callable[[Trial, TrialOutcome], None]


def new_study(walk: Walk) -> Study:
    """Return the study of a walk-forward, without a run yet."""
    config = plain(walk.job.config.to_dict())
    return Study("walk-forward", config, walk.parameters, (walk.metric,), walk.planned)


def run_walk(walk: Walk, workers: Workers, study: Study | None = None, on_trial: OnTrial | None = None) -> WalkForward:
    """Run a walk-forward and return what came of it; `study` has the trainings that are done already, and gets the
    others. `on_trial` is called with each run as it ends.

    First all trainings run, on `workers`, then the tests: on `workers` too where each begins with the same balance, in
    order and in this process where the account is carried on.
    """
    study = new_study(walk) if study is None else study

    def note(trial: Trial, outcome: TrialOutcome) -> None:
        study.add(trial, outcome)
        if on_trial is not None:
            on_trial(trial, outcome)

    left = {trial.number: trial for trial in walk.trainings() if trial.number not in study.trials}
    for outcome in run_trials(walk.job, left.values(), workers):
        note(left[outcome.number], outcome)
    chosen = [_choice(walk, study, window) for window in walk.plan.windows]
    tests = _carried(walk, chosen) if walk.account == "carried" else _restarted(walk, chosen, workers)
    tested: dict[int, StudyTrial] = {}
    flat: dict[int, str] = {}
    for window, found in tests:
        if isinstance(found, str):
            flat[window.number] = found
        else:
            tested[window.number] = found
            note(*found)
    windows = [_walked(each, tested.get(each.window.number), flat.get(each.window.number)) for each in chosen]
    return WalkForward(walk, study, tuple(windows))


def _choice(walk: Walk, study: Study, window: Window) -> WalkedWindow:
    """Return a window with the best of its trainings."""
    numbers = [walk.training(window, place).number for place in range(len(walk.combinations))]
    trials = {number: study.trials[number] for number in numbers}
    best = replace(study, trials=trials).best
    failed = sum(each.outcome.error is not None for each in trials.values())
    why = None if best is not None else _why_none(walk, trials, failed)
    names = tuple(each.name for each in walk.parameters)
    return WalkedWindow(window, walk.metric, names, len(trials), failed, best, None, why)


def _why_none(walk: Walk, trials: dict[int, StudyTrial], failed: int) -> str:
    if failed < len(trials):
        return f"{walk.metric.name} is defined for none of {len(trials) - failed} trainings that ran"
    first = next(iter(trials.values())).outcome.error
    return f"every training failed, the first with: {first}"


def _walked(window: WalkedWindow, tested: StudyTrial | None, why_flat: str | None) -> WalkedWindow:
    return replace(window, tested=tested, why_flat=why_flat or window.why_flat)


def _test_job(walk: Walk) -> Job:
    """Return the job of the tests, of which whole curves are kept."""
    first = walk.plan.windows[0]
    return replace(walk.job, curve_points=points_of(first.test_from_ms, first.test_to_ms))


def _restarted(walk: Walk, windows: list[WalkedWindow], workers: Workers) -> Iterator[tuple[Window, StudyTrial]]:
    """Run the tests side by side, each with the configured balance, and yield them in order."""
    tests = {}
    for each in windows:
        if each.chosen is not None:
            trial = walk.test(each.window, each.chosen.trial)
            tests[trial.number] = each.window, trial
    trials = [trial for _, trial in tests.values()]
    done = {outcome.number: outcome for outcome in run_trials(_test_job(walk), trials, workers)}
    yield from ((window, StudyTrial(trial, done[number])) for number, (window, trial) in tests.items())


def _carried(walk: Walk, windows: list[WalkedWindow]) -> Iterator[tuple[Window, StudyTrial | str]]:
    """Run the tests one after another, each with what the one before left, and yield each or why there is none."""
    balance = walk.job.config.initial_balance
    with TrialRunner(_test_job(walk)) as runner:
        for each in windows:
            if each.chosen is None:
                continue
            if balance < _LEAST_BALANCE:
                yield each.window, "the account is gone"
                continue
            trial = walk.test(each.window, each.chosen.trial, balance)
            (outcome,) = runner([trial])
            balance = outcome.figures.get("final_equity", balance)
            yield each.window, StudyTrial(trial, outcome)
