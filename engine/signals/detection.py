"""Finding the instants at which a pool fires: the edges of its state from false to true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ConfigurationError
from ..market import SymbolHistory
from ..market.series import TimeColumn
from .check_points import FALSE, TRUE, UNDEFINED, CheckPoints, Points, States, klines_of
from .pool import SignalPool, combine

GRID_MS = 15_000


@dataclass(frozen=True)
class PoolTrigger:
    """One edge of a pool, with the signals that were true then."""

    timestamp: int
    triggered_signals: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Detection:
    """All edges of a pool in a range; of `check_points` judged, `undefined` could not be decided."""

    triggers: tuple[PoolTrigger, ...]
    check_points: int
    undefined: int

    @property
    def undefined_percent(self) -> float:
        """The share of the check points at which the pool could not be decided; 100 without any."""
        return 100.0 * self.undefined / self.check_points if self.check_points else 100.0


def detect(pool: SignalPool, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
    """Return the triggers of a pool for one symbol in [start_ms, end_ms].

    A pool is judged on the 15-second grid, one of kline-based signals alone at the closes of their klines. It starts
    false; where it is undefined its state stays. Raises `ConfigurationError`, which names the pool, for a time window
    without klines.
    """
    try:
        return _detect(pool, history, start_ms, end_ms)
    except ConfigurationError as error:
        raise ConfigurationError([f"signal pool {pool.label}: {problem}" for problem in error.problems]) from None


def _detect(pool: SignalPool, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
    points = CheckPoints(history, check_times(pool, history, start_ms, end_ms))
    if not len(points):
        return Detection((), 0, 0)
    members = [signal.condition.states(points) for signal in pool.signals]
    state = combine(members, pool.logic)
    triggers = tuple(
        PoolTrigger(points.times_ms.item(place), facts(pool, points, members, place)) for place in rising_edges(state)
    )
    return Detection(triggers, len(points), int(np.count_nonzero(state == UNDEFINED)))


def check_times(pool: SignalPool, history: SymbolHistory, start_ms: int, end_ms: int) -> TimeColumn:
    """Return the instants in [start_ms, end_ms] at which a pool is judged."""
    if not pool.on_klines:
        first = -(-start_ms // GRID_MS) * GRID_MS
        return np.arange(first, end_ms + 1, GRID_MS, dtype=np.int64)
    closes = []
    for period in sorted({signal.condition.time_window for signal in pool.signals}):
        series = klines_of(history, period)
        closed = series.columns.open_ms + series.period_ms
        closes.append(closed[(closed >= start_ms) & (closed <= end_ms)])
    return np.unique(np.concatenate(closes))


def rising_edges(state: States) -> list[int]:
    """Return the places where a three-valued state turns true, having been false (or never defined) before."""
    defined = np.flatnonzero(state != UNDEFINED)
    known = state[defined]
    before = np.concatenate(([FALSE], known[:-1]))
    edges: list[int] = defined[(known == TRUE) & (before == FALSE)].tolist()
    return edges


def facts(pool: SignalPool, points: Points, members: Sequence[States], place: int) -> tuple[dict[str, Any], ...]:
    """Return the entry in triggered_signals of each signal of a pool that is true at the instant of that place."""
    return tuple(
        {
            "signal_id": signal.signal_id,
            "signal_name": signal.name,
            "description": signal.description,
            **signal.condition.fact(points, place),
            "exchange": signal.exchange,
        }
        for signal, states in zip(pool.signals, members, strict=True)
        if states[place] == TRUE
    )
