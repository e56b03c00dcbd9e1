"""The two legs of a bracket, take-profit and stop-loss: which is touched first, in which span, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ...contract import ExitReason, OrderKind
from ...market import WatchColumns
from ...market.series import first_beyond, first_outside
from .intent import OrderIntent
from .touch import Touch


class LegOrder(NamedTuple):
    """An exit as an order: it is touched at `trigger` (None: it trails, or waits for its time), and trades at its own
    `price` as a limit order, or at market (None).
    """

    kind: OrderKind
    order_id: int
    price: float | None = None
    trigger: float | None = None


@dataclass(slots=True)
class BracketLegs:
    """Take-profit and / or stop-loss of what an `intent` opened.

    `intrabar` says which comes first in a span that touches both, `through` whether a limit order fills only when the
    price goes beyond it. `stop_rests` is set once a stop with limit execution was gapped through: it is a resting limit
    order then.
    """

    intent: OrderIntent
    intrabar: str
    through: bool
    stop_rests: bool = False

    def is_limit(self, why: ExitReason) -> bool:
        """Tell whether a leg trades at its own price, and not at market."""
        intent = self.intent
        return intent.limit_tp if why is ExitReason.TAKE_PROFIT else intent.limit_sl and why is ExitReason.STOP_LOSS

    def order(self, why: ExitReason, order_id: int) -> LegOrder:
        """Return a leg as an order; one that is none of the two trails."""
        intent = self.intent
        if why is ExitReason.TAKE_PROFIT:
            kind, price = intent.tp_kind, intent.take_profit
        elif why is ExitReason.STOP_LOSS:
            kind, price = intent.sl_kind, intent.stop_loss
        else:
            return LegOrder(OrderKind.TRAILING_STOP, order_id)
        return LegOrder(kind, order_id, price if self.is_limit(why) else None, price)

    def next_touch(self, spans: WatchColumns, start: int, stop: int) -> Touch | None:
        """Return what first happens to one of the legs in the spans [start, stop), or None."""
        if self.stop_rests:
            return self._resting_touch(spans, start, stop)
        target, loss, long = self.intent.take_profit, self.intent.stop_loss, self.intent.sign > 0
        upper, lower = (target, loss) if long else (loss, target)
        place = first_outside(spans.high, spans.low, upper, lower, start, stop)
        if place < 0:
            return None
        beyond_upper = upper is not None and spans.floor.item(place) >= upper
        if beyond_upper or (lower is not None and spans.ceiling.item(place) <= lower):
            return self._gap(spans, place, beyond_upper == long)
        high_hit = upper is not None and spans.high.item(place) >= upper
        both = high_hit and lower is not None and spans.low.item(place) <= lower
        is_target = self.target_first(spans.first.item(place), loss) if both else high_hit == long
        return self._inside(spans, place, is_target, both)

    def _inside(self, spans: WatchColumns, place: int, is_target: bool, both: bool = False) -> Touch:
        """Return the touch of a leg inside of a span: at its own price, known at the span's end."""
        price = self.intent.take_profit if is_target else self.intent.stop_loss
        assert price is not None
        why = ExitReason.TAKE_PROFIT if is_target else ExitReason.STOP_LOSS
        return Touch(spans.end(place), place, price, False, why, both)

    def _gap(self, spans: WatchColumns, place: int, is_target: bool) -> Touch:
        """Return the touch of a span that lies beyond a trigger from its start: a leg that was gapped over fills at the
        span's first price; as a limit order the take-profit gets its own price, and the stop fills nothing but rests.
        """
        touch = Touch.of_gap(spans, place, ExitReason.TAKE_PROFIT if is_target else ExitReason.STOP_LOSS)
        if not is_target:
            touch.rest = self.intent.limit_sl
        elif self.intent.limit_tp:
            assert self.intent.take_profit is not None
            touch.price = self.intent.take_profit
        return touch

    def target_first(self, opened: float, stop: float | None) -> bool:
        """Tell whether the take-profit comes first in a span that opened at `opened` and touches a stop, too."""
        if self.intrabar != "nearest_open":
            return self.intrabar == "optimistic"
        target = self.intent.take_profit
        assert target is not None
        assert stop is not None
        return abs(target - opened) < abs(opened - stop)

    def _resting_touch(self, spans: WatchColumns, start: int, stop: int) -> Touch | None:
        """A gapped limit stop waits for the price to come back to it, at its own price.

        A span that lies beyond the take-profit from its start fills that; otherwise the stop is the nearer of the two.
        """
        limit, target, sign = self.intent.stop_loss, self.intent.take_profit, self.intent.sign
        assert limit is not None
        place = first_beyond(spans.high if sign > 0 else spans.low, limit, sign > 0, self.through, start, stop)
        if place < 0:
            return None
        nearest = spans.floor.item(place) if sign > 0 else spans.ceiling.item(place)
        if target is not None and (nearest - target) * sign >= 0.0:
            return self._gap(spans, place, True)
        return self._inside(spans, place, False)
