"""The contract with strategy code: what a program says, and what it sees of its account."""

from .decision import FIELDS, ActionType, Decision, decision_dict, decision_operation, decision_values
from .exit_reason import ExitReason
from .labelled import Labelled
from .late_fields import late_record
from .lazy_views import OpenOrders
from .views import AccountEvent, EventKind, Order, OrderKind, Position, RegimeInfo, Trade

# what a program says
__all__ = ["FIELDS", "ActionType", "Decision", "decision_dict", "decision_operation", "decision_values"]
# what it sees, and why a position was closed
__all__ += [
    "AccountEvent",
    "EventKind",
    "ExitReason",
    "OpenOrders",
    "Order",
    "OrderKind",
    "Position",
    "RegimeInfo",
    "Trade",
    "late_record",
]
# choices that people read
__all__ += ["Labelled"]
