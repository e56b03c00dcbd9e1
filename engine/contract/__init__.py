"""The contract with strategy code: what a program says, and what it sees of its account."""

from .decision import FIELDS, ActionType, Decision, decision_dict, decision_values
from .exit_reason import ExitReason
from .views import Order, OrderKind, Position, RegimeInfo, Trade

__all__ = [
    # decision
    "FIELDS",
    "ActionType",
    "Decision",
    "decision_dict",
    "decision_values",
    # exit reason
    "ExitReason",
    # views
    "Order",
    "OrderKind",
    "Position",
    "RegimeInfo",
    "Trade",
]
