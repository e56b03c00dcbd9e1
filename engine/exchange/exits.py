"""What closes one entry by itself: orders that share its coins and cancel one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..contract import Order, OrderKind
from .pending import PendingOrder


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
