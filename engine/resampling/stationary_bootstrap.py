"""The stationary bootstrap: rows drawn in blocks of random length, so that what hangs together stays together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError


def stationary_bootstrap_indices(
    observations: int, mean_block: float, generator: np.random.Generator, draws: int | None = None
) -> npt.NDArray[np.int64]:
    """Return places of rows (0 to `observations` - 1) as the stationary bootstrap draws them: `draws` of them, without
    it as many as there are rows.

    Each place follows the one before, the first row after the last one, but with probability 1 / `mean_block` a new
    block begins at any row: blocks have geometric lengths with mean `mean_block` (rows, at least 1: every row on its
    own; infinite: the whole series, begun at some row). What is drawn takes nothing but `generator`. Raises
    `ConfigurationError` for no rows and for blocks that are shorter than a row.

    Source: Politis and Romano, The stationary bootstrap, Journal of the American Statistical Association 89 (1994).
    """
    if observations < 1:
        raise ConfigurationError(["there is nothing to draw from: give at least one row"])
    if not mean_block >= 1.0:
        raise ConfigurationError([f"the mean length of a block is {mean_block:g} rows: give at least 1"])
    rows = np.arange(observations if draws is None else draws, dtype=np.int64)
    begins = generator.random(len(rows)) < 1.0 / mean_block
    begins[:1] = True
    starts = generator.integers(0, observations, len(rows), dtype=np.int64)
    block = np.maximum.accumulate(np.where(begins, rows, 0))
    return (starts[block] + rows - block) % observations
