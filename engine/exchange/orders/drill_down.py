"""Which exit of an entry comes first in a kline that touches two, as far as the kline's finer rows tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...contract import ExitReason
from .trailing_stop import TrailingStop

#: An exit and its price.
Exit = tuple[ExitReason, float]


class Triggers(NamedTuple):
    """The triggers of a position of direction `sign`: its take-profit, its stop-loss and its trailing stop."""

    sign: int
    target: float | None
    loss: float | None
    trailing: TrailingStop | None

    def touched(self, high: float, low: float, best: float) -> tuple[list[Exit], bool]:
        """Return which exits a row touches for certain, stops in the order in which the price comes to them; and
        whether it may have touched the trailing stop before, at a level that its own best price has made of it.
        """
        sign, target = self.sign, self.target
        ahead, behind = (high, low) if sign > 0 else (low, high)
        reached = [each for each in self._stops(best) if (behind - each[1]) * sign <= 0.0]
        reached.sort(key=lambda each: -sign * each[1])
        may_trail = self._may_trail(ahead, behind, best, reached)
        if target is not None and (ahead - target) * sign >= 0.0:
            reached.insert(0, (ExitReason.TAKE_PROFIT, target))
        return reached, may_trail

    def _stops(self, best: float) -> Iterator[Exit]:
        if self.trailing is not None:
            yield ExitReason.TRAILING_STOP, self.trailing.level(best)
        if self.loss is not None:
            yield ExitReason.STOP_LOSS, self.loss

    def _may_trail(self, ahead: float, behind: float, best: float, reached: Sequence[Exit]) -> bool:
        trailing, sign = self.trailing, self.sign
        if trailing is None or any(why is ExitReason.TRAILING_STOP for why, _ in reached):
            return False  # the level from before the row is assumed, as it is of klines
        furthest = ahead if self.target is None else min(ahead, self.target, key=lambda price: price * sign)
        within = trailing.level(self.best(furthest, furthest, best))
        return (behind - within) * sign <= 0.0 and all((within - price) * sign > 0.0 for _, price in reached)

    def best(self, high: float, low: float, before: float) -> float:
        """Return the best price after a row."""
        return max(before, high) if self.sign > 0 else min(before, low)


def first_exit(rows: Iterable[tuple[float, float]], triggers: Triggers, best: float) -> Exit | None:
    """Return the exit that is touched first in the rows (high, low) of a kline, and its price; `best` is the best price
    before them. None where that stays open: a row touches a take-profit and a stop, or may do so.
    """
    for high, low in rows:
        touched, may_trail = triggers.touched(high, low, best)
        if touched or may_trail:
            is_both = len(touched) > 1 and touched[0][0] is ExitReason.TAKE_PROFIT
            return None if is_both or may_trail else touched[0]
        best = triggers.best(high, low, best)
    return None
