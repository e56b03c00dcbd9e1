"""The last n rows of each row: what is known of them. Rows before the first whole window are NaN; so is a window with a
NaN in it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ...market.series import FloatColumn

Windows = npt.NDArray[np.float64]


def unknown(rows: int) -> FloatColumn:
    """Return a column of NaN."""
    return np.full(rows, np.nan)


def rolled(work: Callable[[Windows], FloatColumn], values: FloatColumn, period: int) -> FloatColumn:
    """Return what `work` makes of the windows (rows x period, oldest first) that end at each row."""
    result = unknown(len(values))
    if len(values) >= period:
        result[period - 1 :] = work(sliding_window_view(values, period))
    return result


def ago(values: FloatColumn, period: int) -> FloatColumn:
    """Return the value of `period` rows before."""
    result = unknown(len(values))
    if len(values) > period:
        result[period:] = values[:-period]
    return result


def change(values: FloatColumn, period: int = 1) -> FloatColumn:
    """Return the difference to the value of `period` rows before."""
    return values - ago(values, period)


def mean(values: FloatColumn, period: int) -> FloatColumn:
    """Return the mean of `period` rows."""
    return rolled(lambda windows: windows.mean(axis=-1), values, period)


def total(values: FloatColumn, period: int) -> FloatColumn:
    """Return the sum of `period` rows."""
    return rolled(lambda windows: windows.sum(axis=-1), values, period)


def highest(values: FloatColumn, period: int) -> FloatColumn:
    """Return the largest of `period` rows."""
    return rolled(lambda windows: windows.max(axis=-1), values, period)


def lowest(values: FloatColumn, period: int) -> FloatColumn:
    """Return the smallest of `period` rows."""
    return rolled(lambda windows: windows.min(axis=-1), values, period)


def deviation(values: FloatColumn, period: int) -> FloatColumn:
    """Return the sample standard deviation (ddof 1) of `period` rows; NaN for one row."""
    return np.sqrt(covariance(values, values, period))


def covariance(first: FloatColumn, second: FloatColumn, period: int) -> FloatColumn:
    """Return the sample covariance (ddof 1) of `period` rows; NaN for one row."""
    if period < 2:
        return unknown(len(first))
    return total_product(first, second, period) / (period - 1)


def total_product(first: FloatColumn, second: FloatColumn, period: int) -> FloatColumn:
    """Return the sum of the products of what differs from the means of `period` rows."""

    def of(values: FloatColumn) -> Windows:
        return centred(sliding_window_view(values, period))

    result = unknown(len(first))
    if len(first) >= period:
        result[period - 1 :] = (of(first) * of(second)).sum(axis=-1)
    return result


def centred(windows: Windows) -> Windows:
    """Return what differs from the mean: nothing at all where all are equal, whatever the mean is rounded to."""
    flat = windows.max(axis=-1, keepdims=True) == windows.min(axis=-1, keepdims=True)
    return np.where(flat, 0.0, windows - windows.mean(axis=-1, keepdims=True))


def correlation(first: FloatColumn, second: FloatColumn, period: int) -> FloatColumn:
    """Return Pearson's correlation of `period` rows; NaN where one of them does not move."""
    squares = total_product(first, first, period) * total_product(second, second, period)
    return total_product(first, second, period) / np.sqrt(squares)


def moment(values: FloatColumn, period: int, power: int) -> FloatColumn:
    """Return the mean of the powers of what differs from the mean of `period` rows."""
    return rolled(lambda windows: (centred(windows) ** power).mean(axis=-1), values, period)


def skewness(values: FloatColumn, period: int) -> FloatColumn:
    """Return the bias-corrected skewness of `period` rows (Joanes and Gill 1998, G1); NaN for fewer than 3."""
    if period < 3:
        return unknown(len(values))
    plain = moment(values, period, 3) / moment(values, period, 2) ** 1.5
    return plain * (sqrt(period * (period - 1)) / (period - 2))


def kurtosis(values: FloatColumn, period: int) -> FloatColumn:
    """Return the bias-corrected excess kurtosis of `period` rows (Joanes and Gill 1998, G2); NaN for fewer than 4."""
    if period < 4:
        return unknown(len(values))
    excess = moment(values, period, 4) / moment(values, period, 2) ** 2 - 3.0
    return (period - 1) / ((period - 2) * (period - 3)) * ((period + 1) * excess + 6.0)


def rank(values: FloatColumn, period: int) -> FloatColumn:
    """Return where the row stands among `period` rows, up to 1: (those below + (those equal, itself among them, + 1)
    / 2) / period.
    """

    def of(windows: Windows) -> FloatColumn:
        last = windows[:, -1:]
        below, equal = (windows < last).sum(axis=-1), (windows == last).sum(axis=-1)
        ranks: FloatColumn = (below + (equal + 1) / 2.0) / period
        return np.where(np.isnan(windows).any(axis=-1), np.nan, ranks)

    return rolled(of, values, period)


def rows_since_highest(values: FloatColumn, period: int, newest: bool = False) -> FloatColumn:
    """Return how many rows ago the largest of `period` rows was: of equal ones the oldest, or the newest."""

    def of(windows: Windows) -> FloatColumn:
        since = windows[:, ::-1].argmax(axis=-1) if newest else period - 1 - windows.argmax(axis=-1)
        return np.where(np.isnan(windows).any(axis=-1), np.nan, since.astype(float))

    return rolled(of, values, period)


def rows_since_lowest(values: FloatColumn, period: int, newest: bool = False) -> FloatColumn:
    """Return how many rows ago the smallest of `period` rows was: of equal ones the oldest, or the newest."""
    return rows_since_highest(-values, period, newest)


def ranks(values: FloatColumn) -> FloatColumn:
    """Return the rank of each row among all that are given, from 1; equal ones share their mean, NaN has none."""
    known = np.sort(values[~np.isnan(values)])
    below, up_to = np.searchsorted(known, values, "left"), np.searchsorted(known, values, "right")
    return np.where(np.isnan(values), np.nan, (below + up_to + 1) / 2.0)


def rank_of_all(values: FloatColumn) -> FloatColumn:
    """Return where each row stands among all that are given, up to 1: rank / count."""
    return ranks(values) / max(int((~np.isnan(values)).sum()), 1)


#: What keeps a score finite where nothing moves.
SCORE_FLOOR = 1e-10


def score_of_all(values: FloatColumn) -> FloatColumn:
    """Return (s - mean) / (sd + 1e-10) over all rows that are given and known."""
    there = ~np.isnan(values)
    result = unknown(len(values))
    if there.sum() > 1:
        away = centred(values[there])
        result[there] = away / (np.sqrt((away**2).sum() / (len(away) - 1)) + SCORE_FLOOR)
    return result


def score(values: FloatColumn, period: int) -> FloatColumn:
    """Return (s - mean) / (sd + 1e-10) over `period` rows."""
    away = rolled(lambda windows: centred(windows)[:, -1], values, period)
    return away / (deviation(values, period) + SCORE_FLOOR)
