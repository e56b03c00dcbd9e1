"""How sure a Sharpe ratio is: probabilistic and deflated, and the track record that it takes.

All ratios are of one period (not annualised): an annual one is divided by the root of the periods a year.
"""

from __future__ import annotations

from math import e, isfinite, sqrt
from statistics import NormalDist

import numpy as np

from ..errors import ConfigurationError, DataError
from .returns_matrix import ROUNDING, SharpeMoments

_NORMAL = NormalDist()


def probabilistic_sharpe_ratio(moments: SharpeMoments, benchmark: float = 0.0) -> float:
    """Return the probability (0 to 1) that the true Sharpe ratio is above `benchmark`, both of one period:
    Phi((SR - SR*) sqrt(n - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2)).

    Raises `DataError` where the returns take two values in such shares that the formula sees no error at all.

    Source: Bailey and Lopez de Prado, The Sharpe ratio efficient frontier, Journal of Risk 15 (2012): the probabilistic
    Sharpe ratio, PSR.
    """
    if not isfinite(benchmark):
        raise ConfigurationError([f"the Sharpe ratio to compare with is {benchmark}: give a finite number"])
    distance = (moments.sharpe_ratio - benchmark) * sqrt(moments.observations - 1)
    return _NORMAL.cdf(distance / sqrt(_error_term(moments)))


def minimum_track_record_length(moments: SharpeMoments, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many observations, with these moments, it takes until the probabilistic Sharpe ratio against
    `benchmark` reaches `confidence` (0.5 to 1, both excluded): 1 + (1 - g3 SR + (g4 - 1) / 4 SR^2) (z / (SR - SR*))^2.

    Raises `DataError` for a Sharpe ratio that is not above the benchmark: no length makes that significant.

    Source: Bailey and Lopez de Prado, The Sharpe ratio efficient frontier, Journal of Risk 15 (2012): the minimum track
    record length, MinTRL.
    """
    if not 0.5 < confidence < 1.0:
        raise ConfigurationError([f"a confidence of {confidence} is not between 0.5 and 1"])
    if not moments.sharpe_ratio > benchmark:
        raise DataError(
            f"a Sharpe ratio of {moments.sharpe_ratio:.3g} is not above {benchmark:.3g}, whatever the length of the "
            "track record: there is nothing to confirm"
        )
    z = _NORMAL.inv_cdf(confidence)
    return 1.0 + _error_term(moments) * (z / (moments.sharpe_ratio - benchmark)) ** 2


def _error_term(moments: SharpeMoments) -> float:
    if moments.error_term <= ROUNDING:
        raise DataError(
            "the returns take two values alone, in shares that leave their Sharpe ratio without an error: take a "
            "longer range"
        )
    return moments.error_term


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """Return the largest Sharpe ratio that is to be expected of `trials` without any skill whose ratios have
    `variance`: sqrt(V) ((1 - c) Phi^-1(1 - 1/N) + c Phi^-1(1 - 1/(N e))), c the constant of Euler and Mascheroni.

    0 of one trial. An approximation for many: of 2 trials it is 8 % too low, from 3 on up to 3 % too high.

    Source: Bailey and Lopez de Prado, The deflated Sharpe ratio, Journal of Portfolio Management 40 (2014): the
    expected maximum of N Sharpe ratios, with the mean 0 of the null hypothesis.
    """
    if trials < 1:
        raise ConfigurationError([f"{trials} trials: there is at least the one that was chosen"])
    if not (isfinite(variance) and variance >= 0.0):
        raise ConfigurationError([f"a variance of {variance}: give a finite number, at least 0"])
    if trials == 1:
        return 0.0
    high, higher = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    return sqrt(variance) * ((1.0 - np.euler_gamma) * high + np.euler_gamma * higher)


def deflated_sharpe_ratio(moments: SharpeMoments, trials: int, variance: float) -> float:
    """Return the probability (0 to 1) that the true Sharpe ratio of the best of `trials` is above what the best of as
    many without skill would show: the probabilistic ratio against `expected_maximum_sharpe`.

    `moments` are those of the best; `trials` counts every trial that was made, and `variance` is the sample variance
    of their Sharpe ratios of one period (annual ones: divide it by the periods a year).

    Source: Bailey and Lopez de Prado, The deflated Sharpe ratio, Journal of Portfolio Management 40 (2014): the
    deflated Sharpe ratio, DSR.
    """
    return probabilistic_sharpe_ratio(moments, expected_maximum_sharpe(trials, variance))
