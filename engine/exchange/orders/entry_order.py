"""What a decision leaves pending: the base of orders that may open something."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, ClassVar, Self

from ...venue import Instrument
from .intent import OrderIntent, SizedBy
from .pending import DeskOrder
from .request import Changes

if TYPE_CHECKING:
    from .limit_order import LimitOrder

_UNITS = {SizedBy.PORTION: "share", SizedBy.SIZE: "coins", SizedBy.NOTIONAL: "USD", SizedBy.RISK: "% of equity"}


@dataclass(slots=True, eq=False)
class EntryOrder(DeskOrder):
    """An order of what a decision asks for, pending since `placed_at` (epoch ms)."""

    may_be_cancelled: ClassVar[bool] = True
    intent: OrderIntent
    placed_at: int
    _expires_at: int | None = field(init=False, default=None)
    _age: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.expire_after(self.intent.handling.expires_ms, self.placed_at)

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.intent.symbol

    @property
    def goes_with_position(self) -> bool:
        """Whether the order is cancelled when its symbol's position is gone: when it closes, and never opens."""
        return self.intent.sign == 0

    def has_lost(self, sign: int) -> bool:
        """Tell whether it was to close a position of direction `sign`; one that may come first waits for its own."""
        return self.intent.handling.closes in (0, sign)

    @property
    def tag(self) -> str:
        """What its decision calls it."""
        return self.intent.origin.tag

    @property
    def resting(self) -> LimitOrder | None:
        """The order itself where it rests in the book at its limit, and never takes."""
        return None

    @property
    def group(self) -> str:
        """The group that its decision puts it in."""
        return self.intent.handling.group

    @property
    def expires_at(self) -> int | None:
        """When what is left of it is cancelled."""
        return self._expires_at

    def expire_after(self, length_ms: int | None, since_ms: int) -> None:
        """Let it expire so long after an instant; None: never."""
        self._expires_at = None if length_ms is None else since_ms + length_ms

    def intent_at(self, now_ms: int) -> OrderIntent:
        """Return what it asks for when it trades now: what that leaves expires when the order itself would have."""
        if self._expires_at is None:
            return self.intent
        return self.intent.expiring(self._expires_at - now_ms)

    @property
    def age(self) -> int:
        """Its place among those that are due together: that of its id, until it lost it."""
        return self._age or self.order_id

    def lose_place(self, age: int, now_ms: int) -> None:
        """Let it be as if it had been placed only now, behind all orders that are older than `age`."""
        self._age, self.placed_at = age, now_ms

    @property
    def asks(self) -> tuple[float, str]:
        """How much it asks for, and what that is."""
        return self.intent.amount, _UNITS[self.intent.sized_by]

    def scale(self, share: float, instrument: Instrument) -> bool:
        """Let it ask for a share of what it has asked for, as another of its group has filled the rest; tell whether
        that is anything.
        """
        self.intent = self.intent.scaled(share)
        return True

    def amended(self, changes: Changes) -> Self | None:
        """Return a copy with so much changed, None when that cannot be: every order has brackets and an expiry."""
        if changes.of_price or changes.size is not None:
            return None
        return self._copied(self.intent.amended(changes))

    def _copied(self, intent: OrderIntent) -> Self:
        order = copy(self)
        order.intent = intent
        return order

    def place_against(self, price: float) -> None:
        """Take up the price of the moment, where it matters on which side of it the order lies."""

    def become(self, amended: Self) -> None:
        """Be what an amended copy is."""
        for each in fields(self):
            setattr(self, each.name, getattr(amended, each.name))

    def asks_more_than(self, other: Self) -> bool:
        """Tell whether it asks for more coins than another."""
        return self.intent.known_size > other.intent.known_size
