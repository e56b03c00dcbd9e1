"""A limit order in the book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..contract import Order
from .intent import OrderIntent


@dataclass(slots=True)
class RestingOrder:
    """A limit order that waits for the market to come to it: `coins` are what is left of it, `sign` is +1 for a
    purchase. Klines that open before `placed_at` are never looked at.
    """

    order_id: int
    intent: OrderIntent
    sign: int
    limit: float
    coins: float
    placed_at: int
    cancelled: bool = False

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.intent.symbol

    @property
    def age(self) -> int:
        """Its place among the orders of its symbol: older ones come first."""
        return self.order_id

    @property
    def reduce_only(self) -> bool:
        """Whether it closes, and never opens."""
        return self.intent.sign == 0

    def views(self) -> list[Order]:
        """Return the order as a strategy sees it."""
        side: Literal["Buy", "Sell"] = "Buy" if self.sign > 0 else "Sell"
        opening = "Open Long" if self.sign > 0 else "Open Short"
        closing = "Close Short" if self.sign > 0 else "Close Long"
        direction = closing if self.reduce_only else opening
        return [
            Order(
                self.order_id,
                self.symbol,
                side,
                direction,
                "Limit",
                self.coins,
                self.limit,
                None,
                self.reduce_only,
                self.placed_at,
            )
        ]
