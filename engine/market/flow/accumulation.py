"""Figures of a bucket as far as it was known at each of its rows: running sums and extremes, bucket by bucket."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn

MOST_CELLS = 1 << 19


def accumulated(column: FloatColumn, first: npt.NDArray[np.int64], operation: np.ufunc, neutral: float) -> FloatColumn:
    """Return `operation` (np.add, np.maximum, np.minimum) over the rows of each bucket up to each row.

    `first` holds the first row of each bucket. Within a bucket rows are taken one after another from its first one,
    so that nothing of other buckets is in the result, not even in its rounding. `neutral` is 0 or an infinity.
    """
    result = np.empty(len(column))
    edges = np.append(first, len(column))
    begin = 0
    while begin < len(first):
        end = _chunk_end(edges, begin)
        rows = slice(edges[begin], edges[end])
        result[rows] = _accumulated_chunk(column[rows], edges[begin : end + 1] - edges[begin], operation, neutral)
        begin = end
    return result


def _chunk_end(edges: npt.NDArray[np.int64], begin: int) -> int:
    """Return the end of a run of buckets whose padded table has at most about `MOST_CELLS` cells."""
    lengths = np.diff(edges[begin : begin + MOST_CELLS + 1])
    widest = np.maximum.accumulate(lengths) * np.arange(1, len(lengths) + 1)
    end = begin + int(np.searchsorted(widest, MOST_CELLS, side="right"))
    return max(end, begin + 1)


def _accumulated_chunk(
    column: FloatColumn, edges: npt.NDArray[np.int64], operation: np.ufunc, neutral: float
) -> FloatColumn:
    lengths = np.diff(edges)
    width = int(lengths.max())
    if (lengths == width).all():
        return np.asarray(operation.accumulate(column.reshape(-1, width), axis=1).reshape(-1))
    table = np.full((len(lengths), width), neutral)
    filled = np.arange(width) < lengths[:, None]
    table[filled] = column
    return np.asarray(operation.accumulate(table, axis=1)[filled])
