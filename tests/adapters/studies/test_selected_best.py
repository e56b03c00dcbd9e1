"""What the statistics of selection say of a study: which trials count, and which curves."""

from dataclasses import replace

import numpy as np
import pytest

from adapters.studies import Study, parse_metric, quick_selection, selection_lines, study_selection, trials_text
from adapters.trials import Trial, TrialOutcome
from engine import DataError
from engine.selection import Verdict, judge_selection
from tests.support.selection_cases import best_of, study

DAY_MS = 86_400_000


def outcome(number, returns, error=None, begun=0):
    """What a trial came to that earned these returns a day."""
    equity = 10_000.0 * np.cumprod(np.concatenate(([1.0], 1.0 + np.asarray(returns))))
    spread = np.std(returns, ddof=1) if len(returns) else 0.0
    sharpe = float(np.mean(returns) / spread * 365**0.5) if spread else None
    figures = {} if error else {"sharpe_ratio": sharpe}
    times = DAY_MS * (begun + np.arange(len(equity)))
    nothing = np.empty(0)
    return TrialOutcome(number, figures, None, error, 1.0, times, equity, nothing, nothing.astype(int), nothing)


def of(returns, *more):
    made = Study("sweep", {}, (), (parse_metric("sharpe_ratio"),))
    for number, column in enumerate(returns.T):
        made.add(Trial(number), outcome(number, column))
    for number, (each, notes) in enumerate(more, returns.shape[1]):
        made.add(Trial(number), each(number), notes)
    return made


def test_it_is_the_judgement_of_the_daily_returns():
    returns = study(7, 200, 12, (0.006,))
    report = of(returns).selection()
    expected = judge_selection(returns, best_of(returns))
    for name in ("verdict", "trials", "reality_check_p", "superior_ability_p", "overfitting_probability", "active"):
        assert getattr(report, name) == getattr(expected, name), name
    assert report.deflated_sharpe_ratio == pytest.approx(expected.deflated_sharpe_ratio, abs=1e-10)
    assert report.verdict is Verdict.STANDS_OUT


def test_trials_that_failed_count_and_those_that_repeat_do_not():
    returns = study(7, 200, 12, (0.006,))
    failed = [(lambda number: outcome(number, [], "no"), {})] * 30
    repeats = [(lambda number: outcome(number, returns[:, 1]), {"repeats": 1})] * 40
    short = [(lambda number: outcome(number, returns[:60, 3], begun=140), {})] * 5
    report = study_selection(of(returns, *failed, *repeats, *short))
    alone = study_selection(of(returns))
    assert report.trials == 12 + 30 + 5
    assert report.deflated_sharpe_ratio < alone.deflated_sharpe_ratio
    assert report.superior_ability_p == alone.superior_ability_p  # of the curves over the same days


def test_the_end_of_a_study_says_what_it_comes_to_or_why_it_does_not():
    report, text = quick_selection(of(study(7, 200, 12, (0.006,))))
    assert text == f"stands out, {report.reason}"
    short = of(np.empty((0, 3)))
    short.metrics = (parse_metric("total_trades"),)
    for number, each in short.trials.items():
        each.outcome.figures["total_trades"] = number
    nothing, why = quick_selection(short)
    assert (nothing, why[:19]) == (None, "it cannot be told: ")
    assert quick_selection(of(study(7, 200, 1))) == (None, "")


def test_after_ruin_nothing_is_earned():
    returns = study(7, 60, 3, (0.006,))
    returns[20, 2] = -1.0
    report = study_selection(of(returns))
    returns[21:, 2] = 0.0
    assert report.superior_ability_p == judge_selection(returns, 0).superior_ability_p


def test_many_trials_of_few_days_are_no_transposed_matrix():
    assert study_selection(of(study(1, 40, 90))).trials == 90


def test_a_study_without_a_best_trial_cannot_be_judged():
    failed = [(lambda number: outcome(number, [], "it fails"), {})] * 3
    with pytest.raises(DataError, match="best trial to judge: all 3 trials failed, the first with: it fails"):
        study_selection(of(np.zeros((50, 0)), *failed))
    with pytest.raises(DataError, match="no trial is done"):
        of(np.zeros((50, 0))).selection()


def test_one_trial_is_no_plural_and_nothing_has_no_sign():
    alone = of(np.zeros((50, 0)), (lambda number: outcome(number, [], "it fails"), {}))
    with pytest.raises(DataError, match="the only trial failed with: it fails"):
        study_selection(alone)
    assert (trials_text(1, 1), trials_text(1, None), trials_text(0, 1)) == ("1 trial", "1 trial", "0 of 1 trial")
    assert (trials_text(1, 3), trials_text(2_000, 2_000)) == ("1 of 3 trials", "2,000 trials")
    report = replace(judge_selection(study(7, 60, 1, (0.006,)), 0), sharpe_ratio=-0.001)
    assert "Sharpe ratio of the best            0.00" in "\n".join(selection_lines(report))
    assert " of 1 trial, p " in report.reason


def test_it_is_told_in_80_columns():
    text = "\n".join(selection_lines(study_selection(of(study(7, 20, 2, (0.006,))))))
    assert text.startswith("Verdict: not told apart from noise, the best trial earned or lost on 20 of 20\ndays: ")
    assert "Trials counted                         2" in text
    assert max(map(len, text.splitlines())) <= 80
    alone = "\n".join(selection_lines(study_selection(of(study(7, 60, 1, (0.006,))))))
    assert "Probability of overfitting             -\n    one configuration was chosen" in alone
