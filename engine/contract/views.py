"""What a strategy sees of its account: positions, closed trades, pending orders, and the market regime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from ..instants import duration_text, utc_text
from ..periods import SECOND_MS
from .late_fields import LateFields


@dataclass(frozen=True, slots=True)
class Position(LateFields):
    """An open position in `symbol` at one instant, `as_of`. `side` is "long" or "short", `size` in coins, `entry_price`
    the mean of its entries, `unrealized_pnl` in USD at the last price, `leverage` that of its entries, and at
    `liquidation_price` the venue closes it if nothing else moves (None: at none). `opened_at` and `as_of` in epoch ms.
    """

    symbol: str
    side: Literal["long", "short"]
    size: float
    entry_price: float
    unrealized_pnl: float
    leverage: float
    liquidation_price: float | None
    opened_at: int
    as_of: int

    @property
    def opened_at_str(self) -> str:
        """The opening time as ``YYYY-MM-DD HH:MM:SS UTC``."""
        return utc_text(self.opened_at)

    @property
    def holding_duration_seconds(self) -> float:
        """How long the position has been open."""
        return (self.as_of - self.opened_at) / SECOND_MS

    @property
    def holding_duration_str(self) -> str:
        """The same as ``2h 30m`` or ``12m``."""
        return duration_text(self.as_of - self.opened_at)


@dataclass(frozen=True, slots=True)
class Trade:
    """A closing fill in `symbol`: `side` is that of the position ("Long", "Short"), `size` what was closed, in coins,
    `price` the exit, `pnl` (USD) is net of its fees and funding, `timestamp` is in epoch ms.
    """

    symbol: str
    side: Literal["Long", "Short"]
    size: float
    price: float
    timestamp: int
    pnl: float

    @property
    def close_time(self) -> str:
        """The exit time as ``YYYY-MM-DD HH:MM:SS UTC``."""
        return utc_text(self.timestamp)


class OrderKind(StrEnum):
    """What a pending order is, as a strategy sees it in `Order.order_type`."""

    MARKET = "Market"
    LIMIT = "Limit"
    IN_FLIGHT = "In Flight"
    TAKE_PROFIT_MARKET = "Take Profit Market"
    TAKE_PROFIT_LIMIT = "Take Profit Limit"
    STOP_MARKET = "Stop Market"
    STOP_LIMIT = "Stop Limit"
    TRAILING_STOP = "Trailing Stop Market"
    TIME_STOP = "Time Stop Market"


class Order(NamedTuple):
    """A pending order in `symbol`: an exit of a position, a limit order in the book, or an order that waits for its
    kline.

    `order_id` and `tag` name it. `side` is "Buy" or "Sell", `direction` what that does ("Open Long", "Close Short",
    ...), `order_type` one of `OrderKind`, `size` in coins (0.0: all of the position). `price` is its limit and
    `trigger_price` where it is triggered, None without; `reduce_only` tells whether it closes alone. `timestamp` is
    when it was placed, in epoch ms.
    """

    order_id: int
    symbol: str
    side: Literal["Buy", "Sell"]
    direction: str
    order_type: str
    size: float
    price: float | None
    trigger_price: float | None
    reduce_only: bool
    timestamp: int
    tag: str = ""

    @classmethod
    def of(
        cls,
        kind: OrderKind,
        order_id: int,
        symbol: str,
        sign: int,
        timestamp: int,
        *,
        size: float = 0.0,
        price: float | None = None,
        trigger_price: float | None = None,
        closes: bool = False,
        tag: str = "",
    ) -> Order:
        """Return an order to buy (`sign` +1) or to sell (-1; 0: to close whatever is open then)."""
        side: Literal["Buy", "Sell"] = "Buy" if sign > 0 else "Sell"
        direction = ("Close", "Close Short", "Close Long") if closes else ("Close", "Open Long", "Open Short")
        values = size, price, trigger_price, closes, timestamp, tag
        return cls(order_id, symbol, side, direction[sign], kind.value, *values)


class EventKind(StrEnum):
    """What happened to an account: what `AccountEvent.kind` says, and `wake_on` is made of."""

    FILL = "fill"
    REJECTION = "rejection"
    CANCEL = "cancel"
    LIQUIDATION = "liquidation"
    FUNDING = "funding"


class AccountEvent(NamedTuple):
    """Something that happened to the account at `timestamp` (epoch ms) in `symbol`: `kind` is fill, rejection, cancel,
    liquidation or funding.

    Of a fill: `side`, `size` (coins), `price`, `fee` (USD), and as `reason` "entry" or why it closed ("decision", "tp",
    "sl", ...). Of a rejection or a cancel: its `reason`. Of a liquidation: `side` is that of the position. Of funding:
    `amount` in USD, received +, at `price`. `order_id` is 0 and `tag` "" where there is none.
    """

    kind: str
    timestamp: int
    symbol: str
    order_id: int = 0
    tag: str = ""
    side: str = ""
    size: float = 0.0
    price: float | None = None
    fee: float = 0.0
    amount: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RegimeInfo:
    """The market regime at one instant; without flow data it is noise, neutral, with confidence 0."""

    regime: str = "noise"
    conf: float = 0.0
    direction: str = "neutral"
    reason: str = "Insufficient data"
    indicators: Mapping[str, float] = field(default_factory=dict)

    def values(self) -> tuple[Any, ...]:
        """Return the fields in order; ``RegimeInfo(*values)`` is the same again."""
        return self.regime, self.conf, self.direction, self.reason, self.indicators

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)
