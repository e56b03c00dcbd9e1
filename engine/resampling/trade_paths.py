"""The closed trades in another order, and drawn anew: what the account would have been worth after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError

FloatColumn = npt.NDArray[np.float64]

#: So many results of trades are worked on together: they stay in the cache of a processor.
_TOGETHER = 1 << 14
#: Sums of the same results in another order differ by no more of the largest.
_ROUNDING = 1e-9


class TradePaths(NamedTuple):
    """Of each path: what the account is worth after its last trade (USD), the deepest fall from a peak in USD, the
    deepest in percent of its peak (it may be another), and whether it was worth 0 or less after a trade: then no trade
    came after that one.

    A path is the initial balance and what the account is worth after each closed trade, one after another; what an open
    trade is worth on the way is in no path.
    """

    final_equity: FloatColumn
    max_drawdown: FloatColumn
    max_drawdown_percent: FloatColumn
    ruined: npt.NDArray[np.bool_]


def trade_path(net_pnl: npt.ArrayLike, initial_balance: float) -> TradePaths:
    """Return the one path of trades with these net results (USD) as they came."""
    pnl = _checked(net_pnl, initial_balance, 1)
    return _drawn(1, pnl, initial_balance, lambda part: np.copyto(part, pnl))


def reordered_trades(
    net_pnl: npt.ArrayLike, initial_balance: float, paths: int, generator: np.random.Generator
) -> TradePaths:
    """Return `paths` paths, each of all the trades in an order of its own, every order as likely as any other.

    `net_pnl` are the net results of the closed trades, USD: each stays what it was, wherever it comes. Raises
    `ConfigurationError` without trades, for no paths and for a balance that is not above 0.
    """
    pnl = _checked(net_pnl, initial_balance, paths)

    def order(part: FloatColumn) -> None:
        part[:] = pnl
        generator.permuted(part, axis=1, out=part)

    return _drawn(paths, pnl, initial_balance, order)


def resampled_trades(
    net_pnl: npt.ArrayLike, initial_balance: float, paths: int, generator: np.random.Generator
) -> TradePaths:
    """Return `paths` paths, each of as many trades as there were, any of them, with replacement.

    Takes and raises what `reordered_trades` does.
    """
    pnl = _checked(net_pnl, initial_balance, paths)

    def draw(part: FloatColumn) -> None:
        np.take(pnl, generator.integers(0, len(pnl), part.shape), out=part)

    return _drawn(paths, pnl, initial_balance, draw)


def place_among(values: FloatColumn, value: float) -> float:
    """Return how many of `values`, in percent, are below `value`; of those that are the same, beyond rounding, half."""
    rounding = _ROUNDING * max(float(np.abs(values).max(initial=0.0)), abs(value))
    below = np.count_nonzero(values < value - rounding)
    upto = np.count_nonzero(values <= value + rounding)
    return 50.0 * float(below + upto) / len(values)


def _checked(net_pnl: npt.ArrayLike, initial_balance: float, paths: int) -> FloatColumn:
    pnl = np.asarray(net_pnl, np.float64)
    problems = []
    if not len(pnl):
        problems.append("there are no closed trades: nothing can be drawn from them")
    if not np.isfinite(pnl).all():
        problems.append("the result of a trade is not finite")
    if not 0.0 < initial_balance < np.inf:
        problems.append(f"the initial balance is {initial_balance:g} USD: give more than 0")
    if paths < 1:
        problems.append(f"{paths} paths are none: give at least 1")
    if problems:
        raise ConfigurationError(problems)
    return pnl


def _drawn(paths: int, pnl: FloatColumn, initial_balance: float, fill: Callable[[FloatColumn], None]) -> TradePaths:
    """Return the figures of `paths` paths, of which `fill` puts the results of the trades into the rows of a matrix."""
    together = min(max(_TOGETHER // len(pnl), 1), paths)
    equity, peak = (np.empty((together, len(pnl))) for _ in range(2))  # new memory for each part would take longer
    parts = []
    for done in range(0, paths, together):
        count = min(together, paths - done)
        fill(equity[:count])
        parts.append(_figures(equity[:count], peak[:count], initial_balance))
    return TradePaths(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _figures(equity: FloatColumn, peak: FloatColumn, initial_balance: float) -> TradePaths:
    """Return the figures of paths, one a row; `equity` holds the results of their trades, and both are written over."""
    equity[:, 0] += initial_balance
    np.cumsum(equity, axis=1, out=equity)
    ruined = equity.min(axis=1) <= 0.0
    if ruined.any():
        equity[ruined] = _stopped(equity[ruined])
    final = equity[:, -1].copy()
    np.maximum.accumulate(equity, axis=1, out=peak)
    np.maximum(peak, initial_balance, out=peak)
    fallen = np.subtract(peak, equity, out=equity)
    deepest = fallen.max(axis=1)
    return TradePaths(final, deepest, 100.0 * np.divide(fallen, peak, out=fallen).max(axis=1), ruined)


def _stopped(equity: FloatColumn) -> FloatColumn:
    """Return paths that stay where they first are 0 or less."""
    last = (equity <= 0.0).argmax(axis=1)[:, np.newaxis]
    place = np.minimum(np.arange(equity.shape[1]), last)
    return np.take_along_axis(equity, place, axis=1)
