"""Time, and what is said in it: clock and phases, the bus, its messages."""

from .bus import Bus, Subscription
from .clock import Alarm, Clock, IntegerEnvironment, Moment, Phase, refuse_fractions
from .messages import (
    ExchangePaused,
    ExchangeResumed,
    Fill,
    FillPurpose,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    Origin,
    RiskLimitHit,
    StrategyFailed,
    TriggerEvent,
)
from .progress import Progress

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
    "ExchangePaused",
    "ExchangeResumed",
    "Fill",
    "FillPurpose",
    "FundingPaid",
    "Liquidated",
    "OrderRejected",
    "OrderSubmitted",
    "Origin",
    "RiskLimitHit",
    "StrategyFailed",
    "TriggerEvent",
    # progress
    "Progress",
]
