"""The time stop: it closes an entry that has been open for long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..contract import ExitReason, Order, OrderKind
from .bracket import ExitOrder
from .pending import Ahead
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class TimeStop(ExitOrder):
    """Closes an entry at market at `due_ms`. It shares `leg_id` with a trailing stop of the same entry, if there is
    one: then a strategy sees only that (`is_shown` is False).
    """

    due_ms: int
    is_shown: bool

    def leg_ids(self) -> Sequence[int]:
        """Return its id, unless it is the trailing stop's."""
        return (self.order_id,) if self.is_shown else ()

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return its instant, or now when that was in a pause, whatever the market does."""
        return Touch(max(self.due_ms, ahead.now_ms), NO_SPAN, 0.0, True, ExitReason.TIME_STOP)

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        return [self.exits.view(OrderKind.TIME_STOP, self.order_id)] if self.is_shown else []
