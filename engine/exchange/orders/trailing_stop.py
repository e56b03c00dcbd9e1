"""The trailing stop: the level that follows the best price, and the span that reaches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...market import WatchColumns
from ...market.series import FloatColumn, blocks


class TrailingHit(NamedTuple):
    """The first span that touches a trailing stop: the level `before` it, and the one `within` it, which its own best
    price may have raised.
    """

    place: int
    before: float
    within: float


@dataclass(slots=True)
class TrailingStop:
    """A stop `percent` behind the best price of a position of direction `sign`: `best` until `since_ms`, that of the
    spans from then on later, but for the first `passed` ones. The best price is a take-profit (`most`) at most.
    """

    sign: int
    percent: float
    best: float
    since_ms: int
    passed: int
    most: float | None

    def level(self, best: float) -> float:
        """Return where the stop stands if `best` is the best price so far."""
        return best * (1.0 - self.sign * self.percent / 100.0)

    def hit(self, spans: WatchColumns, start: int, stop: int) -> TrailingHit | None:
        """Return the first span in [start, stop) whose adverse extreme reaches the stop, or None.

        Within a span the order of the extremes is not known; that one is assumed which ends worse: the level before
        the span counts if the span reaches it, else the level that the span's own best price makes of it.
        """
        worst = spans.low if self.sign > 0 else spans.high
        best = self.best
        for place, end in blocks(spans.first_from(self.since_ms) + self.passed, stop):
            bests = self._bests(best, spans, place, end)
            reached = worst[place:end]
            levels = self.level(1.0) * bests[1:]
            hits = reached <= levels if self.sign > 0 else reached >= levels
            hits[: max(start - place, 0)] = False
            at = int(hits.argmax())
            if hits[at]:
                return TrailingHit(place + at, self.level(float(bests[at])), self.level(float(bests[at + 1])))
            best = float(bests[-1])
        return None

    def best_before(self, spans: WatchColumns, place: int) -> float:
        """Return the best price so far when a span begins."""
        return float(self._bests(self.best, spans, spans.first_from(self.since_ms) + self.passed, place)[-1])

    def _bests(self, best: float, spans: WatchColumns, start: int, stop: int) -> FloatColumn:
        """Return the best price before each of the spans [start, stop), and the one after the last."""
        long = self.sign > 0
        column = (spans.high if long else spans.low)[start:stop]
        if self.most is not None:
            column = np.minimum(column, self.most) if long else np.maximum(column, self.most)
        furthest = np.maximum.accumulate if long else np.minimum.accumulate
        return np.asarray(furthest(np.concatenate(([best], column))))
