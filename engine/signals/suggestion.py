"""Which threshold makes a condition fire about so many times a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import ConfigurationError
from ..market import SymbolHistory
from ..periods import DAY_MS
from .check_points import CheckPoints
from .condition import Condition
from .detection import check_times, rising_edges
from .pool import SignalPool

_CANDIDATES = 200
_DIGITS = 4


@dataclass(frozen=True)
class Suggestion:
    """A condition with a changed threshold, and how many times a day it fired in the range it was made from."""

    condition: Condition
    threshold: float
    per_day: float


def suggest_threshold(
    condition: Condition, history: SymbolHistory, start_ms: int, end_ms: int, per_day: float
) -> Suggestion:
    """Return the threshold (of a taker volume: the ratio) at which a condition fires closest to `per_day` times a day.

    Looked for from the far end of the values towards their middle, where rarer still means further out; rounded to
    four digits. Raises `ConfigurationError` for a condition without such a threshold, and when it is never defined.
    """
    points = CheckPoints(history, check_times(SignalPool.of(condition), history, start_ms, end_ms))
    days = max(end_ms - start_ms, 1) / DAY_MS
    found = [
        (abs(count / days - per_day), place, threshold, count / days)
        for place, threshold in enumerate(_candidates(condition, points))
        for count in [len(rising_edges(condition.with_threshold(threshold).states(points)))]
    ]
    if not found:
        raise ConfigurationError([f"condition {condition.describe()}: it is nowhere defined in the range"])
    _, _, threshold, rate = min(found)
    return Suggestion(condition.with_threshold(threshold), threshold, rate)


def _candidates(condition: Condition, points: CheckPoints) -> list[float]:
    """Return thresholds from the rarest on."""
    values = condition.values(points) if len(points) else np.empty(0)
    values = values[~np.isnan(values)]
    if not len(values):
        condition.with_threshold(1.0)  # one that has none is refused for that
        return []
    shares = np.geomspace(1 / len(values), 1.0, _CANDIDATES)
    levels = condition.levels(values, shares)
    return list(dict.fromkeys(float(f"{level:.{_DIGITS}g}") for level in levels.tolist()))
