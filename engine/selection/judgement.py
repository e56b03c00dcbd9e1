"""A study as a whole: what speaks for its best trial, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, sqrt
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError, DataError
from ..plain_values import counted
from .cross_validation import Overfitting, overfitting_probability
from .returns_matrix import FloatArray, matrix_of_returns, sharpe_moments, sharpe_ratios
from .sharpe_probability import deflated_sharpe_ratio, minimum_track_record_length, probabilistic_sharpe_ratio
from .superiority import reality_check, superior_predictive_ability

T = TypeVar("T")

#: What a test must show before it speaks for a trial: a probability of so much, or a p-value of at most the rest.
CONFIDENCE = 0.95

#: Where none of the three tests (deflated Sharpe ratio, reality check, SPA) finds luck as unlikely as this, the study
#: is noise. In small samples SPA finds it twice as often as it should: all do in 1 to 3 of 100 studies of noise.
UNLIKELY = 0.005

#: The best trial must have earned or lost on so many observations: a few lucky ones have any Sharpe ratio.
FEWEST_ACTIVE = 30

#: In cross-validation no larger share of the choices may fall behind the median, unless at most the second share loses.
MOST_OVERFITTING = 0.25
MOST_LOSSES = 0.1

MOST_BLOCKS = 16
FEWEST_IN_A_BLOCK = 4


class Verdict(StrEnum):
    """What can be said of the best trial of a study."""

    NOISE = "noise"
    NOT_TOLD_APART = "not told apart from noise"
    STANDS_OUT = "stands out"


@dataclass(frozen=True, slots=True)
class SelectionReport:
    """The statistics of the selection of the best trial of a study; a figure that does not exist is None, and
    `undefined` says why, by the figure's name.

    `sharpe_ratio` is the best trial's, annualised; `probabilistic_sharpe_ratio` and `deflated_sharpe_ratio` are
    probabilities (0 to 1), the second counts `trials` trials; `overfitting_probability` is that of the choice by the
    Sharpe ratio and `loss_probability` the share of such choices that lose in the other half (CSCV); `reality_check_p`
    and `superior_ability_p` (Hansen's consistent one) are the p-values of "no trial earns anything", at least 1 over
    the paths drawn + 1; `minimum_track_record` is in observations (days), beside `observations`, of which the best
    trial has earned or lost on `active`. `reason` is the verdict's, a sentence.
    """

    sharpe_ratio: float | None
    probabilistic_sharpe_ratio: float | None
    deflated_sharpe_ratio: float | None
    trials: int
    overfitting_probability: float | None
    loss_probability: float | None
    reality_check_p: float | None
    superior_ability_p: float | None
    minimum_track_record: int | None
    observations: int
    active: int
    verdict: Verdict
    reason: str
    undefined: Mapping[str, str] = field(default_factory=dict)


def judge_selection(
    returns: npt.ArrayLike,
    best: int,
    *,
    trials: int | None = None,
    trial_sharpe_ratios: Sequence[float | None] | None = None,
    configurations: int | None = None,
    periods_per_year: float = 365.0,
    resamples: int = 1000,
    seed: int = 0,
) -> SelectionReport:
    """Return what the statistics of selection say of column `best` (from 0) of `returns`.

    `returns` are fractions a period (a day), a row for each period and a column for each trial whose curve is known
    (`configurations` as in `matrix_of_returns`; a trial that ended in ruin has 0 from then on). `trials` counts all
    trials that were made, with those whose curve is unknown, those that failed, and those of earlier studies of the
    same program (default: the columns). `trial_sharpe_ratios` are the annualised ones of all trials that have any, as
    results bear them (None where a trial has none; default: those of the columns).

    The verdict is "noise" where none of the three tests finds luck to be as unlikely as 0.005 (pure noise is called
    noise in at least 95 of 100 studies). Else it is "stands out" where the deflated Sharpe ratio is at least 0.95 (the
    range is then no shorter than the minimum track record), the p-value of SPA at most 0.05, and, of more than one
    trial, the probability of overfitting at most 0.25 or that of a loss at most 0.1; and "not told apart from noise" in
    between, where one of the tests cannot be made, and where the best trial earned or lost on fewer than 30 days.

    Raises `DataError` for a matrix that cannot be used, and `ConfigurationError` for a `best` that is no column and for
    fewer `trials` than there are columns or ratios.
    """
    matrix = matrix_of_returns(returns, configurations)
    count = matrix.shape[1] if trials is None else trials
    ratios = _ratios(matrix, trial_sharpe_ratios, periods_per_year)
    _check(matrix, best, count, ratios if trial_sharpe_ratios is None else trial_sharpe_ratios)
    figures = _figures(matrix, best, count, ratios, resamples, seed)
    values = {name: value for name, (value, _) in figures.items()}
    active = int(np.count_nonzero(matrix[:, best]))
    verdict, reason = _verdict(values, count, len(matrix), active)
    ratio, track = values["sharpe_ratio"], values["minimum_track_record"]
    return SelectionReport(
        sharpe_ratio=None if ratio is None else ratio * sqrt(periods_per_year),
        probabilistic_sharpe_ratio=values["probabilistic_sharpe_ratio"],
        deflated_sharpe_ratio=values["deflated_sharpe_ratio"],
        trials=count,
        overfitting_probability=values["overfitting_probability"],
        loss_probability=values["loss_probability"],
        reality_check_p=values["reality_check_p"],
        superior_ability_p=values["superior_ability_p"],
        minimum_track_record=None if track is None else ceil(track),
        observations=len(matrix),
        active=active,
        verdict=verdict,
        reason=reason,
        undefined={name: why for name, (_, why) in figures.items() if why},
    )


def _ratios(matrix: FloatArray, given: Sequence[float | None] | None, periods_per_year: float) -> FloatArray:
    """Return the Sharpe ratios of one period of all trials that have one."""
    if given is None:
        ratios = sharpe_ratios(matrix)
    else:
        ratios = np.array([np.nan if each is None else each for each in given], dtype=np.float64)
        ratios = ratios / sqrt(periods_per_year)
    return ratios[np.isfinite(ratios)]


def _check(matrix: FloatArray, best: int, trials: int, ratios: Sequence[float | None] | FloatArray) -> None:
    if not 0 <= best < matrix.shape[1]:
        raise ConfigurationError([f"there is no column {best}: the best of {matrix.shape[1]} is one from 0"])
    most = max(matrix.shape[1], len(ratios))
    if trials < most:
        raise ConfigurationError([f"{trials} trials, yet there are figures of {most}: count every trial that was made"])


def _figures(
    matrix: FloatArray, best: int, trials: int, ratios: FloatArray, resamples: int, seed: int
) -> dict[str, tuple[float | None, str]]:
    """Return each figure, or None and why it does not exist."""
    series, columns = matrix[:, best], matrix.shape[1]

    def deflated() -> float:
        if trials > 1 and len(ratios) < 2:
            having = f"of {counted(trials, 'trial')} {len(ratios)} have a Sharpe ratio"
            raise DataError(f"{having}: their variance takes two")
        variance = float(ratios.var(ddof=1)) if trials > 1 else 0.0
        return deflated_sharpe_ratio(sharpe_moments(series), trials, variance)

    def validation() -> Overfitting:
        blocks = min(MOST_BLOCKS, len(matrix) // FEWEST_IN_A_BLOCK // 2 * 2)
        if not blocks:
            raise DataError(f"{len(matrix)} observations are too few for cross-validation: take a longer range")
        return overfitting_probability(matrix, blocks, columns)

    overfitting, no_overfitting = _or_reason(validation)

    parts: dict[str, Callable[[], float]] = {
        "sharpe_ratio": lambda: sharpe_moments(series).sharpe_ratio,
        "probabilistic_sharpe_ratio": lambda: probabilistic_sharpe_ratio(sharpe_moments(series)),
        "deflated_sharpe_ratio": deflated,
        "reality_check_p": lambda: _cautious(
            reality_check(matrix, resamples=resamples, seed=seed, configurations=columns).p_value, resamples
        ),
        "superior_ability_p": lambda: _cautious(
            superior_predictive_ability(matrix, resamples=resamples, seed=seed, configurations=columns).consistent,
            resamples,
        ),
        "minimum_track_record": lambda: minimum_track_record_length(sharpe_moments(series), confidence=CONFIDENCE),
    }
    return {
        "overfitting_probability": (None if overfitting is None else overfitting.probability, no_overfitting),
        "loss_probability": (None if overfitting is None else overfitting.loss_probability, no_overfitting),
    } | {name: _or_reason(part) for name, part in parts.items()}


def _cautious(share: float, resamples: int) -> float:
    """Return a p-value that is no smaller than the paths can show: the study itself counts as one of them (Davison and
    Hinkley, Bootstrap Methods and their Application, 1997: the p-value of a Monte Carlo test).
    """
    return (share * resamples + 1.0) / (resamples + 1.0)


def _or_reason(part: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return part(), ""
    except DataError as error:
        return None, str(error)


def _verdict(values: Mapping[str, float | None], trials: int, observations: int, active: int) -> tuple[Verdict, str]:
    deflated, spa = values["deflated_sharpe_ratio"], values["superior_ability_p"]
    check = values["reality_check_p"]
    if active < FEWEST_ACTIVE:
        return Verdict.NOT_TOLD_APART, (
            f"the best trial earned or lost on {active} of {counted(observations, 'day')}: fewer than {FEWEST_ACTIVE} "
            "tell nothing"
        )
    if deflated is None or spa is None or check is None:
        return Verdict.NOT_TOLD_APART, "a test of luck cannot be made here"
    of = f"of {counted(trials, 'trial')}"
    told = f"deflated Sharpe ratio {deflated:.2f} {of}, p {check:.3f} (reality check), {spa:.3f} (SPA)"
    if min(1.0 - deflated, spa, check) > UNLIKELY:
        return Verdict.NOISE, f"luck alone may show as much: {told}"
    if deflated < CONFIDENCE or spa > 1.0 - CONFIDENCE:
        return Verdict.NOT_TOLD_APART, f"not all tests rule luck out: {told}"
    if trials > 1 and _fails_elsewhere(values):
        return Verdict.NOT_TOLD_APART, "what is best in one half of the time may well fail in the other (CSCV)"
    return Verdict.STANDS_OUT, f"luck is ruled out: {told}"


def _fails_elsewhere(values: Mapping[str, float | None]) -> bool:
    """Whether cross-validation speaks against the choice, or cannot be made. Among trials that are all good the best
    of one half is any of them in the other, which is no fault unless it loses there.
    """
    overfitting, loss = values["overfitting_probability"], values["loss_probability"]
    return overfitting is None or loss is None or (overfitting > MOST_OVERFITTING and loss > MOST_LOSSES)
