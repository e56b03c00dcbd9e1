"""What became of orders that did not fill at once, and where exits stood: noted while a run goes on."""

from __future__ import annotations

from typing import Any, NamedTuple

from .. import reasons
from .orders import EntryOrder, Exits, OrderIntent

#: What can become of an order: it rests in the book or waits for its trigger, is changed, refused, cancelled, expires.
PLACED, AMENDED, REJECTED, CANCELLED, EXPIRED = "placed", "amended", "rejected", "cancelled", "expired"


class OrderNote(NamedTuple):
    """At `timestamp` (epoch ms) an order was `what` became of it. `price` is its limit, or its trigger, in USD and
    `size` what was left of it in coins, each None where that is not known; `text` its kind, or the reason.
    """

    timestamp: int
    what: str
    order_id: int
    symbol: str
    sign: int
    size: float | None
    price: float | None
    text: str


class ExitNote(NamedTuple):
    """From `timestamp` (epoch ms) on the exits of entry `entry_id` of a position of direction `sign` stand there, in
    USD; a trailing stop is `trailing_percent` behind the best price, `best` at `since` (epoch ms). Without all three
    there are none.
    """

    timestamp: int
    entry_id: int
    symbol: str
    sign: int
    take_profit: float | None = None
    stop_loss: float | None = None
    trailing_percent: float | None = None
    best: float | None = None
    since: int | None = None
    watches_marks: bool = False


class ClosedNote(NamedTuple):
    """Order `order_id`, an exit that stood, closed a part of what entry `entry_id` had entered; `moved_by` is the order
    that had put it where it was, None where it was as the entry had asked for it.
    """

    order_id: int
    entry_id: int
    moved_by: int | None


class OrderNotes:
    """The notes of a run, each list in order of time."""

    __slots__ = ("at_open", "closed", "orders", "stood")

    def __init__(self) -> None:
        self.orders: list[OrderNote] = []
        self.closed: list[ClosedNote] = []
        #: The places of the fills at the price at which a kline opens: they belong to the one that begins then.
        self.at_open: list[int] = []
        #: What makes an `ExitNote` each, when these are read: two come of every trade.
        self.stood: list[tuple[Any, ...]] = []

    @property
    def exits(self) -> list[ExitNote]:
        """Where exits stood."""
        return [_exit_note(*each) for each in self.stood]

    def placed(self, order: EntryOrder, now_ms: int, what: str = PLACED) -> None:
        """Note that an order rests from now on, or is another one."""
        view = order.views()[0]
        price = view.price if view.trigger_price is None else view.trigger_price
        sign = 1 if view.side == "Buy" else -1
        note = OrderNote(now_ms, what, order.order_id, order.symbol, sign, view.size or None, price, view.order_type)
        self.orders.append(note)

    def refused(self, now_ms: int, order_id: int, symbol: str, reason: str, was_pending: bool) -> None:
        """Note that an order was refused, or that what was left of it was cancelled."""
        what = REJECTED if not was_pending else EXPIRED if reason == reasons.EXPIRED else CANCELLED
        self.orders.append(OrderNote(now_ms, what, order_id, symbol, 0, None, None, reason))

    def stand(self, exits: Exits, now_ms: int) -> None:
        """Note where the exits of an entry stand from now on."""
        of = now_ms, exits.entry_id, exits.symbol, exits.sign
        bracket = exits.orders[0].bracket if exits.orders else None  # the others have none
        if bracket is None:
            self.stood.append((of, None, None, False))
            return
        trailing = bracket.trailing
        trail = None if trailing is None else (trailing.percent, trailing.best, trailing.since_ms)
        self.stood.append((of, bracket.legs.intent, trail, exits.watches_marks))


def _exit_note(
    of: tuple[int, int, str, int],
    intent: OrderIntent | None,
    trail: tuple[float, float, int] | None,
    watches_marks: bool,
) -> ExitNote:
    if intent is None:
        return ExitNote(*of)
    percent, best, since = trail or (None, None, None)
    return ExitNote(*of, intent.take_profit, intent.stop_loss, percent, best, since, watches_marks)
