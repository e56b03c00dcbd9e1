"""A limit order in the book, and what a volume cap left of an order that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ...contract import Order, OrderKind
from ...market import KlineSeries
from ...market.series import first_beyond
from ...venue import Instrument
from .entry_order import EntryOrder
from .pending import Ahead
from .request import Changes
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class LimitOrder(EntryOrder):
    """A limit order that waits for the market to come to it, or (`through`) to go beyond it: `coins` are what is left
    of it, `sign` is +1 for a purchase. Klines that open before it was placed are never looked at.
    """

    sign: int
    coins: float
    through: bool
    _view: Order | None = field(init=False, default=None)

    @property
    def resting(self) -> LimitOrder | None:
        """The order itself."""
        return self

    @property
    def limit(self) -> float | None:
        """The worst price at which it fills, in USD; None: any."""
        return self.intent.limit(self.sign)

    @property
    def asks(self) -> tuple[float, str]:
        """How many coins are left of it."""
        return self.coins, "coins"

    def scale(self, share: float, instrument: Instrument) -> bool:
        """Let only a share of what is left of it work on, in whole steps; tell whether that is anything."""
        self.coins = instrument.rounded_size(self.coins * share)
        return self.coins > 0.0

    def amended(self, changes: Changes) -> Self | None:
        """Return a copy with another limit, size or brackets; None with a trigger, or without a limit."""
        if changes.trigger is not None or (changes.limit(-self.sign) is not None and self.intent.sign):
            return None
        order = self._copied(self.intent.amended(changes))
        if changes.size is not None:
            order.coins = changes.size
        return order

    def asks_more_than(self, other: Self) -> bool:
        """Tell whether more is left of it than of another."""
        return self.coins > other.coins

    def opposes(self, sign: int) -> bool:
        """Tell whether a decision to buy (+1) or to sell (-1) cancels the order: the one the other way, unless the
        order stands alone.
        """
        return self.sign == -sign and not self.intent.stands_alone

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return the first span that trades at the limit, or None."""
        spans, start, stop, _ = ahead
        sell, limit = self.sign < 0, self.limit
        assert limit is not None
        place = first_beyond(spans.high if sell else spans.low, limit, sell, self.through, start, stop)
        if place < 0:
            return None
        resumes = spans.is_resumption(place)
        return Touch(spans.end(place), place, limit, at_open=resumes, resumes=resumes)

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        view, limit = self._view, self.limit
        if view is None or (view.size, view.price) != (
            self.coins,
            limit,
        ):  # made once: a program may have a thousand of them, and read all
            kind, closes = OrderKind.MARKET if limit is None else OrderKind.LIMIT, self.goes_with_position
            of = kind, self.order_id, self.symbol, self.sign, self.placed_at
            view = self._view = Order.of(*of, size=self.coins, price=limit, closes=closes, tag=self.tag)
        return (view,)


@dataclass(slots=True, eq=False)
class WorkingOrder(LimitOrder):
    """What is left of an order that took: it works on at the close of each following kline, as a taker."""

    works_on: ClassVar[bool] = True
    klines: KlineSeries

    @property
    def resting(self) -> None:
        """Return None: it takes at every close."""

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return the close of the next kline."""
        due = self.klines.next_close(ahead.now_ms + 1)
        return None if due is None else Touch(due, NO_SPAN, 0.0, False, works_on=True)
