"""What is said on the bus: immutable facts, published at the simulated time they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..contract import ExitReason, RegimeInfo

TriggerType = Literal["signal", "scheduled"]
FillPurpose = ExitReason | Literal["entry"]
SignalFact = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TriggerEvent:
    """Something that wakes the strategy: a signal pool that fired, or a scheduled tick (`symbol` is "" then)."""

    timestamp: int
    trigger_type: TriggerType
    symbol: str = ""
    pool_id: int | None = None
    pool_name: str = ""
    pool_logic: str = "OR"
    triggered_signals: tuple[SignalFact, ...] = ()
    market_regime: RegimeInfo | None = None

    def signal_names(self) -> tuple[str, ...]:
        """Return the names of the signals that were true."""
        return tuple(str(signal.get("signal_name", "")) for signal in self.triggered_signals)


@dataclass(frozen=True, slots=True)
class OrderSubmitted:
    """A decision arrived at the exchange as order `order_id`."""

    timestamp: int
    order_id: int
    symbol: str
    operation: str


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """An order was refused or cancelled, whole or in part, for `reason`."""

    timestamp: int
    order_id: int
    symbol: str
    reason: str


class Origin(NamedTuple):
    """The decision behind an order: when it was taken, what it asked for and why, and the trigger before it."""

    decided_at: int
    operation: str
    reason: str
    trigger: TriggerEvent | None


@dataclass(frozen=True, slots=True)
class Fill:
    """An order traded `size` coins at `price`; `fee` in USD; `purpose` is "entry" or the reason of an exit.

    `margin` is what an entry takes, in USD; `origin` is the decision behind the order, if there is one. `risk` is what
    an entry would lose between its price and its first stop, in USD; None without a stop.
    """

    timestamp: int
    order_id: int
    symbol: str
    side: Literal["buy", "sell"]
    size: float
    price: float
    fee: float
    purpose: FillPurpose
    margin: float = 0.0
    origin: Origin | None = None
    risk: float | None = None

    @property
    def sign(self) -> int:
        """+1 for a purchase, -1 for a sale."""
        return 1 if self.side == "buy" else -1


@dataclass(frozen=True, slots=True)
class ExchangePaused:
    """The exchange stopped: until it resumes nothing fills and nothing is accepted."""

    timestamp: int
    reason: str


@dataclass(frozen=True, slots=True)
class ExchangeResumed:
    """The exchange goes on after a pause that began at `paused_at`."""

    timestamp: int
    paused_at: int


@dataclass(frozen=True, slots=True)
class StrategyFailed:
    """The strategy raised, or returned something that is no decision, when it handled a trigger."""

    timestamp: int
    trigger: TriggerEvent
    error: str


@dataclass(frozen=True, slots=True)
class FundingPaid:
    """A position paid (negative) or received funding: `rate` is a fraction of notional for this settlement."""

    timestamp: int
    symbol: str
    rate: float
    price: float
    amount: float


@dataclass(frozen=True, slots=True)
class Liquidated:
    """The venue closed a position or, `is_partial`, a share of it: `size` coins at `price` for `fee` USD; `at_open`
    tells that the kline opened beyond the liquidation price.
    """

    timestamp: int
    symbol: str
    side: Literal["long", "short"]
    size: float
    price: float
    fee: float
    at_open: bool
    is_partial: bool
    equity_after: float


@dataclass(frozen=True, slots=True)
class RiskLimitHit:
    """A limit that the account set itself refused a decision; `value` is what was beyond it (USD, orders, or seconds
    left).
    """

    timestamp: int
    symbol: str
    limit: str
    value: float
