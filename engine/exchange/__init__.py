"""The execution simulator: decisions become orders, orders become fills."""

from .bracket import Bracket
from .exchange import ExecutionSimulator
from .lifecycle import LIFE, OrderEvent, OrderLives, OrderState
from .liquidation import Breach, Survey, find_breach, survey
from .order_result import OrderResult
from .pending import Ahead, PendingOrder
from .touch import Touch

__all__ = [
    # bracket
    "Bracket",
    # exchange
    "ExecutionSimulator",
    # lifecycle
    "LIFE",
    "OrderEvent",
    "OrderLives",
    "OrderState",
    # liquidation
    "Breach",
    "Survey",
    "find_breach",
    "survey",
    # order result
    "OrderResult",
    # pending
    "Ahead",
    "PendingOrder",
    # touch
    "Touch",
]
