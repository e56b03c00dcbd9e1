"""Time, and what is said in it: clock and phases, the bus, its messages."""

from .bus import Bus, Subscription
from .clock import Alarm, Clock, IntegerEnvironment, Moment, Phase, refuse_fractions
from .garbage import rarely_collecting
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

# how a run is run
__all__ = ["rarely_collecting"]
# time
__all__ += ["Alarm", "Clock", "IntegerEnvironment", "Moment", "Phase", "Progress", "refuse_fractions"]
# what is said in it, of the program and its orders, of the venue
__all__ += ["Bus", "Subscription"]
__all__ += ["Fill", "FillPurpose", "OrderRejected", "OrderSubmitted", "Origin", "RiskLimitHit"]
__all__ += ["ExchangePaused", "ExchangeResumed", "FundingPaid", "Liquidated", "StrategyFailed", "TriggerEvent"]
