"""How well a factor foretells returns: what `perpsim factors rank` tells, and the formulas of it."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import numpy as np

from ..market.series import FloatColumn
from .functions import ranks

#: The shortest and the longest half-life that is told, in hours, and what stands for a factor that lasts.
SHORTEST_HALF_LIFE, LONGEST_HALF_LIFE, PERSISTENT = 1, 720, -1
#: Of so few pairs no correlation is told.
FEWEST_PAIRS = 10
#: Of so many of the last windows the ratio is made, and of no fewer than so many.
_LAST_WINDOWS, _FEWEST_WINDOWS = 30, 3


def information_coefficient(values: FloatColumn, returns: FloatColumn) -> float | None:
    """Return Spearman's rank correlation of a factor and the returns that follow it, over the rows where both are
    known; None with fewer than 10 of them, or where one never changes.
    """
    both = ~(np.isnan(values) | np.isnan(returns))
    if both.sum() < FEWEST_PAIRS:
        return None
    first, second = ranks(values[both]), ranks(returns[both])
    first, second = first - first.mean(), second - second.mean()
    size = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum()) / size if size > 0.0 else None


def forward_returns(close: FloatColumn, rows: int) -> FloatColumn:
    """Return close of `rows` rows later / close - 1; NaN in the last rows."""
    result = np.full(len(close), np.nan)
    if len(close) > rows:
        result[:-rows] = close[rows:] / close[:-rows] - 1.0
    return result


def windowed_coefficients(values: FloatColumn, returns: FloatColumn, window: int, step: int) -> list[float]:
    """Return the information coefficient of each window of `window` rows, `step` rows apart, oldest first, the last of
    them at the end; windows without one are left out.
    """
    ends = range(len(values), window - 1, -step)
    found = [information_coefficient(values[end - window : end], returns[end - window : end]) for end in ends]
    return [each for each in reversed(found) if each is not None]


def coefficient_ratio(coefficients: list[float]) -> float | None:
    """Return mean / population deviation of the last 30; None for fewer than 3, and where they are equal."""
    last = np.array(coefficients[-_LAST_WINDOWS:])
    if len(last) < _FEWEST_WINDOWS or last.max() == last.min():
        return None
    return float(last.mean() / last.std())


def half_life_hours(coefficients: Mapping[int, float]) -> int | None:
    """Return after how many hours half of a coefficient is left, given the coefficients by horizon in hours.

    Least squares of ln abs(IC) on the hours; ln 2 / -slope, rounded. `PERSISTENT` where the last one is not smaller
    than the first, and where it comes to less than 1 or more than 720; None with fewer than three that are not 0.
    """
    told = sorted((hours, abs(each)) for hours, each in coefficients.items() if each)
    if len(told) < _FEWEST_WINDOWS:
        return None
    hours, sizes = np.array(told).T
    if sizes[-1] >= sizes[0]:
        return PERSISTENT
    slope = float(np.polyfit(hours, np.log(sizes), 1)[0])
    life = round(log(2.0) / -slope) if slope < 0.0 else PERSISTENT
    return life if SHORTEST_HALF_LIFE <= life <= LONGEST_HALF_LIFE else PERSISTENT


def equal_signs(values: FloatColumn, returns: FloatColumn) -> float | None:
    """Return the share of rows where factor and return have one sign, of those where both are known and not 0."""
    both = ~(np.isnan(values) | np.isnan(returns)) & (values != 0.0) & (returns != 0.0)
    return float((np.sign(values[both]) == np.sign(returns[both])).mean()) if both.any() else None


def turnover(values: FloatColumn) -> float | None:
    """Return how far a row's rank is from that of the row before it, on average, as a share of all ranks: 0 for a
    factor that never moves, about a third for noise. None with fewer than 10 known pairs.
    """
    known = ranks(values)
    steps = np.abs(np.diff(known))
    steps = steps[~np.isnan(steps)]
    count = int((~np.isnan(values)).sum())
    return float(steps.mean()) / count if len(steps) >= FEWEST_PAIRS else None
