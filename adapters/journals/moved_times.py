"""Fills of a venue whose times seem to be of another time zone than they were taken to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from engine.market.series import TimeColumn
from engine.periods import HOUR_MS

from .fill_pairs import Key
from .money_of_run import TradedFill

#: Clocks of the world stand so far from UTC at most, and in such steps.
_FURTHEST_MS, _STEP_MS = 14 * HOUR_MS, HOUR_MS // 4
#: Fewer fills than these may be near to one another by chance.
_FEWEST = 4


def likely_move(run: Iterable[TradedFill], venue: Iterable[TradedFill], within_ms: int) -> tuple[int, int, int] | None:
    """Return by how many ms the times of a venue must be moved for most of its fills to stand beside one of the run,
    how many then do and how many do as they are; None where that is less than half, or not twice as many.
    """
    ours, theirs = _times(run), _times(venue)
    counts = {move: _beside(ours, theirs, move, within_ms) for move in range(-_FURTHEST_MS, _FURTHEST_MS + 1, _STEP_MS)}
    move = max(counts, key=lambda each: (counts[each], -abs(each)))
    total = sum(map(len, theirs.values()))
    if counts[move] < _FEWEST or 2 * counts[move] < total or counts[move] < 2 * counts[0]:
        return None
    return move, counts[move], counts[0]


def _times(fills: Iterable[TradedFill]) -> dict[Key, TimeColumn]:
    found: dict[Key, list[int]] = defaultdict(list)
    for each in fills:
        found[each.symbol, each.sign, each.reduces].append(each.at)
    return {key: np.sort(np.array(times, np.int64)) for key, times in found.items()}


def _beside(ours: Mapping[Key, TimeColumn], theirs: Mapping[Key, TimeColumn], move: int, within_ms: int) -> int:
    count = 0
    for key, times in theirs.items():
        there = ours.get(key)
        if there is not None:
            begins = np.searchsorted(there, times + move - within_ms)
            count += int((np.searchsorted(there, times + move + within_ms, side="right") > begins).sum())
    return count
