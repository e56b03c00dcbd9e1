"""The execution simulator: decisions become orders, orders become fills."""

from .exchange import ExecutionSimulator
from .intent import value_problem
from .lifecycle import LIFE, OrderEvent, OrderLives, OrderResult, OrderState
from .liquidation import Breach, Search, Survey, breaches_at, survey
from .pending import Ahead, PendingOrder
from .touch import Touch

# the exchange, and what became of a decision
__all__ = ["ExecutionSimulator", "OrderResult", "value_problem"]
# orders, also of one's own kind
__all__ += ["Ahead", "PendingOrder", "Touch"]
# the life of an order, and why one is refused
__all__ += ["LIFE", "OrderEvent", "OrderLives", "OrderState"]
# liquidation
__all__ += ["Breach", "Search", "Survey", "breaches_at", "survey"]
