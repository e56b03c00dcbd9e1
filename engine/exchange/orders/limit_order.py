"""A limit order in the book, and what a volume cap left of an order that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from ...contract import Order, OrderKind
from ...market import KlineSeries
from ...market.series import first_beyond
from .intent import OrderIntent
from .pending import Ahead, DeskOrder
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class LimitOrder(DeskOrder):
    """A limit order that waits for the market to come to it, or (`through`) to go beyond it: `coins` are what is left
    of it, `sign` is +1 for a purchase. Klines that open before `placed_at` are never looked at.
    """

    intent: OrderIntent
    sign: int
    coins: float
    placed_at: int
    through: bool
    _view: Order | None = field(init=False, default=None)

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.intent.symbol

    @property
    def goes_with_position(self) -> bool:
        """Whether the order is cancelled when its symbol's position is gone: when it closes, and never opens."""
        return self.intent.sign == 0

    @property
    def limit(self) -> float | None:
        """The worst price at which it fills, in USD; None: any."""
        return self.intent.limit(self.sign)

    def opposes(self, sign: int) -> bool:
        """Tell whether a decision to buy (+1) or to sell (-1) cancels the order: the one the other way."""
        return self.sign == -sign

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return the first span that trades at the limit, or None."""
        spans, start, stop, _ = ahead
        sell, limit = self.sign < 0, self.limit
        assert limit is not None
        place = first_beyond(spans.high if sell else spans.low, limit, sell, self.through, start, stop)
        if place < 0:
            return None
        resumes = spans.is_resumption(place)
        return Touch(spans.end_ms.item(place), place, limit, at_open=resumes, resumes=resumes)

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        view, limit = self._view, self.limit
        if view is None or view.size != self.coins:  # made once: a program may have a thousand of them, and read all
            kind, closes = OrderKind.MARKET if limit is None else OrderKind.LIMIT, self.goes_with_position
            of = kind, self.order_id, self.symbol, self.sign, self.placed_at
            view = self._view = Order.of(*of, size=self.coins, price=limit, closes=closes)
        return (view,)


@dataclass(slots=True, eq=False)
class WorkingOrder(LimitOrder):
    """What is left of an order that took: it works on at the close of each following kline, as a taker."""

    works_on: ClassVar[bool] = True
    klines: KlineSeries

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return the close of the next kline."""
        due = self.klines.next_close(ahead.now_ms + 1)
        return None if due is None else Touch(due, NO_SPAN, 0.0, False, works_on=True)
