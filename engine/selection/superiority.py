"""Whether the best of many configurations beats a benchmark: White's reality check and Hansen's test (SPA)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError, DataError
from ..resampling import stationary_bootstrap_indices
from .block_length import autocovariances, automatic_block_length, chunks
from .returns_matrix import ROUNDING, FloatArray, flat_columns, matrix_of_returns

#: A bootstrap of fewer observations tells nothing.
FEWEST_OBSERVATIONS = 10

#: A share of fewer paths tells nothing.
FEWEST_RESAMPLES = 100


@dataclass(frozen=True, slots=True)
class RealityCheck:
    """White's test: `statistic` is max sqrt(n) mean, `best` the column that it is of, `p_value` the share of resampled
    paths on which luck alone shows as much.
    """

    statistic: float
    p_value: float
    best: int
    mean_block: float
    resamples: int


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """Hansen's test: `statistic` is max sqrt(n) mean / deviation, at least 0, and `best` the column that it is of.

    `consistent` is the p-value to go by; `lower` leaves every configuration that lost at its loss, `upper` takes each
    as if it were no worse than the benchmark (the most cautious): lower <= consistent <= upper.
    """

    statistic: float
    lower: float
    consistent: float
    upper: float
    best: int
    mean_block: float
    resamples: int


def reality_check(
    returns: npt.ArrayLike,
    *,
    resamples: int = 1000,
    mean_block: float | None = None,
    seed: int = 0,
    configurations: int | None = None,
) -> RealityCheck:
    """Return White's reality check of the null hypothesis that no configuration has a mean return above 0.

    `returns` are fractions a period above those of the benchmark (the returns themselves, where that is to hold
    nothing), a row for each observation, at least 10, and a column for each configuration; their number, given as
    `configurations`, guards against a transposed matrix, and must be given where there are more columns than rows. One
    configuration will do. The stationary bootstrap draws `resamples` paths (at least 100) in blocks of `mean_block`
    observations on average (1 to half of them; default: `automatic_block_length`), the same ones for the same `seed`. A
    configuration that earns the same other than 0 in each observation has no spread to judge it by and is refused; one
    that earns 0 is not better than the benchmark.

    Source: White, A reality check for data snooping, Econometrica 68 (2000): the bootstrap reality check, by the
    stationary bootstrap as there.
    """
    matrix, block, generator = _material(returns, configurations, mean_block, seed)
    found = shares(matrix, drawn_counts(len(matrix), resamples, block, generator), np.ones(matrix.shape[1]), block)
    return RealityCheck(found.statistic, found.upper, found.best, block, resamples)


def superior_predictive_ability(
    returns: npt.ArrayLike,
    *,
    resamples: int = 1000,
    mean_block: float | None = None,
    seed: int = 0,
    configurations: int | None = None,
) -> SuperiorAbility:
    """Return Hansen's test for superior predictive ability, of the same null hypothesis, input and bootstrap as
    `reality_check`, but in units of each configuration's own deviation, and without those that lose clearly: many bad
    trials do not hide a good one.

    Source: Hansen, A test for superior predictive ability, Journal of Business & Economic Statistics 23 (2005):
    the studentised statistic, the three ways to recentre (lower, consistent, upper), the stationary bootstrap, and the
    deviation by its kernel, from Politis and Romano 1994.
    """
    matrix, block, generator = _material(returns, configurations, mean_block, seed)
    drawn = drawn_counts(len(matrix), resamples, block, generator)
    found = shares(matrix, drawn, long_run_deviations(matrix, block), block)
    if found.statistic <= 0.0:  # nobody has earned anything: as much is to be had by luck always
        return SuperiorAbility(0.0, 1.0, 1.0, 1.0, found.best, block, resamples)
    return SuperiorAbility(found.statistic, found.lower, found.consistent, found.upper, found.best, block, resamples)


def _material(
    returns: npt.ArrayLike, configurations: int | None, mean_block: float | None, seed: int
) -> tuple[FloatArray, float, np.random.Generator]:
    matrix = matrix_of_returns(returns, configurations, fewest=FEWEST_OBSERVATIONS)
    earning = np.flatnonzero(flat_columns(matrix) & (np.abs(matrix.mean(axis=0)) > ROUNDING))
    if len(earning):
        raise DataError(
            f"configuration {earning[0]} earns the same in each observation: without a spread luck cannot be told from "
            "skill; leave it out"
        )
    block = automatic_block_length(matrix) if mean_block is None else float(mean_block)
    if not 1.0 <= block <= len(matrix) / 2.0:
        raise ConfigurationError(
            [f"blocks of {block:g} of {len(matrix)} observations: give a mean length from 1 to half of them"]
        )
    return matrix, block, np.random.default_rng(seed)


def drawn_counts(
    observations: int, resamples: int, mean_block: float, generator: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield how often each resampled path (row) draws each observation (column), many paths at once."""
    if resamples < FEWEST_RESAMPLES:
        raise ConfigurationError([f"{resamples} resamples tell nothing: draw at least {FEWEST_RESAMPLES}"])
    for paths in chunks(resamples, observations):
        yield np.array(
            [
                np.bincount(stationary_bootstrap_indices(observations, mean_block, generator), minlength=observations)
                for _ in range(paths.stop - paths.start)
            ],
            dtype=np.float64,
        )


class Shares(NamedTuple):
    """The largest sqrt(n) mean / scale, its column, and on what share of the resampled paths chance shows as much,
    recentred in Hansen's three ways.
    """

    statistic: float
    best: int
    lower: float
    consistent: float
    upper: float


def shares(matrix: FloatArray, drawn: Iterable[FloatArray], scales: FloatArray, mean_block: float) -> Shares:
    """Return the statistic of `matrix` in units of `scales`, one for each column, beside those of the paths `drawn`."""
    count, means = len(matrix), matrix.mean(axis=0)
    losing = -sqrt(2.0 * log(log(count)) / count) * long_run_deviations(matrix, mean_block)
    centres = np.array([np.maximum(means, 0.0), np.where(means >= losing, means, 0.0), means])
    best = int(np.argmax(means / scales))
    highest = float(means[best] / scales[best])
    reached, paths = np.zeros(len(centres)), 0
    for counts in drawn:
        reached += (_highest(matrix, counts, centres, scales) >= highest).sum(axis=1)
        paths += len(counts)
    return Shares(sqrt(count) * highest, best, *(reached / paths).tolist())


def _highest(matrix: FloatArray, counts: FloatArray, centres: FloatArray, scales: FloatArray) -> FloatArray:
    """Return the highest of the recentred means of each path (column), for each way to recentre (row)."""
    highest = np.full((len(centres), len(counts)), -np.inf)
    for columns in chunks(matrix.shape[1], len(counts)):
        means = counts @ matrix[:, columns] / len(matrix)
        for row, centre in zip(highest, centres[:, columns], strict=True):
            np.maximum(row, ((means - centre) / scales[columns]).max(axis=1), out=row)
    return highest


def long_run_deviations(matrix: FloatArray, mean_block: float) -> FloatArray:
    """Return of each column the root of n times the variance that its mean has under the stationary bootstrap: the
    autocovariances, weighted with its kernel. Infinite for a column without a spread, which nothing speaks for.
    """
    count, keep = len(matrix), 1.0 - 1.0 / mean_block
    lags = np.arange(count)
    weights = (1.0 - lags / count) * keep**lags + lags / count * keep ** (count - lags)
    weights[0], weights[1:] = 1.0, 2.0 * weights[1:]
    variances = np.empty(matrix.shape[1])
    for columns in chunks(matrix.shape[1], count):
        lagged = autocovariances(matrix[:, columns])
        variances[columns] = np.maximum(weights @ lagged, ROUNDING * lagged[0])
    deviations: FloatArray = np.where(flat_columns(matrix), np.inf, np.sqrt(variances))
    return deviations
