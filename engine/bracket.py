"""Take-profit and stop-loss of one entry, and the search for the span of time that touches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from .klines import FloatColumn
from .views import Order
from .watch_columns import WatchColumns

FIRST_BLOCK = 128


@dataclass(slots=True)
class Bracket:
    """A pending take-profit and / or stop-loss over `size` coins of a position of direction `sign`.

    `tp_id` and `sl_id` are the order ids of its legs. `active_from` is the entry's time: klines that open earlier
    are never looked at. `stop_rests` is set once a stop with limit execution was gapped through: it is a resting
    limit order then.
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
    stop_rests: bool = False
    cancelled: bool = False

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
        return [
            Order(
                order_id,
                self.symbol,
                side,
                direction,
                f"{name} {'Limit' if limit else 'Market'}",
                self.size,
                trigger if limit else None,
                trigger,
                True,
                self.active_from,
            )
            for order_id, name, trigger, limit in legs
            if trigger is not None
        ]


class Touch(NamedTuple):
    """The next thing that happens to a bracket: the leg `kind` trades at `price` at time `due_ms`.

    `at_open` tells that the kline at `place` opened beyond the trigger; `ambiguous` that it touched both triggers;
    `rest` that a limit stop was gapped through, which fills nothing but makes it rest from there on.
    """

    due_ms: int
    place: int
    kind: Literal["tp", "sl"]
    price: float
    at_open: bool
    ambiguous: bool = False
    rest: bool = False


def next_touch(
    bracket: Bracket, spans: WatchColumns, start: int, stop: int, intrabar: str, through: bool
) -> Touch | None:
    """Return what first happens to a bracket in the spans [start, stop), or None when nothing does."""
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


def first_outside(
    high: FloatColumn, low: FloatColumn, upper: float | None, lower: float | None, start: int, stop: int
) -> int:
    """Return the first place in [start, stop) with high >= upper or low <= lower, or -1.

    Searches growing blocks: the cost grows with the distance, and a near hit costs a few microseconds.
    """
    size = FIRST_BLOCK
    while start < stop:
        end = min(start + size, stop)
        found = end
        if upper is not None:
            hits = high[start:end] >= upper
            at = int(hits.argmax())
            if hits[at]:
                found = start + at
        if lower is not None:
            hits = low[start : min(found + 1, end)] <= lower
            at = int(hits.argmax())
            if hits[at]:
                found = start + at
        if found < end:
            return found
        start, size = end, size * 4
    return -1


def first_beyond(column: FloatColumn, level: float, above: bool, strictly: bool, start: int, stop: int) -> int:
    """Return the first place in [start, stop) whose value is above (or below) `level`, equality counting unless
    `strictly`, or -1.
    """
    compare = (np.greater if strictly else np.greater_equal) if above else (np.less if strictly else np.less_equal)
    size = FIRST_BLOCK
    while start < stop:
        part = column[start : min(start + size, stop)]
        hits = compare(part, level)
        at = int(hits.argmax())
        if hits[at]:
            return start + at
        start, size = start + size, size * 4
    return -1
