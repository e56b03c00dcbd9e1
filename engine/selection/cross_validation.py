"""Combinatorially symmetric cross-validation: how often the best in one half of the time fails in the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError, DataError
from .block_length import chunks
from .returns_matrix import ROUNDING, FloatArray, matrix_of_returns

MOST_BLOCKS = 20

#: A block has so many observations at least: fewer have no deviation.
FEWEST_IN_A_BLOCK = 2

#: A variance below this share of the mean square is rounding.
_FLAT = 1e-14


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What came of all ways to take half of the blocks for choosing, an entry each in the columns.

    `probability` is the share (0 to 1) in which the configuration that was best in the chosen half did no better than
    the median in the other; `chosen` is the column of that configuration, `in_sample` and `out_of_sample` its Sharpe
    ratios of one period in the halves, `logits` ln(w / (1 - w)) of its relative rank w in the other half (rank 1 the
    worst, over configurations + 1). `loss_probability` is the share in which it lost in the other half.
    """

    probability: float
    loss_probability: float
    blocks: int
    chosen: npt.NDArray[np.int64]
    in_sample: FloatArray
    out_of_sample: FloatArray
    logits: FloatArray


def overfitting_probability(returns: npt.ArrayLike, blocks: int = 16, configurations: int | None = None) -> Overfitting:
    """Return the probability of back-test overfitting of a choice by the Sharpe ratio.

    `returns` are fractions a period, a row for each observation and a column for each configuration; their number,
    given as `configurations`, guards against a transposed matrix, and must be given where there are more columns than
    rows. The rows are cut into `blocks` (even, 2 to 20) consecutive blocks, the first ones a row longer where they do
    not divide evenly. A configuration that earned nothing in a half, as one without a trade, has the ratio 0 there.

    Raises `DataError` for fewer than two configurations, fewer than two rows a block, values that are not finite, and
    a configuration that earns the same other than 0 in each row of a half; `ConfigurationError` for other `blocks`.

    Source: Bailey, Borwein, Lopez de Prado and Zhu, The probability of backtest overfitting, Journal of Computational
    Finance 20 (2017): combinatorially symmetric cross-validation, CSCV, its logits, and what is made of them, PBO.
    """
    if blocks % 2 or not 2 <= blocks <= MOST_BLOCKS:
        raise ConfigurationError(
            [f"{blocks} blocks cannot be halved in all ways: give an even number, 2 to {MOST_BLOCKS}"]
        )
    matrix = matrix_of_returns(returns, configurations, fewest=FEWEST_IN_A_BLOCK * blocks)
    if matrix.shape[1] < 2:
        raise DataError("one configuration was chosen among none: overfitting takes at least two")
    halves = list(_halves(matrix, blocks))
    chosen, inside, outside, ranks = (np.concatenate(column) for column in zip(*halves, strict=True))
    share = ranks / (matrix.shape[1] + 1.0)
    logits = np.log(share / (1.0 - share))
    return Overfitting(
        probability=float(np.mean(logits <= 0.0)),
        loss_probability=float(np.mean(outside < 0.0)),
        blocks=blocks,
        chosen=chosen,
        in_sample=inside,
        out_of_sample=outside,
        logits=logits,
    )


def _halves(
    matrix: FloatArray, blocks: int
) -> Iterator[tuple[npt.NDArray[np.int64], FloatArray, FloatArray, FloatArray]]:
    """Yield of the ways to choose half of the blocks, many at once: the column that is best in that half, its ratios
    inside and outside, and its rank outside.
    """
    parts = np.array_split(matrix, blocks)
    facts = (
        np.array([float(len(part)) for part in parts]),
        np.array([part.sum(axis=0) for part in parts]),
        np.array([(part**2).sum(axis=0) for part in parts]),
    )
    ways = np.array(list(combinations(range(blocks), blocks // 2)))
    members = np.zeros((len(ways), blocks))
    np.put_along_axis(members, ways, 1.0, axis=1)
    for part in chunks(len(ways), matrix.shape[1]):
        some = members[part]
        inside, outside = _ratios(some, *facts), _ratios(1.0 - some, *facts)
        rows, chosen = np.arange(len(some)), inside.argmax(axis=1)
        yield chosen, inside[rows, chosen], outside[rows, chosen], _ranks(outside, outside[rows, chosen])


def _ratios(members: FloatArray, counts: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    """Return the Sharpe ratio of each column (of the result: its columns) over each half (its rows)."""
    count = (members @ counts)[:, None]
    means = members @ sums / count
    square = members @ squares / count
    variances = (square - means**2) * (count / (count - 1.0))
    flat = variances <= _FLAT * square
    earning = np.argwhere(flat & (square > 0.0))
    if len(earning):
        raise DataError(
            f"configuration {earning[0][1]} earns the same in each observation of a half: without a spread there is no "
            "Sharpe ratio; leave it out"
        )
    ratios: FloatArray = np.divide(
        means, np.sqrt(variances, where=~flat, out=np.ones_like(means)), where=~flat, out=np.zeros_like(means)
    )
    return ratios


def _ranks(ratios: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return the rank of each `ratio` in its row, 1 the lowest; those that are the same but for rounding share one."""
    margin = (ROUNDING * (1.0 + np.abs(ratio)))[:, None]
    below = (ratios < ratio[:, None] - margin).sum(axis=1)
    above = (ratios > ratio[:, None] + margin).sum(axis=1)
    ranks: FloatArray = (below + 1.0 + ratios.shape[1] - above) / 2.0
    return ranks
