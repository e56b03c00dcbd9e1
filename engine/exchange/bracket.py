"""What closes one entry by itself: exits that share its coins and cancel one another, and the bracket among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ..contract import ExitReason, Order, OrderKind
from ..market import WatchColumns
from .bracket_legs import BracketLegs
from .pending import Ahead, PendingOrder
from .touch import Touch
from .trailing_stop import TrailingHit, TrailingStop


@dataclass(slots=True, eq=False)
class Exits:
    """The exits of one entry in a position of direction `sign`: together they close at most the `size` coins that are
    left of it, reduce-only. They are watched from `active_from` (epoch ms) on: what opened earlier is never looked at.
    """

    symbol: str
    sign: int
    size: float
    active_from: int
    orders: list[PendingOrder] = field(default_factory=list)

    def view(self, kind: OrderKind, order_id: int, price: float | None = None, trigger: float | None = None) -> Order:
        """Return one of the exits as a strategy sees it."""
        return Order.of(
            kind,
            order_id,
            self.symbol,
            -self.sign,
            self.active_from,
            size=self.size,
            price=price,
            trigger_price=trigger,
            closes=True,
        )


class ExitOrder(PendingOrder):
    """One of the exits of an entry: it goes with the position, and its cancellation is no rejection."""

    __slots__ = ()
    is_counted: ClassVar[bool] = False
    exits: Exits

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.exits.symbol

    @property
    def goes_with_position(self) -> bool:
        """Whether the order is cancelled when its symbol's position is gone: always."""
        return True


@dataclass(slots=True, eq=False)
class Bracket(ExitOrder):
    """Pending exits of an entry that trade where the market touches them. `order_id` is that of the take-profit,
    `sl_id` that of the stop-loss; a trailing stop has its own.
    """

    order_id: int
    sl_id: int
    exits: Exits
    legs: BracketLegs
    trailing: TrailingStop | None
    at_touch: Callable[[Bracket, Touch], None]

    def leg_ids(self) -> Sequence[int]:
        """Return the order ids of the legs that exist."""
        legs, ids = self.legs, []
        if legs.take_profit is not None:
            ids.append(self.order_id)
        if legs.stop_loss is not None:
            ids.append(self.sl_id)
        if self.trailing is not None:
            ids.append(self.trailing.order_id)
        return ids

    def leg_id(self, why: ExitReason) -> int:
        """Return the order id of the leg that a touch belongs to."""
        if why is ExitReason.TRAILING_STOP:
            assert self.trailing is not None
            return self.trailing.order_id
        return self.order_id if why is ExitReason.TAKE_PROFIT else self.sl_id

    def is_limit(self, why: ExitReason) -> bool:
        """Tell whether that leg trades at its trigger price as a limit order."""
        if why is ExitReason.TAKE_PROFIT:
            return self.legs.limit_tp
        return why is ExitReason.STOP_LOSS and self.legs.limit_sl

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return what first happens to one of the legs, or None when nothing does."""
        spans, start, stop, _ = ahead
        fixed = self.legs.next_touch(spans, start, stop)
        hit = None if self.trailing is None else self.trailing.hit(spans, start, stop)
        if hit is None or (fixed is not None and fixed.place < hit.place):
            return fixed
        return self._with_trailing(spans, hit, fixed if fixed is not None and fixed.place == hit.place else None)

    def _with_trailing(self, spans: WatchColumns, hit: TrailingHit, fixed: Touch | None) -> Touch:
        """Return what happens in the span that reaches the trailing stop; `fixed` is the other legs' touch in it."""
        sign, place = self.exits.sign, hit.place
        if fixed is not None and fixed.why is ExitReason.TAKE_PROFIT and fixed.at_open:
            return fixed
        nearest = spans.floor.item(place) if sign < 0 else spans.ceiling.item(place)
        if (nearest - hit.before) * sign <= 0.0:
            due = spans.gap_ms.item(place)
            at_open = due == spans.start_ms.item(place)
            return Touch(due, place, spans.gap_price.item(place), at_open, ExitReason.TRAILING_STOP)
        adverse = spans.low.item(place) if sign > 0 else spans.high.item(place)
        level = hit.before if (adverse - hit.before) * sign <= 0.0 else hit.within
        trailing = Touch(spans.end_ms.item(place), place, level, False, ExitReason.TRAILING_STOP)
        return trailing if fixed is None else self._first_of(fixed, trailing, hit, spans.gap_price.item(place))

    def _first_of(self, fixed: Touch, trailing: Touch, hit: TrailingHit, opened: float) -> Touch:
        """A span touches a fixed leg and the trailing stop: of two stops the first is the nearer to the open that
        stands already; a take-profit and a stop are ambiguous.
        """
        if fixed.rest:
            return trailing
        if fixed.why is ExitReason.STOP_LOSS:
            before = trailing.price == hit.before
            return trailing if before and (hit.before - fixed.price) * self.exits.sign >= 0.0 else fixed
        is_target = self.legs.target_first(opened, trailing.price)
        return (fixed if is_target else trailing)._replace(ambiguous=True)

    def fill(self, touch: Touch) -> None:
        """Close what the bracket and the position both have, or let a gapped limit stop rest."""
        self.at_touch(self, touch)

    def views(self) -> Sequence[Order]:
        """Return one order for each leg, as a strategy sees them."""
        legs, shown = self.legs, []
        if legs.take_profit is not None:
            kind = OrderKind.TAKE_PROFIT_LIMIT if legs.limit_tp else OrderKind.TAKE_PROFIT_MARKET
            shown.append(self._view(kind, self.order_id, legs.take_profit, legs.limit_tp))
        if legs.stop_loss is not None:
            kind = OrderKind.STOP_LIMIT if legs.limit_sl else OrderKind.STOP_MARKET
            shown.append(self._view(kind, self.sl_id, legs.stop_loss, legs.limit_sl))
        if self.trailing is not None:
            shown.append(self._view(OrderKind.TRAILING_STOP, self.trailing.order_id, None, False))
        return shown

    def _view(self, kind: OrderKind, order_id: int, trigger: float | None, is_limit: bool) -> Order:
        return self.exits.view(kind, order_id, trigger if is_limit else None, trigger)
