"""What closes an entry at market from an instant on: a time stop, and what a volume cap left of a triggered exit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...contract import ExitReason, Order
from .bracket import ExitOrder
from .bracket_legs import LegOrder
from .pending import Ahead
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class MarketExit(ExitOrder):
    """Closes an entry at market at `due_ms`, for the reason `why`, or at a kline's close (`at_close`). `leg` is how it
    shows where it `is_shown`: a trailing stop of the same entry stands for it.
    """

    why: ExitReason
    due_ms: int
    leg: LegOrder
    is_shown: bool = True
    at_close: bool = False

    def leg_ids(self) -> Sequence[int]:
        """Return its id, unless it is the trailing stop's."""
        return (self.order_id,) if self.is_shown else ()

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return its instant, or now when that was in a pause, whatever the market does."""
        due, late = self.due_ms, self.due_ms <= ahead.now_ms
        return Touch(max(due, ahead.now_ms), NO_SPAN, 0.0, not self.at_close, self.why, resumes=late)

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        return (self.exits.view(*self.leg),) if self.is_shown else ()


@dataclass(slots=True, eq=False)
class WorkingExit(MarketExit):
    """What a volume cap left of a triggered exit: it works on at the close of each following kline, until a decision
    the other way or the end of the run cancels it.
    """

    is_counted: ClassVar[bool] = True
    works_on: ClassVar[bool] = True

    def opposes(self, sign: int) -> bool:
        """Tell whether a decision to buy (+1) or to sell (-1) cancels it: the one that enters what it closes."""
        return self.exits.sign == sign

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return its close, or now when that was in a pause."""
        return Touch(max(self.due_ms, ahead.now_ms), NO_SPAN, 0.0, False, self.why, works_on=True)
