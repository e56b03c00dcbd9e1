"""What closes an entry at market from an instant on: a time stop, and what a volume cap left of a triggered exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..contract import ExitReason, Order
from .bracket import ExitOrder, LegOrder
from .pending import Ahead
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class MarketExit(ExitOrder):
    """Closes an entry at market at `due_ms`, for the reason `why`; what is left of it goes on at the close of each
    following kline (`at_close`). `leg` is how it shows; None where a trailing stop of the same entry stands for it.
    """

    why: ExitReason
    due_ms: int
    leg: LegOrder | None
    at_close: bool = False

    def leg_ids(self) -> Sequence[int]:
        """Return its id, unless it is the trailing stop's."""
        return () if self.leg is None else (self.order_id,)

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return its instant, or now when that was in a pause, whatever the market does."""
        due, late = self.due_ms, self.due_ms <= ahead.now_ms
        return Touch(max(due, ahead.now_ms), NO_SPAN, 0.0, not self.at_close, self.why, resumes=late)

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        return () if self.leg is None else (self.exits.view(*self.leg),)
