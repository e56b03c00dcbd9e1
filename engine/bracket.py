"""Take-profit and stop-loss of one entry, and the search for the kline that touches them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from .klines import FloatColumn, KlineColumns

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


class Touch(NamedTuple):
    """The next thing that happens to a bracket: the leg `kind` trades at `price` at time `due_ms`.

    `at_open` tells that `kline` (its place) opened beyond the trigger; `ambiguous` that it touched both triggers;
    `rest` that a limit stop was gapped through, which fills nothing but makes it rest from this kline on.
    """

    due_ms: int
    kline: int
    kind: Literal["tp", "sl"]
    price: float
    at_open: bool
    ambiguous: bool = False
    rest: bool = False


def next_touch(
    bracket: Bracket, klines: KlineColumns, start: int, stop: int, intrabar: str, through: bool
) -> Touch | None:
    """Return what first happens to a bracket in the klines [start, stop), or None when nothing does."""
    if bracket.stop_rests:
        return _resting_touch(bracket, klines, start, stop, through)
    long = bracket.sign > 0
    upper, lower = (bracket.take_profit, bracket.stop_loss) if long else (bracket.stop_loss, bracket.take_profit)
    index = first_outside(klines.high, klines.low, upper, lower, start, stop)
    if index < 0:
        return None
    opened, due = float(klines.open[index]), int(klines.open_ms[index])
    beyond_upper = upper is not None and opened >= upper
    if beyond_upper or (lower is not None and opened <= lower):
        is_target = beyond_upper == long
        trigger = bracket.take_profit if is_target else bracket.stop_loss
        assert trigger is not None
        if is_target:
            return Touch(due, index, "tp", trigger if bracket.limit_tp else opened, True)
        return Touch(due, index, "sl", opened, True, rest=bracket.limit_sl)
    due += klines.period_ms
    high_hit = upper is not None and float(klines.high[index]) >= upper
    both = high_hit and lower is not None and float(klines.low[index]) <= lower
    is_target = _target_first(bracket, opened, intrabar) if both else high_hit == long
    price = bracket.take_profit if is_target else bracket.stop_loss
    assert price is not None
    return Touch(due, index, "tp" if is_target else "sl", price, False, both)


def _target_first(bracket: Bracket, opened: float, intrabar: str) -> bool:
    assert bracket.take_profit is not None
    assert bracket.stop_loss is not None
    if intrabar == "nearest_open":
        return abs(bracket.take_profit - opened) < abs(opened - bracket.stop_loss)
    return intrabar == "optimistic"


def _resting_touch(bracket: Bracket, klines: KlineColumns, start: int, stop: int, through: bool) -> Touch | None:
    """A gapped limit stop waits for the price to come back to it, at its own price.

    A kline that opens beyond the take-profit fills that at its open; otherwise the stop is the nearer of the two.
    """
    limit, target = bracket.stop_loss, bracket.take_profit
    assert limit is not None
    if bracket.sign > 0:
        index = first_beyond(klines.high, limit, True, through, start, stop)
    else:
        index = first_beyond(klines.low, limit, False, through, start, stop)
    if index < 0:
        return None
    opened, due = float(klines.open[index]), int(klines.open_ms[index])
    if target is not None and (opened - target) * bracket.sign >= 0.0:
        return Touch(due, index, "tp", target if bracket.limit_tp else opened, True)
    return Touch(due + klines.period_ms, index, "sl", limit, False)


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
