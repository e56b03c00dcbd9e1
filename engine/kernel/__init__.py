"""Time, and what is said in it: clock and phases, the bus, its messages."""

from .bus import Bus, Subscription
from .clock import Alarm, Clock, IntegerEnvironment, Moment, Phase, refuse_fractions
from .messages import (
    Fill,
    FillPurpose,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    RiskLimitHit,
    StrategyFailed,
    TriggerEvent,
)

__all__ = [
    # bus
    "Bus",
    "Subscription",
    # clock
    "Alarm",
    "Clock",
    "IntegerEnvironment",
    "Moment",
    "Phase",
    "refuse_fractions",
    # messages
    "Fill",
    "FillPurpose",
    "FundingPaid",
    "Liquidated",
    "OrderRejected",
    "OrderSubmitted",
    "RiskLimitHit",
    "StrategyFailed",
    "TriggerEvent",
]
