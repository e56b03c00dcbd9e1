"""How long the blocks of a bootstrap are to be, from how long the returns remember."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log10, sqrt

import numpy as np
import numpy.typing as npt

from .returns_matrix import FloatArray, flat_columns

#: So many figures are held at once.
_AT_ONCE = 2_000_000


def chunks(count: int, size: int) -> Iterator[slice]:
    """Yield slices of `count` entries of `size` figures each, so that few are held at once."""
    step = max(1, _AT_ONCE // size)
    yield from (slice(start, min(start + step, count)) for start in range(0, count, step))


def autocovariances(matrix: FloatArray) -> FloatArray:
    """Return the autocovariances of each column, over n, a row for each lag from 0 on."""
    count = len(matrix)
    spectrum = np.abs(np.fft.rfft(matrix - matrix.mean(axis=0), 2 * count, axis=0)) ** 2
    lagged: FloatArray = np.fft.irfft(spectrum, 2 * count, axis=0)[:count] / count
    return lagged


def automatic_block_length(matrix: FloatArray) -> float:
    """Return the mean length of blocks, in rows, that suits the mean of a column under the stationary bootstrap: the
    median over the columns that have a spread; at least 1, at most the smaller of a third of the rows and three times
    their root.

    Source: Politis and White, Automatic block-length selection for the dependent bootstrap, Econometric Reviews 23
    (2004), as corrected by Patton, Politis and White, Econometric Reviews 28 (2009).
    """
    count = len(matrix)
    moving = matrix[:, ~flat_columns(matrix)]
    if not moving.shape[1]:
        return 1.0
    lengths = [_lengths(autocovariances(moving[:, some]), count) for some in chunks(moving.shape[1], count)]
    most = min(ceil(min(3.0 * sqrt(count), count / 3.0)), count / 2.0)
    return float(np.clip(np.median(np.concatenate(lengths)), 1.0, most))


def _lengths(lagged: FloatArray, count: int) -> FloatArray:
    """Return (2 g^2 / d n)^(1/3) of each column, with a flat-top window of twice the lags that are told from 0."""
    lags = np.arange(len(lagged))[:, None]
    half = np.maximum(_remembered(lagged, count), 1)
    window = np.clip(2.0 - lags / half, 0.0, 1.0) * (lags > 0)
    slope = 2.0 * (window * lags * lagged).sum(axis=0)
    level = lagged[0] + 2.0 * (window * lagged).sum(axis=0)
    lengths: FloatArray = np.cbrt(count * (slope / level) ** 2)
    return lengths


def _remembered(lagged: FloatArray, count: int) -> npt.NDArray[np.int64]:
    """Return the last lag of each column before some that are all told from 0 by nothing (Politis and White 2004,
    footnote c on p. 59).
    """
    run = min(max(5, ceil(log10(count))), count - 2)
    most = min(ceil(sqrt(count)) + run, count - 1)
    quiet = np.abs(lagged[1 : most + 1] / lagged[0]) < 2.0 * sqrt(log10(count) / count)
    runs = np.lib.stride_tricks.sliding_window_view(quiet, min(run, len(quiet)), axis=0).all(axis=-1)
    found: npt.NDArray[np.int64] = np.where(runs.any(axis=0), runs.argmax(axis=0), most // 2)
    return found
