"""What is said on the bus: immutable facts, published at the simulated time they carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from ..contract import ExitReason, RegimeInfo
from ..plain_values import portable
from .fact import Fact

TriggerType = Literal["signal", "scheduled", "order", "timer"]
FillPurpose = ExitReason | Literal["entry"]
SignalFact = Mapping[str, Any]


class TriggerEvent(Fact):
    """Something that wakes the strategy: a signal pool that fired, or a scheduled tick (`symbol` is "" then)."""

    __slots__ = (
        "market_regime",
        "pool_id",
        "pool_logic",
        "pool_name",
        "symbol",
        "timestamp",
        "trigger_type",
        "triggered_signals",
    )

    def __init__(
        self,
        timestamp: int,
        trigger_type: TriggerType,
        symbol: str = "",
        pool_id: int | None = None,
        pool_name: str = "",
        pool_logic: str = "OR",
        triggered_signals: tuple[SignalFact, ...] = (),
        market_regime: RegimeInfo | None = None,
    ) -> None:
        self.timestamp = timestamp
        self.trigger_type = trigger_type
        self.symbol = symbol
        self.pool_id = pool_id
        self.pool_name = pool_name
        self.pool_logic = pool_logic
        self.triggered_signals = triggered_signals
        self.market_regime = market_regime

    def __reduce__(self) -> tuple[type[Fact], tuple[Any, ...]]:
        # what a source of one's own has told may be of any kind: elsewhere it is as it is shown
        *values, signals, regime = self.values()
        seen = RegimeInfo(*map(portable, regime.values())) if type(regime) is RegimeInfo else portable(regime)
        return TriggerEvent, (*map(portable, values), tuple(map(portable, signals)), seen)

    def signal_names(self) -> tuple[str, ...]:
        """Return the names of the signals that were true."""
        return tuple(str(signal.get("signal_name", "")) for signal in self.triggered_signals)


class ScheduledTick(TriggerEvent):
    """The trigger of a schedule: all of it but its time is the same each time, and stands in the class. To make one
    takes a third of the time, and by its class alone it is known what it is.
    """

    __slots__ = ()
    trigger_type: TriggerType = "scheduled"
    symbol: str = ""
    pool_id: int | None = None
    pool_name: str = ""
    pool_logic: str = "OR"
    triggered_signals: tuple[SignalFact, ...] = ()
    market_regime: RegimeInfo | None = None

    def __init__(self, timestamp: int) -> None:
        self.timestamp = timestamp


class OrderSubmitted(Fact):
    """A decision arrived at the exchange as order `order_id`."""

    __slots__ = ("operation", "order_id", "symbol", "timestamp")

    def __init__(self, timestamp: int, order_id: int, symbol: str, operation: str) -> None:
        self.timestamp = timestamp
        self.order_id = order_id
        self.symbol = symbol
        self.operation = operation


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """An order was refused, or what was left of it cancelled (`was_pending`), for `reason`."""

    timestamp: int
    order_id: int
    symbol: str
    reason: str
    was_pending: bool = False
    tag: str = ""


class Origin(NamedTuple):
    """The decision behind an order: when it was taken, what it asked for and why, the trigger before it, its tag."""

    decided_at: int
    operation: str
    reason: str
    trigger: TriggerEvent | None
    tag: str = ""


class Fill(Fact):
    """An order traded `size` coins at `price`; `fee` in USD; `purpose` is "entry" or the reason of an exit.

    `margin` is what an entry takes, in USD; `origin` is the decision behind the order, if there is one. `risk` is what
    an entry would lose between its price and its first stop, in USD; None without a stop. `tag` is that of the order,
    of an exit that of its entry. `is_maker`: it rested, and somebody else traded with it.
    """

    __slots__ = (
        "fee",
        "is_maker",
        "margin",
        "order_id",
        "origin",
        "price",
        "purpose",
        "risk",
        "side",
        "size",
        "symbol",
        "tag",
        "timestamp",
    )

    def __init__(
        self,
        timestamp: int,
        order_id: int,
        symbol: str,
        side: Literal["buy", "sell"],
        size: float,
        price: float,
        fee: float,
        purpose: FillPurpose,
        margin: float = 0.0,
        origin: Origin | None = None,
        risk: float | None = None,
        tag: str = "",
        is_maker: bool = False,
    ) -> None:
        self.timestamp = timestamp
        self.order_id = order_id
        self.symbol = symbol
        self.side: Literal["buy", "sell"] = side
        self.size = size
        self.price = price
        self.fee = fee
        self.purpose = purpose
        self.margin = margin
        self.origin = origin
        self.risk = risk
        self.tag = tag
        self.is_maker = is_maker

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


@dataclass(frozen=True, slots=True)
class FaultBegan:
    """A fault, known by its name, is on from now to `until` (epoch ms); of one's own `kind` is "own"."""

    timestamp: int
    fault: str
    kind: str
    symbols: tuple[str, ...]
    until: int


@dataclass(frozen=True, slots=True)
class FaultEnded:
    """A fault is over; so far it has acted `acted` times in all."""

    timestamp: int
    fault: str
    kind: str
    acted: int


@dataclass(frozen=True, slots=True)
class FaultActed:
    """A fault did something, such as to refuse an order, `count` times; `symbol` is "" where it concerns none."""

    timestamp: int
    fault: str
    symbol: str
    effect: str
    count: int = 1
