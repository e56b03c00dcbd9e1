"""The statistics of selection of a study: of its trials' equity curves, and of how many they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine import DataError
from engine.market.series import FloatColumn
from engine.result import daily_returns
from engine.selection import SelectionReport, judge_selection

from ..studies import Study
from ..trials import TrialOutcome
from .card_runs import sharpe_ratios


def study_selection(study: Study, seed: int = 0) -> SelectionReport:
    """Return what the statistics of selection say of the best trial of a study: all its trials count, also those that
    failed; the curves are those of the trials that ran over the same days as the best.

    Raises `DataError` where no trial is the best of them.
    """
    best = study.best
    if best is None:
        raise DataError(f"no trial of the study has a {study.metrics[0].name}: there is no best one to judge")
    done = [study.trials[number].outcome for number in sorted(study.trials)]
    matrix, kept = returns_beside(best.outcome, done)
    return judge_selection(
        matrix,
        kept.index(best.outcome.number),
        trials=len(done),
        trial_sharpe_ratios=sharpe_ratios(done),
        configurations=len(kept),
        seed=seed,
    )


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
