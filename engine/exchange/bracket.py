"""What closes one entry by itself, and the search for the span of time that touches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from ..contract import Order
from ..market import WatchColumns
from ..market.series import FIRST_BLOCK, first_beyond, first_outside

TouchKind = Literal["tp", "sl", "trailing", "time", "limit"]


@dataclass(slots=True)
class Bracket:
    """A pending take-profit, stop-loss, trailing stop and / or time stop over `size` coins of a position of direction
    `sign`: whichever comes first cancels the others.

    `tp_id` and `sl_id` are the order ids of its legs. `active_from` is the entry's time: klines that open earlier
    are never looked at. `stop_rests` is set once a stop with limit execution was gapped through: it is a resting
    limit order then. The trailing stop (`trailing_percent` behind the best price since `entry_price`) and the time
    stop (at `expires_at`, epoch ms) share `trail_id`; they trade at market.
    """

    tp_id: int
    sl_id: int
    symbol: str
    sign: int
    size: float
    take_profit: float | None
    stop_loss: float | None
    limit_tp: bool
    limit_sl: bool
    active_from: int
    trail_id: int = 0
    entry_price: float = 0.0
    trailing_percent: float | None = None
    expires_at: int | None = None
    stop_rests: bool = False
    cancelled: bool = False

    def leg_ids(self) -> list[int]:
        """Return the order ids of the legs that exist."""
        there = (self.take_profit is not None, self.stop_loss is not None, self.trail_id > 0)
        return [leg for leg, exists in zip((self.tp_id, self.sl_id, self.trail_id), there, strict=True) if exists]

    def leg_id(self, kind: TouchKind) -> int:
        """Return the order id of the leg that a touch belongs to."""
        return {"tp": self.tp_id, "sl": self.sl_id}.get(kind, self.trail_id)

    def is_limit(self, kind: TouchKind) -> bool:
        """Tell whether that leg trades at its trigger price as a limit order."""
        return (kind == "tp" and self.limit_tp) or (kind == "sl" and self.limit_sl)

    @property
    def age(self) -> int:
        """Its place among the orders of its symbol: older ones come first."""
        return self.tp_id

    def views(self) -> list[Order]:
        """Return one order for each leg, as a strategy sees them."""
        side: Literal["Buy", "Sell"] = "Sell" if self.sign > 0 else "Buy"
        direction = "Close Long" if self.sign > 0 else "Close Short"
        legs = (
            (self.tp_id, "Take Profit", self.take_profit, self.limit_tp),
            (self.sl_id, "Stop", self.stop_loss, self.limit_sl),
        )
        shown: list[tuple[int, str, float | None, float | None]] = [
            (order_id, f"{name} {'Limit' if limit else 'Market'}", trigger if limit else None, trigger)
            for order_id, name, trigger, limit in legs
            if trigger is not None
        ]
        if self.trail_id:
            name = "Time Stop" if self.trailing_percent is None else "Trailing Stop"
            shown.append((self.trail_id, f"{name} Market", None, None))
        return [
            Order(order_id, self.symbol, side, direction, kind, self.size, price, trigger, True, self.active_from)
            for order_id, kind, price, trigger in shown
        ]


class Touch(NamedTuple):
    """The next thing that happens to a bracket, or to a limit order in the book: its leg `kind` trades at `price` at
    time `due_ms`.

    `at_open` tells that the kline at `place` opened beyond the trigger; `ambiguous` that it touched both triggers;
    `rest` that a limit stop was gapped through, which fills nothing but makes it rest from there on.
    """

    due_ms: int
    place: int
    kind: TouchKind
    price: float
    at_open: bool
    ambiguous: bool = False
    rest: bool = False


def next_touch(
    bracket: Bracket, spans: WatchColumns, start: int, stop: int, intrabar: str, through: bool
) -> Touch | None:
    """Return what first happens to a bracket in the spans [start, stop), or None when nothing does."""
    fixed = _fixed_touch(bracket, spans, start, stop, intrabar, through)
    if bracket.trailing_percent is None:
        return fixed
    return first_of(fixed, trailing_hit(bracket, spans, start, stop), bracket, spans, intrabar)


def _fixed_touch(
    bracket: Bracket, spans: WatchColumns, start: int, stop: int, intrabar: str, through: bool
) -> Touch | None:
    """Return what first happens to the take-profit and the stop-loss."""
    if bracket.stop_rests:
        return _resting_touch(bracket, spans, start, stop, through)
    long = bracket.sign > 0
    upper, lower = (bracket.take_profit, bracket.stop_loss) if long else (bracket.stop_loss, bracket.take_profit)
    place = first_outside(spans.high, spans.low, upper, lower, start, stop)
    if place < 0:
        return None
    beyond_upper = upper is not None and spans.floor.item(place) >= upper
    if beyond_upper or (lower is not None and spans.ceiling.item(place) <= lower):
        return _gap(bracket, spans, place, beyond_upper == long)
    high_hit = upper is not None and spans.high.item(place) >= upper
    both = high_hit and lower is not None and spans.low.item(place) <= lower
    is_target = _target_first(bracket, spans.gap_price.item(place), intrabar) if both else high_hit == long
    price = bracket.take_profit if is_target else bracket.stop_loss
    assert price is not None
    return Touch(spans.end_ms.item(place), place, "tp" if is_target else "sl", price, False, both)


def _gap(bracket: Bracket, spans: WatchColumns, place: int, is_target: bool) -> Touch:
    """Return the touch of a span that lies beyond a trigger from its start."""
    due, price = spans.gap_ms.item(place), spans.gap_price.item(place)
    at_open = due == spans.start_ms.item(place)
    if not is_target:
        return Touch(due, place, "sl", price, at_open, rest=bracket.limit_sl)
    assert bracket.take_profit is not None
    return Touch(due, place, "tp", bracket.take_profit if bracket.limit_tp else price, at_open)


def _target_first(bracket: Bracket, opened: float, intrabar: str) -> bool:
    assert bracket.take_profit is not None
    assert bracket.stop_loss is not None
    if intrabar == "nearest_open":
        return abs(bracket.take_profit - opened) < abs(opened - bracket.stop_loss)
    return intrabar == "optimistic"


def _resting_touch(bracket: Bracket, spans: WatchColumns, start: int, stop: int, through: bool) -> Touch | None:
    """A gapped limit stop waits for the price to come back to it, at its own price.

    A span that lies beyond the take-profit from its start fills that; otherwise the stop is the nearer of the two.
    """
    limit, target = bracket.stop_loss, bracket.take_profit
    assert limit is not None
    long = bracket.sign > 0
    place = first_beyond(spans.high if long else spans.low, limit, long, through, start, stop)
    if place < 0:
        return None
    if target is not None:
        nearest = spans.floor.item(place) if long else spans.ceiling.item(place)
        if (nearest - target) * bracket.sign >= 0.0:
            return _gap(bracket, spans, place, True)
    return Touch(spans.end_ms.item(place), place, "sl", limit, False)


class TrailingHit(NamedTuple):
    """The first span that touches a trailing stop: the level `before` it, and the one `within` it, which its own best
    price may have raised.
    """

    place: int
    before: float
    within: float


def trailing_hit(bracket: Bracket, spans: WatchColumns, start: int, stop: int) -> TrailingHit | None:
    """Return the first span in [start, stop) whose adverse extreme reaches the trailing stop, or None.

    The level follows the best price since the entry, a take-profit at most. Within a span the order of the extremes
    is not known; that one is assumed which ends worse: the level before the span counts if the span reaches it, else
    the level that the span's own best price makes of it.
    """
    assert bracket.trailing_percent is not None
    long, target = bracket.sign > 0, bracket.take_profit
    best, worst = (spans.high, spans.low) if long else (spans.low, spans.high)
    furthest = np.maximum.accumulate if long else np.minimum.accumulate
    factor = 1.0 - bracket.sign * bracket.trailing_percent / 100.0
    place, peak, size = spans.first_from(bracket.active_from), bracket.entry_price, FIRST_BLOCK
    while place < stop:
        part = best[place : min(place + size, stop)]
        if target is not None:
            part = np.minimum(part, target) if long else np.maximum(part, target)
        peaks = furthest(np.concatenate(([peak], part)))
        reached = worst[place : place + len(part)]
        hits = reached <= peaks[1:] * factor if long else reached >= peaks[1:] * factor
        hits[: max(start - place, 0)] = False
        at = int(hits.argmax())
        if hits[at]:
            return TrailingHit(place + at, float(peaks[at]) * factor, float(peaks[at + 1]) * factor)
        place, peak, size = place + len(part), float(peaks[-1]), size * 4
    return None


def first_of(
    fixed: Touch | None, trail: TrailingHit | None, bracket: Bracket, spans: WatchColumns, intrabar: str
) -> Touch | None:
    """Return which comes first: what happens to the fixed legs, or the trailing stop."""
    if trail is None or (fixed is not None and fixed.place < trail.place):
        return fixed
    sign, place = bracket.sign, trail.place
    nearest = spans.floor.item(place) if sign < 0 else spans.ceiling.item(place)
    opened = spans.gap_price.item(place)
    same = fixed is not None and fixed.place == place
    if same and fixed is not None and fixed.kind == "tp" and fixed.at_open:
        return fixed
    if (nearest - trail.before) * sign <= 0.0:
        due = spans.gap_ms.item(place)
        return Touch(due, place, "trailing", opened, due == spans.start_ms.item(place))
    adverse = spans.low.item(place) if sign > 0 else spans.high.item(place)
    level = trail.before if (adverse - trail.before) * sign <= 0.0 else trail.within
    trailing = Touch(spans.end_ms.item(place), place, "trailing", level, False)
    return trailing if not same or fixed is None else _same_span(fixed, trailing, trail, bracket, opened, intrabar)


def _same_span(
    fixed: Touch, trailing: Touch, trail: TrailingHit, bracket: Bracket, opened: float, intrabar: str
) -> Touch:
    """A span touches a fixed leg and the trailing stop: of two stops the first is the nearer to the open that stands
    already; a take-profit and a stop are ambiguous.
    """
    if fixed.rest:
        return trailing
    if fixed.kind == "sl":
        before = trailing.price == trail.before
        return trailing if before and (trail.before - fixed.price) * bracket.sign >= 0.0 else fixed
    target_first = intrabar == "optimistic" or (
        intrabar == "nearest_open" and abs(fixed.price - opened) < abs(opened - trailing.price)
    )
    return (fixed if target_first else trailing)._replace(ambiguous=True)
