"""What is said of studies of noise, of an edge, and of those that tell nothing."""

import numpy as np
import pytest

from engine import ConfigurationError, DataError
from engine.selection import Verdict, deflated_sharpe_ratio, judge_selection, sharpe_moments, sharpe_ratios
from tests.support.selection_cases import best_of, study


def judged(returns, **options):
    return judge_selection(returns, best_of(returns), **options)


@pytest.mark.parametrize(
    ("days", "trials"),
    [
        (60, 10),
        *(
            pytest.param(*each, marks=pytest.mark.soak)
            for each in ((150, 12), (90, 40), (365, 100), (200, 1), (60, 3), (40, 5))
        ),
    ],
)
def test_a_study_of_noise_is_called_noise_in_at_least_95_of_100(days, trials):
    verdicts = [judged(study(1000 + seed, days, trials)).verdict for seed in range(100)]
    assert verdicts.count(Verdict.NOISE) >= 95
    assert verdicts.count(Verdict.STANDS_OUT) <= 2


def test_an_edge_stands_out():
    report = judged(study(7, 400, 20, (0.006,)))
    assert report.verdict == "stands out", report
    assert report.deflated_sharpe_ratio > 0.95 > 0.05 > report.superior_ability_p
    assert report.overfitting_probability == 0.0
    assert report.minimum_track_record < 400
    assert not report.undefined


def test_a_plateau_of_the_same_edge_stands_out_although_its_best_is_any_of_them():
    report = judged(study(8, 400, 1, (0.004,)) + study(9, 400, 15) / 5)
    assert report.overfitting_probability > 0.25
    assert report.verdict == Verdict.STANDS_OUT, report


def test_the_figures_are_annualised_and_count_every_trial():
    returns = study(7, 400, 20, (0.006,))
    ratios = (sharpe_ratios(returns) * 365**0.5).tolist()
    report = judged(returns, trials=5000, trial_sharpe_ratios=[*ratios, None, None, 0.3, -2.0])
    assert report.sharpe_ratio == pytest.approx(ratios[0], rel=1e-12)
    variance = float(np.var([*ratios, 0.3, -2.0], ddof=1)) / 365
    expected = deflated_sharpe_ratio(sharpe_moments(returns[:, 0]), 5000, variance)
    assert report.deflated_sharpe_ratio == pytest.approx(expected, abs=1e-12)
    assert report.trials == 5000
    assert report.deflated_sharpe_ratio < judged(returns).deflated_sharpe_ratio


def test_a_verdict_is_never_better_than_its_sample():
    lucky = np.zeros((365, 1))
    lucky[40:69:2, 0] = study(1, 15, 1, (0.02,))[:, 0]
    report = judged(lucky)
    assert report.probabilistic_sharpe_ratio > 0.95
    assert (report.verdict, report.active) == (Verdict.NOT_TOLD_APART, 15)
    assert "15 of 365 days" in report.reason
    short = judged(study(3, 29, 2, (0.05,)))
    assert short.verdict == Verdict.NOT_TOLD_APART


def test_an_edge_of_one_trial_among_many_that_are_not_known_does_not_stand_out():
    """Of 500 trials a single curve: how the others did in other halves of the time nobody knows."""
    returns = study(7, 400, 1, (0.006,))
    assert judged(returns).verdict == Verdict.STANDS_OUT
    report = judged(returns, trials=500, trial_sharpe_ratios=[1.0, 1.01, 0.99])
    assert report.deflated_sharpe_ratio > 0.95
    assert report.verdict == Verdict.NOT_TOLD_APART
    assert "one configuration" in report.undefined["overfitting_probability"]


def test_what_cannot_be_told_is_none_with_its_reason():
    report = judge_selection(np.zeros((100, 3)), 0)
    assert report.sharpe_ratio is report.deflated_sharpe_ratio is report.minimum_track_record is None
    assert report.superior_ability_p == report.reality_check_p == 1.0
    assert "all the same" in report.undefined["sharpe_ratio"]
    assert report.verdict == Verdict.NOT_TOLD_APART
    few = judged(study(1, 5, 2))
    assert few.overfitting_probability is few.superior_ability_p is None
    assert few.undefined["superior_ability_p"].startswith("5 observation(s) are too few")
    losing = judged(study(1, 100, 2, (-0.01, -0.01)))
    assert losing.minimum_track_record is None
    assert "not above 0" in losing.undefined["minimum_track_record"]
    assert losing.verdict == Verdict.NOISE
    unknown = judged(study(1, 100, 1), trials=7)
    assert "of 7 trials 1 have a Sharpe ratio" in unknown.undefined["deflated_sharpe_ratio"]


def test_what_does_not_fit_together_is_refused():
    returns = study(1, 100, 5)
    for best in (-1, 5):
        with pytest.raises(ConfigurationError, match=f"no column {best}"):
            judge_selection(returns, best)
    with pytest.raises(ConfigurationError, match="4 trials, yet there are figures of 5"):
        judge_selection(returns, 0, trials=4)
    with pytest.raises(ConfigurationError, match="6 trials, yet there are figures of 7"):
        judge_selection(returns, 0, trials=6, trial_sharpe_ratios=[None] * 7)
    with pytest.raises(DataError, match="transposed"):
        judge_selection(returns.T, 0)
