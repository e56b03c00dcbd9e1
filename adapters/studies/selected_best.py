"""The statistics of selection of a study: of its trials' equity curves, and of how many they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine import DataError
from engine.market.series import FloatColumn
from engine.result import daily_returns
from engine.selection import SelectionReport, judge_selection

from ..trials import TrialOutcome
from .selection_text import verdict_text
from .study import Study
from .study_text import why_no_best

#: So many trials take a second or two.
_QUICKLY_JUDGED = 1_000


def study_selection(study: Study, seed: int = 0) -> SelectionReport:
    """Return what the statistics of selection say of the best trial of a study: all its trials count, also those that
    failed, but none that repeats another; the curves are those of trials that ran whole over the days of the best.

    Raises `DataError` where no trial is the best of them.
    """
    best = study.best
    if best is None:
        raise DataError(f"there is no best trial to judge: {why_no_best(study) or 'no trial is done'}")
    counted = counted_trials(study)
    matrix, kept = returns_beside(best.outcome, counted)
    return judge_selection(
        matrix,
        kept.index(best.outcome.number),
        trials=len(counted),
        trial_sharpe_ratios=sharpe_ratios(counted),
        configurations=len(kept),
        seed=seed,
    )


def quick_selection(study: Study) -> tuple[SelectionReport | None, str]:
    """Return the same, and in words what it says or why it cannot be told, for a study of one metric that has a best
    trial among several, few enough to be judged in a second or two; None and an empty text for others.
    """
    if len(study.metrics) > 1 or not 1 < len(study) <= _QUICKLY_JUDGED or study.best is None:
        return None, ""
    try:
        report = study_selection(study)
    except DataError as error:
        return None, f"it cannot be told: {error}"
    return report, verdict_text(report)


def counted_trials(study: Study) -> list[TrialOutcome]:
    """Return what the trials of a study came to that count as trials: not those that repeat another."""
    return [each.outcome for each in study if "repeats" not in each.notes]


def sharpe_ratios(outcomes: Iterable[TrialOutcome]) -> list[float | None]:
    """Return the annualised Sharpe ratio of each run, None where it has none."""
    return [outcome.figures.get("sharpe_ratio") for outcome in outcomes]


def returns_beside(first: TrialOutcome, others: Sequence[TrialOutcome]) -> tuple[FloatColumn, list[int]]:
    """Return the daily returns of runs over the same days as `first`, a row a day and a column a run, and the numbers
    of these runs. After ruin there is nothing to earn a return on: 0.
    """
    kept = [each for each in others if each.error is None and np.array_equal(each.daily_ms, first.daily_ms)]
    matrix = np.zeros((max(len(first.daily_ms) - 1, 0), len(kept)))
    for column, each in enumerate(kept):
        returns = daily_returns(each.daily_equity)
        matrix[: len(returns), column] = returns
    return matrix, [each.number for each in kept]
