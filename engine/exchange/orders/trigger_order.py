"""An order that waits until the market comes to its trigger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from ...contract import Order, OrderKind
from ...market.series import first_beyond
from .entry_order import EntryOrder
from .pending import Ahead
from .request import Changes
from .touch import Touch


@dataclass(slots=True, eq=False)
class TriggerOrder(EntryOrder):
    """A stop or take-profit order that enters, or closes: when the watched price comes to `trigger`, from below where
    it `rises`, it becomes a market order, or a limit order.

    A touch inside a kline is known at its close and trades at the trigger; one that opens beyond trades at its open.
    """

    sign: int
    trigger: float
    rises: bool
    marks: bool

    @property
    def watches_marks(self) -> bool:
        """Whether it is watched in the mark price."""
        return self.marks

    def place_against(self, price: float) -> None:
        """Wait for a rise to a trigger above the price of the moment, for a fall to one below."""
        if self.trigger != price:
            self.rises = self.trigger > price

    def amended(self, changes: Changes) -> Self | None:
        """Return a copy with another trigger, limit, size or brackets."""
        order = self._copied(self.intent.amended(changes))
        if changes.size is not None:
            order.intent = order.intent.sized(changes.size)
        if changes.trigger is not None:
            order.trigger = changes.trigger
        return order

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return the first span that reaches the trigger, or None."""
        spans, start, stop, _ = ahead
        place = first_beyond(spans.high if self.rises else spans.low, self.trigger, self.rises, False, start, stop)
        if place < 0:
            return None
        first = spans.floor.item(place) if self.rises else spans.ceiling.item(place)
        if first >= self.trigger if self.rises else first <= self.trigger:
            touch = Touch.of_gap(spans, place)
        else:
            touch = Touch(spans.end(place), place, self.trigger, False)
        return touch.traded_in(spans) if self.marks else touch

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it; one that is sized by the balance is so when it triggers."""
        intent, limit = self.intent, self.intent.limit(self.sign)
        is_stop = self.rises == (self.sign > 0)
        market, limited = (
            (OrderKind.STOP_MARKET, OrderKind.STOP_LIMIT)
            if is_stop
            else (OrderKind.TAKE_PROFIT_MARKET, OrderKind.TAKE_PROFIT_LIMIT)
        )
        of = market if limit is None else limited, self.order_id, self.symbol, self.sign, self.placed_at
        size, closes = intent.known_size, intent.sign == 0
        return [Order.of(*of, size=size, price=limit, trigger_price=self.trigger, closes=closes, tag=self.tag)]
