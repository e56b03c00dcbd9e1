"""How the figure of a condition is spread over a range, and how often thresholds would make it fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import ConfigurationError
from ..market import SymbolHistory
from ..market.series import FloatColumn
from ..periods import DAY_MS
from .check_points import TRUE, CheckPoints
from .condition import Condition
from .detection import check_times, rising_edges, why_undefined
from .pool import SignalPool

#: For which shares of the time thresholds are told, the rarest first.
SHARES = (0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_BINS = 40
#: What lies beyond these shares of the values is counted in the outermost bins: one outlier would flatten all others.
_SHOWN = (0.002, 0.998)
_DIGITS = 4


@dataclass(frozen=True)
class Level:
    """A threshold, in which share of the time (0 to 1) the condition is true with it, and how many times a day that
    begins.
    """

    threshold: float
    share: float
    per_day: float


@dataclass(frozen=True)
class Distribution:
    """The figure of a condition at the `check_points` of a range, of which it has none at `undefined`.

    `counts` of values lie between `edges`, which are one more; `quantiles` are (share, value). `present` is the level
    of the own threshold, which stands at the `bounds` among the values, `levels` are others; where a condition
    has no threshold there are none.
    """

    check_points: int
    undefined: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    bounds: tuple[float, ...]
    quantiles: tuple[tuple[float, float], ...]
    present: Level | None
    levels: tuple[Level, ...] = field(default=())


def distribution(
    condition: Condition, history: SymbolHistory, start_ms: int, end_ms: int, shares: Sequence[float] = SHARES
) -> Distribution:
    """Return how the figure of a condition is spread over the instants in [start_ms, end_ms] at which it is judged.

    Raises `ConfigurationError` where it has no value anywhere in the range, which says why.
    """
    points = CheckPoints(history, check_times(SignalPool.of(condition), history, start_ms, end_ms))
    all_values = condition.values(points) if len(points) else np.empty(0)
    values = all_values[np.isfinite(all_values)]
    if not len(values):
        why = why_undefined(condition, points) if len(points) else "no kline closes in it"
        raise ConfigurationError([f"condition {condition.describe()}: it has no value in the range: {why}"])
    days = max(end_ms - start_ms, 1) / DAY_MS
    edges, counts = _histogram(values)
    return Distribution(
        check_points=len(points),
        undefined=len(points) - len(values),
        edges=edges,
        counts=counts,
        bounds=condition.bounds,
        quantiles=tuple((share, float(np.quantile(values, share))) for share in _QUANTILES),
        present=_present(condition, points, days),
        levels=tuple(_levels(condition, points, values, shares, days)),
    )


def _histogram(values: FloatColumn) -> tuple[tuple[float, ...], tuple[int, ...]]:
    low, high = (float(each) for each in np.quantile(values, _SHOWN))
    if not low < high:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), _BINS, (low, high))
    return tuple(edges.tolist()), tuple(counts.tolist())


def _present(condition: Condition, points: CheckPoints, days: float) -> Level | None:
    if condition.threshold_name is None:
        return None
    return _level(condition, float(getattr(condition, condition.threshold_name)), points, days)


def _levels(
    condition: Condition, points: CheckPoints, values: FloatColumn, shares: Sequence[float], days: float
) -> list[Level]:
    try:
        found = condition.levels(values, np.array(shares)).tolist()
    except ConfigurationError:  # it has no threshold, or one that is met at one value only
        return []
    thresholds = dict.fromkeys(float(f"{each:.{_DIGITS}g}") for each in found)
    return [_level(condition.with_threshold(each), each, points, days) for each in thresholds]


def _level(condition: Condition, threshold: float, points: CheckPoints, days: float) -> Level:
    states = condition.states(points)
    share = float(np.count_nonzero(states == TRUE) / len(states))
    return Level(threshold, share, len(rising_edges(states)) / days)
