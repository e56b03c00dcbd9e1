"""An order on its way to the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...contract import ActionType, Decision, Order, OrderKind
from ...errors import SimulationError
from ...kernel import TriggerEvent
from .intent import SIGNS
from .pending import Ahead, PendingOrder
from .request import REQUESTS
from .touch import Touch


@dataclass(slots=True, eq=False)
class OrderInFlight(PendingOrder):
    """A decision on its way since `sent_at`; it meets the market of its arrival. One that is not pending meanwhile gets
    its `order_id` then, and has 0 before. With `reduce_only` it opens nothing.
    """

    rests_at_venue: ClassVar[bool] = False
    order_id: int
    decision: Decision
    trigger: TriggerEvent | None
    sent_at: int
    reduce_only: bool = False

    @property
    def symbol(self) -> str:
        """What is to be traded, if it is a symbol at all."""
        return str(self.decision.symbol)

    @property
    def tag(self) -> str:
        """What the decision calls it, if that is a text."""
        return self.decision.tag if isinstance(self.decision.tag, str) else ""

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return None: the market does nothing to it before it arrives."""
        return None

    def fill(self, touch: Touch) -> None:
        """Raise `SimulationError`: it cannot fill before it arrives."""
        raise SimulationError(f"order {self.order_id} is in flight: it cannot fill")

    def views(self) -> Sequence[Order]:
        """Return the order as the strategy that sent it knows it, its size where that is given; nothing of what cancels
        or amends others.
        """
        decision, operation = self.decision, self.decision.action()
        if operation in REQUESTS:
            return []
        limit = decision.max_price if operation == ActionType.BUY else decision.min_price
        sign, closes = SIGNS.get(operation, 0), self.reduce_only or operation == ActionType.CLOSE
        kind = OrderKind.IN_FLIGHT
        size = decision.size if type(decision.size) is float else 0.0
        of = kind, self.order_id, self.symbol, sign, self.sent_at
        return [Order.of(*of, size=size, price=limit, closes=closes, tag=self.tag)]
