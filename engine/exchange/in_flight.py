"""An order on its way to the exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..contract import Decision, Order
from ..kernel import TriggerEvent


@dataclass(slots=True)
class OrderInFlight:
    """A decision as it was when it was sent, at `sent_at`; it meets the market of its arrival."""

    order_id: int
    decision: Decision
    trigger: TriggerEvent | None
    sent_at: int
    cancelled: bool = False

    @property
    def symbol(self) -> str:
        """What is to be traded, if it is a symbol at all."""
        return str(self.decision.symbol)

    @property
    def age(self) -> int:
        """Its place among the orders of its symbol: older ones come first."""
        return self.order_id

    def views(self) -> list[Order]:
        """Return the order as the strategy that sent it knows it; its size is not known yet."""
        operation = self.decision.action()
        side: Literal["Buy", "Sell"] = "Buy" if operation == "buy" else "Sell"
        direction = {"buy": "Open Long", "sell": "Open Short"}.get(operation, "Close")
        limit = self.decision.max_price if operation == "buy" else self.decision.min_price
        reduce_only = operation == "close"
        return [
            Order(self.order_id, self.symbol, side, direction, "In Flight", 0.0, limit, None, reduce_only, self.sent_at)
        ]
