"""The material of all tests of selection: returns, observations x configurations, checked; and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError, DataError

FloatArray = npt.NDArray[np.float64]

#: A return is a quotient less 1, good to a few 1e-16: a spread below this is rounding, not risk.
ROUNDING = 1e-12

#: So many returns are needed for a skew and a kurtosis.
FEWEST_FOR_MOMENTS = 4


def matrix_of_returns(returns: npt.ArrayLike, configurations: int | None = None, fewest: int = 2) -> FloatArray:
    """Return `returns` (fractions a period) as a matrix: a row for each observation, a column for each configuration.

    Raises `DataError` for what is no matrix of finite numbers, for fewer rows than `fewest`, for another number of
    columns than `configurations`, and, where that is not given, for more columns than rows: such a matrix is most
    often a transposed one, of which every test here would be silently another number.
    """
    try:
        matrix = np.asarray(returns, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the returns are no matrix of numbers ({error}): give observations x configurations") from None
    if matrix.ndim != 2:
        raise DataError(
            f"the returns have {matrix.ndim} dimension(s): give a matrix, observations x configurations "
            "(one series as a single column)"
        )
    _check_orientation(matrix, configurations)
    if not matrix.shape[1]:
        raise DataError("the returns are of no configuration: give at least one column")
    if len(matrix) < fewest:
        raise DataError(f"{len(matrix)} observation(s) are too few, it takes {fewest}: take a longer range")
    _check_finite(matrix)
    return matrix


def _check_orientation(matrix: FloatArray, configurations: int | None) -> None:
    rows, columns = matrix.shape
    if configurations is None and columns > rows:
        raise DataError(
            f"{rows} observations of {columns} configurations: the matrix seems to be transposed. Its rows are "
            f"observations (days), its columns configurations; if that is so, say configurations={columns}"
        )
    if configurations not in (None, columns):
        turned = ": it is transposed" if configurations == rows else ""
        raise DataError(
            f"the matrix has {columns} columns, yet there are {configurations} configurations{turned}. "
            "Its rows are observations (days), its columns configurations"
        )


def _check_finite(matrix: FloatArray) -> None:
    places = np.argwhere(~np.isfinite(matrix))
    if len(places):
        row, column = places[0]
        raise DataError(
            f"observation {row} of configuration {column} is {matrix[row, column]} ({len(places)} such value(s)): "
            "give finite returns, and 0 where nothing was held"
        )


def flat_columns(matrix: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which columns have no spread but rounding."""
    size = np.maximum(np.abs(matrix).max(axis=0), 1.0)
    flat: npt.NDArray[np.bool_] = matrix.std(axis=0) <= ROUNDING * size
    return flat


def sharpe_ratios(matrix: FloatArray) -> FloatArray:
    """Return the Sharpe ratio of each column, of one period (not annualised): mean over sample deviation, risk-free
    rate 0; NaN where the column has no spread.
    """
    deviations = np.where(flat_columns(matrix), np.nan, matrix.std(axis=0, ddof=1))
    ratios: FloatArray = matrix.mean(axis=0) / deviations
    return ratios


@dataclass(frozen=True, slots=True)
class SharpeMoments:
    """What the error of a Sharpe ratio depends on.

    `sharpe_ratio` is that of one period (not annualised), of `observations` returns; `skewness` is m3 / m2^1.5 and
    `kurtosis` m4 / m2^2 (3 for a normal distribution) with central moments m over n. Raises `ConfigurationError` for
    values that no series of returns can have.
    """

    sharpe_ratio: float
    observations: int
    skewness: float = 0.0
    kurtosis: float = 3.0

    def __post_init__(self) -> None:
        if not all(map(isfinite, (self.sharpe_ratio, self.skewness, self.kurtosis))):
            raise ConfigurationError(["a Sharpe ratio, a skewness and a kurtosis are finite numbers"])
        if self.observations < 2:
            raise ConfigurationError([f"{self.observations} observation(s) have no Sharpe ratio: give at least 2"])
        if self.kurtosis < 1.0 + self.skewness**2 - 1e-9:
            raise ConfigurationError(
                [
                    f"no returns have skewness {self.skewness:g} and kurtosis {self.kurtosis:g}: the kurtosis is at "
                    "least 1 + skewness^2 (give it whole, 3 for a normal distribution, not as excess)"
                ]
            )

    @property
    def error_term(self) -> float:
        """n - 1 times the variance of the Sharpe ratio: 1 - g3 SR + (g4 - 1) / 4 SR^2 (Mertens 2002)."""
        ratio = self.sharpe_ratio
        return max(1.0 - self.skewness * ratio + (self.kurtosis - 1.0) / 4.0 * ratio**2, 0.0)


def sharpe_moments(returns: npt.ArrayLike) -> SharpeMoments:
    """Return the moments of one series of returns (fractions a period).

    Raises `DataError` for fewer than four returns, values that are not finite, and returns without a spread.
    """
    series = np.asarray(returns, dtype=np.float64)
    if series.ndim != 1:
        raise DataError(f"the returns have {series.ndim} dimensions: give one series")
    matrix = matrix_of_returns(series[:, None], configurations=1, fewest=FEWEST_FOR_MOMENTS)
    if flat_columns(matrix)[0]:
        raise DataError("the returns are all the same: without a spread there is no Sharpe ratio")
    centred = series - series.mean()
    variance = float(np.mean(centred**2))
    return SharpeMoments(
        sharpe_ratio=float(series.mean()) / sqrt(variance * len(series) / (len(series) - 1)),
        observations=len(series),
        skewness=float(np.mean(centred**3)) / variance**1.5,
        kurtosis=float(np.mean(centred**4)) / variance**2,
    )
