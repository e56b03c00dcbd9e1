"""What closes one entry by itself: exits that share its coins and cancel one another, and the bracket among them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ...contract import ExitReason, Order, OrderKind
from ...market import WatchColumns
from .bracket_legs import BracketLegs, LegOrder
from .drill_down import Triggers, first_exit
from .pending import Ahead, DeskOrder, End
from .touch import Touch
from .trailing_stop import TrailingHit, TrailingStop


@dataclass(slots=True, eq=False)
class Exits:
    """The exits of what order `entry_id` entered in a position of direction `sign`: together they close at most the
    `size` coins that are left of it, reduce-only. They are watched from `active_from` (epoch ms) on: what opened
    earlier is never looked at. Prices of triggers are those of the mark if they `watches_marks`. `moved_by` has of each
    that was amended the order that asked for it last.
    """

    entry_id: int
    symbol: str
    sign: int
    size: float
    active_from: int
    watches_marks: bool = False
    orders: list[ExitOrder] = field(default_factory=list)
    tag: str = ""
    moved_by: Mapping[ExitReason, int] = field(default_factory=dict)

    def view(self, kind: OrderKind, order_id: int, price: float | None = None, trigger: float | None = None) -> Order:
        """Return one of the exits as a strategy sees it."""
        symbol, sign, since, size = self.symbol, -self.sign, self.active_from, self.size
        of = kind, order_id, symbol, sign, since
        return Order.of(*of, size=size, price=price, trigger_price=trigger, closes=True, tag=self.tag)


@dataclass(slots=True, eq=False)
class ExitOrder(DeskOrder):
    """One of the exits of an entry: it goes with the position, and its cancellation is no rejection."""

    is_counted: ClassVar[bool] = False
    rests_at_venue: ClassVar[bool] = False
    exits: Exits

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.exits.symbol

    @property
    def tag(self) -> str:
        """What the decision calls the entry."""
        return self.exits.tag

    @property
    def watches_marks(self) -> bool:
        """Whether the exits are watched in the mark price."""
        return self.exits.watches_marks

    @property
    def goes_with_position(self) -> bool:
        """Whether the order is cancelled when its symbol's position is gone: always."""
        return True

    @property
    def bracket(self) -> Bracket | None:
        """The order itself where it is a bracket."""
        return None

    def ids_of_legs(self) -> Mapping[ExitReason, int]:
        """Return the ids of the legs of a bracket."""
        return {}

    def leg_of(self, order_id: int) -> ExitReason | None:
        """Return which leg of a bracket has an id; None: it is no bracket."""
        return next((why for why, each in self.ids_of_legs().items() if each == order_id), None)


@dataclass(slots=True, eq=False)
class Bracket(ExitOrder):
    """Pending exits of an entry that trade where the market touches them: `ids` are those of its legs as orders,
    `given_at` says since when (epoch ms) there are those which came later than the entry.
    """

    ids: Mapping[ExitReason, int]
    legs: BracketLegs
    trailing: TrailingStop | None
    given_at: Mapping[ExitReason, int] = field(default_factory=dict)

    def ends(self) -> list[End]:
        """Return what will end it: that the position is gone, and nothing that a decision says."""
        return [("position", self.exits.symbol)]

    def leg_ids(self) -> Collection[int]:
        """Return the order ids of the legs."""
        return self.ids.values()

    @property
    def bracket(self) -> Bracket:
        """The order itself."""
        return self

    def ids_of_legs(self) -> Mapping[ExitReason, int]:
        """Return the ids of the legs."""
        return self.ids

    def leg(self, why: ExitReason) -> LegOrder:
        """Return a leg as an order: made when it is asked for, as most legs are never looked at."""
        return self.legs.order(why, self.ids[why])

    def without(self, leg: ExitReason) -> Bracket | None:
        """Return the bracket without one of its legs, or None when that leaves nothing."""
        ids = {why: order_id for why, order_id in self.ids.items() if why is not leg}
        if not ids:
            return None
        intent = self.legs.intent.without_leg(leg)
        trailing = None if leg is ExitReason.TRAILING_STOP else self.trailing
        if trailing is not None:
            trailing = replace(trailing, most=intent.take_profit)
        stop_rests = self.legs.stop_rests and leg is not ExitReason.STOP_LOSS
        legs = replace(self.legs, intent=intent, stop_rests=stop_rests)
        return replace(self, ids=ids, legs=legs, trailing=trailing)

    def id_at(self, touch: Touch) -> int:
        """Return the id of the leg that a touch happens to."""
        return self.ids_of_legs()[touch.why]

    def there_at(self, time_ms: int) -> Bracket | None:
        """Return the bracket of those legs alone that were there at an instant, or None when there were none."""
        bracket: Bracket | None = self if self.exits.active_from <= time_ms else None
        for leg, given_at in self.given_at.items():
            if bracket is not None and given_at > time_ms:
                bracket = bracket.without(leg)
        return bracket

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return what first happens to one of the legs, or None when nothing does."""
        spans, start, stop, _ = ahead
        touch = self.legs.next_touch(spans, start, stop)
        if self.trailing is not None:
            touch = self._first_touch(self.trailing.hit(spans, start, stop), touch, spans)
        if touch is not None and touch.ambiguous and spans.fine is not None:
            touch = self._drilled(touch, spans)
        return touch.traded_in(spans) if touch is not None and self.exits.watches_marks else touch

    def _first_touch(self, hit: TrailingHit | None, fixed: Touch | None, spans: WatchColumns) -> Touch | None:
        if hit is None or (fixed is not None and fixed.place < hit.place):
            return fixed
        return self._with_trailing(spans, hit, fixed if fixed is not None and fixed.place == hit.place else None)

    def _drilled(self, touch: Touch, spans: WatchColumns) -> Touch:
        """Return what comes first in a span that touches two legs as its finer rows tell it, at the price and time of
        any touch inside of a span; the same touch where they do not.
        """
        if touch.at_open or self.legs.stop_rests:  # known before these rows are; a limit that the price comes back to
            return touch
        trailing, intent = self.trailing, self.legs.intent
        best = 0.0 if trailing is None else trailing.best_before(spans, touch.place)
        triggers = Triggers(intent.sign, intent.take_profit, intent.stop_loss, trailing)
        first = first_exit(spans.rows_inside(touch.place), triggers, best)
        if first is None:
            return touch
        why, price = first
        return Touch(touch.due_ms, touch.place, price, False, why, drilled=True)

    def _with_trailing(self, spans: WatchColumns, hit: TrailingHit, fixed: Touch | None) -> Touch:
        """Return what happens in the span that reaches the trailing stop; `fixed` is the other legs' touch in it."""
        sign, place = self.exits.sign, hit.place
        if fixed is not None and fixed.why is ExitReason.TAKE_PROFIT and fixed.at_open:
            return fixed
        nearest = spans.floor.item(place) if sign < 0 else spans.ceiling.item(place)
        if (nearest - hit.before) * sign <= 0.0:
            return Touch.of_gap(spans, place, ExitReason.TRAILING_STOP)
        adverse = spans.low.item(place) if sign > 0 else spans.high.item(place)
        level = hit.before if (adverse - hit.before) * sign <= 0.0 else hit.within
        trailing = Touch(spans.end(place), place, level, False, ExitReason.TRAILING_STOP)
        return trailing if fixed is None else self._first_of(fixed, trailing, hit, spans)

    def _first_of(self, fixed: Touch, trailing: Touch, hit: TrailingHit, spans: WatchColumns) -> Touch:
        """A span touches a fixed leg and the trailing stop: of two stops the first is the nearer to the open that
        stands already; a take-profit and a stop are ambiguous.
        """
        if fixed.rest:
            return trailing
        if fixed.why is ExitReason.STOP_LOSS:
            before, loss = trailing.price == hit.before, self.legs.intent.stop_loss
            assert loss is not None
            first = trailing if before and (hit.before - loss) * self.exits.sign >= 0.0 else fixed
            first.ambiguous = fixed.ambiguous or not (before or first.at_open)
            return first
        is_target = self.legs.target_first(spans.first.item(fixed.place), trailing.price)
        first = fixed if is_target else trailing
        first.ambiguous = True
        return first

    def views(self) -> Sequence[Order]:
        """Return one order for each leg, as a strategy sees them."""
        return [self.exits.view(*self.leg(why)) for why in self.ids]
