"""Made-up studies, and what other tools have said of them.

The returns come from `numpy.random.RandomState`, whose draws never change. Recorded with skfolio 1.12.2,
holdout-backtest 0.1.0 and arch 8.0.0 on 2026-11-26:

* `probabilistic`, `deflated`: skfolio.measures.probabilistic_sharpe_ratio and deflated_sharpe_ratio of the best column,
  the latter with the Sharpe ratios of all columns; `holdout_deflated`: holdout.deflate_trials(returns).deflated
* `track_record`: holdout.minimum_track_record_length of holdout's own moments
* `overfitting`, `loss`, `logits`: holdout.probability_of_backtest_overfitting(returns, n_blocks=10): pbo,
  probability_of_loss, and the sum of all logits
* `arch`: arch.bootstrap.SPA(zeros, -returns, block_size=5, reps=500, seed=RandomState(7)): lower, consistent, upper;
  its statistic is not divided by deviations
* `spa`, `check`: holdout.superior_predictive_ability (lower, consistent, upper; its deviations are those of the
  resampled means) and reality_check, with 20,000 resamples, block_length=5, seed=1
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


def study(seed: int, days: int, trials: int, drifts: tuple[float, ...] = ()) -> np.ndarray:
    """Daily returns with heavy tails, a column for each trial; `drifts` are added to the first ones."""
    returns = 0.01 * np.random.RandomState(seed).standard_t(5, (days, trials))
    returns[:, : len(drifts)] += drifts
    return returns


def best_of(returns: np.ndarray) -> int:
    """The column with the highest Sharpe ratio."""
    return int((returns.mean(axis=0) / returns.std(axis=0)).argmax())


class Case(NamedTuple):
    """A study, and what others say of it."""

    made: tuple
    best: int
    probabilistic: float
    deflated: float
    holdout_deflated: float
    track_record: float
    overfitting: float
    loss: float
    logits: float
    arch: tuple[float, float, float]
    spa: tuple[float, float, float]
    check: float


CASES = {
    "one with an edge that is too small": Case(
        (1, 250, 8, (0.0012,)),
        best=2,
        probabilistic=0.8609317996278716,
        deflated=0.5528125826739414,
        holdout_deflated=0.5528125826739414,
        track_record=573.7729756418812,
        overfitting=0.9444444444444444,
        loss=0.753968253968254,
        logits=-260.6640005300389,
        arch=(0.576, 0.642, 0.642),
        spa=(0.5895, 0.651, 0.651),
        check=0.6343,
    ),
    "noise of a short range": Case(
        (2, 120, 30, ()),
        best=28,
        probabilistic=0.9455338564872667,
        deflated=0.42999724773788994,
        holdout_deflated=0.42999724773788994,
        track_record=126.29352297162659,
        overfitting=0.746031746031746,
        loss=0.7658730158730159,
        logits=-188.4367153495788,
        arch=(0.572, 0.756, 0.762),
        spa=(0.25765, 0.366, 0.38715),
        check=0.7669,
    ),
    "an edge among losers": Case(
        (3, 365, 20, (0.0022, -0.003, -0.003, -0.003, -0.003, -0.003, -0.003, -0.003, -0.003, -0.003)),
        best=0,
        probabilistic=0.9998737905268011,
        deflated=0.04763605719017968,
        holdout_deflated=0.04763605719017994,
        track_record=74.52631870644412,
        overfitting=0.023809523809523808,
        loss=0.1349206349206349,
        logits=631.115690535742,
        arch=(0.002, 0.002, 0.002),
        spa=(0.0003, 0.00095, 0.002),
        check=0.00185,
    ),
    "two trials": Case(
        (4, 60, 2, (-0.001,)),
        best=1,
        probabilistic=0.6793491074023761,
        deflated=0.6340567616376162,
        holdout_deflated=0.6340567616376162,
        track_record=736.4605817357995,
        overfitting=0.8412698412698413,
        loss=0.5634920634920635,
        logits=-119.22131505631062,
        arch=(0.52, 0.52, 0.52),
        spa=(0.5333, 0.5333, 0.5333),
        check=0.5092,
    ),
    "an edge beside two losers": Case(
        (5, 500, 6, (0.0015, -0.0012, -0.002)),
        best=0,
        probabilistic=0.9904553426303107,
        deflated=0.29858178146629355,
        holdout_deflated=0.2985817814662936,
        track_record=246.76529392008936,
        overfitting=0.0,
        loss=0.031746031746031744,
        logits=331.0216982845611,
        arch=(0.018, 0.024, 0.03),
        spa=(0.01565, 0.02155, 0.03185),
        check=0.0279,
    ),
}
