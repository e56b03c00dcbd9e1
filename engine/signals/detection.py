"""Finding the instants at which a pool fires: the edges of its state from false to true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from ..errors import ConfigurationError
from ..market import SymbolHistory
from ..market.flow import SIGNAL_METRICS, WINDOW_BUCKETS, rows_needed
from ..market.indicators import INDICATOR_WINDOW
from ..market.series import TimeColumn
from ..periods import PERIOD_MS
from .check_points import FALSE, TRUE, UNDEFINED, CheckPoints, States, klines_of
from .condition import Condition
from .pool import SignalPool, combine
from .pool_triggers import PoolTriggers

GRID_MS = 15_000


@dataclass(frozen=True)
class Detection:
    """All edges of a pool in a range; of `check_points` judged, `undefined` could not be decided. `warnings` name the
    signals that were left out, each with the reason.
    """

    triggers: PoolTriggers
    check_points: int
    undefined: int
    warnings: tuple[str, ...] = ()

    @property
    def undefined_percent(self) -> float:
        """The share of the check points at which the pool could not be decided; 100 without any."""
        return 100.0 * self.undefined / self.check_points if self.check_points else 100.0


def judge_pool(pool: SignalPool, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
    """Return when a pool fires for one symbol in [start_ms, end_ms], in a run as in a preview.

    As `detect` has it, but a signal that has no value anywhere in the range is left out of an OR pool, where another
    one remains. In an AND pool it is a `ConfigurationError`, which names pool and signal.
    """
    with _naming(pool):
        points = CheckPoints(history, check_times(pool, history, start_ms, end_ms))
        members = _members(pool, points)
        silent = [place for place, states in enumerate(members) if len(points) and (states == UNDEFINED).all()]
        whys = {place: why_undefined(pool.signals[place].condition, points) for place in silent}
        if silent and pool.logic == "AND":
            where = f"has no value for {history.symbol} anywhere in the range, so the pool cannot fire"
            raise ConfigurationError([f"signal {pool.signals[at].name!r} {where}: {why}" for at, why in whys.items()])
    warnings = tuple(
        f"signal pool {pool.label}: signal {pool.signals[place].name!r} is left out for {history.symbol}: {why}"
        for place, why in whys.items()
    )
    heard = tuple(signal for place, signal in enumerate(pool.signals) if place not in whys)
    if silent and heard:
        return replace(detect(replace(pool, signals=heard), history, start_ms, end_ms), warnings=warnings)
    return replace(_detection(pool, points, members), warnings=warnings)


def detect(pool: SignalPool, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
    """Return the triggers of a pool, with all of its signals, for one symbol in [start_ms, end_ms].

    A pool is judged on the 15-second grid, one of kline-based signals alone at the closes of their klines. It starts
    false; where it is undefined its state stays. Raises `ConfigurationError`, which names the pool, for a time window
    without klines.
    """
    with _naming(pool):
        points = CheckPoints(history, check_times(pool, history, start_ms, end_ms))
        return _detection(pool, points, _members(pool, points))


@contextmanager
def _naming(pool: SignalPool) -> Iterator[None]:
    """Put the pool before what a `ConfigurationError` says."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError([f"signal pool {pool.label}: {problem}" for problem in error.problems]) from None


def _members(pool: SignalPool, points: CheckPoints) -> list[States]:
    return [signal.condition.states(points) for signal in pool.signals] if len(points) else []


def _detection(pool: SignalPool, points: CheckPoints, members: Sequence[States]) -> Detection:
    if not len(points):
        return Detection(PoolTriggers(pool, points.history, points.times_ms), 0, 0)
    state = combine(members, pool.logic)
    triggers = PoolTriggers(pool, points.history, points.times_ms[rising_edges(state)])
    return Detection(triggers, len(points), int(np.count_nonzero(state == UNDEFINED)))


def why_undefined(condition: Condition, points: CheckPoints) -> str:
    """Return why a condition has no value at any of some instants."""
    history, first, last = points.history, points.times_ms.item(0), points.times_ms.item(-1)
    for name in condition.flow_metrics:
        metric = SIGNAL_METRICS[name]
        times = history.flow.times(metric.table)
        since = first - WINDOW_BUCKETS * PERIOD_MS[condition.time_window]
        if times is None or not np.any((times >= since) & (times <= last)):
            return f"{name} needs {rows_needed(metric)}, and there are none in the range"
    for name in condition.features:
        if name not in history.feature_names:
            return f"there is no feature {name} (there: {', '.join(history.feature_names) or 'none'})"
        return f"no value of feature {name} is known in the range"
    if condition.klines_needed:
        window = condition.time_window
        count = min(klines_of(history, window).finished(last), INDICATOR_WINDOW)
        there = f"there are {count} at the end" if count < INDICATOR_WINDOW else f"only the last {count} count"
        return f"it needs {condition.klines_needed} finished {window} klines, and {there}"
    return "its rows in the range give it no value"


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
    times = np.sort(np.concatenate(closes), kind="stable")  # `unique` hashes them, which takes thirty times as long
    return times[np.diff(times, prepend=-1) > 0]


def rising_edges(state: States) -> TimeColumn:
    """Return the places where a three-valued state turns true, having been false (or never defined) before."""
    defined = np.flatnonzero(state != UNDEFINED)
    known = state[defined]
    before = np.concatenate(([FALSE], known[:-1]))
    return np.asarray(defined[(known == TRUE) & (before == FALSE)])
