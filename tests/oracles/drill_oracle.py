"""Exits of one entry kline by kline, decided on finer rows where two are touched: plain loops over lists of numbers.

Written from the rules of the README alone; it shares nothing with the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ROW_MS = 15_000


class Bar(NamedTuple):
    """A kline, or a 15-second row without open and close (its times are its begin and end)."""

    start: int
    end: int
    high: float
    low: float
    volume: float
    open: float = 0.0


class Entry(NamedTuple):
    """A position of direction `sign`, entered at `price`, and its exits."""

    sign: int
    price: float
    target: float | None
    loss: float | None
    trail_percent: float | None


class Left(NamedTuple):
    """How a position was left: `how` is "plain", "decided" (on finer rows) or "open" (they do not tell)."""

    at: int
    price: float
    why: str
    how: str = "plain"


def leave(entry: Entry, klines: Sequence[Bar], rows: Sequence[Bar], rule: str, drill_down: bool) -> Left | None:
    """Return how the position is left in klines that opened after the entry, None when it is not."""
    best = entry.price
    for kline in klines:
        left = _at_open(entry, kline, best) or _inside(entry, kline, best, rows, rule, drill_down)
        if left is not None:
            return left
        best = _better(entry, best, kline)
    return None


def _better(entry: Entry, best: float, bar: Bar) -> float:
    return max(best, bar.high) if entry.sign == 1 else min(best, bar.low)


def _level(entry: Entry, best: float) -> float | None:
    if entry.trail_percent is None:
        return None
    return best * (1.0 - entry.trail_percent / 100.0) if entry.sign == 1 else best * (1.0 + entry.trail_percent / 100.0)


def _reaches_stop(entry: Entry, bar: Bar, level: float | None) -> bool:
    if level is None:
        return False
    return bar.low <= level if entry.sign == 1 else bar.high >= level


def _reaches_target(entry: Entry, bar: Bar) -> bool:
    if entry.target is None:
        return False
    return bar.high >= entry.target if entry.sign == 1 else bar.low <= entry.target


def _at_open(entry: Entry, kline: Bar, best: float) -> Left | None:
    point = Bar(kline.start, kline.start, kline.open, kline.open, 0.0)
    if _reaches_target(entry, point):
        return Left(kline.start, kline.open, "tp")
    if _reaches_stop(entry, point, entry.loss) or _reaches_stop(entry, point, _level(entry, best)):
        return Left(kline.start, kline.open, "stop")
    return None


def _own_level(entry: Entry, bar: Bar, best: float) -> float | None:
    """The level that the best price of a bar makes, up to the take-profit."""
    furthest = bar.high if entry.sign == 1 else bar.low
    if entry.target is not None:
        furthest = min(furthest, entry.target) if entry.sign == 1 else max(furthest, entry.target)
    return _level(entry, max(best, furthest) if entry.sign == 1 else min(best, furthest))


def _nearer(entry: Entry, one: float, other: float) -> bool:
    """Whether the price comes to one stop no later than to the other."""
    return one >= other if entry.sign == 1 else one <= other


def _inside(entry: Entry, kline: Bar, best: float, rows: Sequence[Bar], rule: str, drill_down: bool) -> Left | None:
    level, own = _level(entry, best), _own_level(entry, kline, best)
    by_target, by_loss = _reaches_target(entry, kline), _reaches_stop(entry, kline, entry.loss)
    by_level = _reaches_stop(entry, kline, level)
    by_own = not by_level and _reaches_stop(entry, kline, own)
    trail = level if by_level else own if by_own else None
    stops = [("sl", entry.loss)] if by_loss else []
    stops += [("trailing", trail)] if trail is not None else []
    if not by_target and not stops:
        return None
    stop: tuple[str, float | None] = ("", None)
    if stops:
        stop = stops[0]
        if len(stops) == 2 and by_level and _nearer(entry, level or 0.0, entry.loss or 0.0):
            stop = stops[1]
    is_open = bool(by_target and stops) or (by_loss and by_own)
    if is_open and drill_down:
        found = _decided(entry, kline, best, rows)
        if found is not None:
            return Left(kline.end, found[1], found[0], "decided")
    how = "open" if is_open else "plain"
    if by_target and (not stops or _target_first(entry, kline, by_loss, stop, trail, rule)):
        return Left(kline.end, entry.target or 0.0, "tp", how)
    return Left(kline.end, stop[1] or 0.0, stop[0], how)


def _target_first(
    entry: Entry, kline: Bar, by_loss: bool, stop: tuple[str, float | None], trail: float | None, rule: str
) -> bool:
    if rule != "nearest_open":
        return rule == "optimistic"
    assert entry.target is not None
    assert stop[1] is not None
    return abs(entry.target - kline.open) < abs(kline.open - stop[1])


def _decided(entry: Entry, kline: Bar, best: float, rows: Sequence[Bar]) -> tuple[str, float] | None:
    inside = [row for row in rows if row.start >= kline.start and row.end <= kline.end]
    if not _are_whole(kline, inside):
        return None
    for row in inside:
        level, own = _level(entry, best), _own_level(entry, row, best)
        target, loss = _reaches_target(entry, row), _reaches_stop(entry, row, entry.loss)
        trailed = _reaches_stop(entry, row, level)
        maybe = not trailed and _reaches_stop(entry, row, own)
        if target and (loss or trailed or maybe):
            return None
        if target:
            return "tp", entry.target or 0.0
        if loss and trailed:
            first_is_trail = _nearer(entry, level or 0.0, entry.loss or 0.0)
            return ("trailing", level or 0.0) if first_is_trail else ("sl", entry.loss or 0.0)
        if trailed:
            return "trailing", level or 0.0
        if loss and maybe and own != entry.loss and _nearer(entry, own or 0.0, entry.loss or 0.0):
            return None
        if loss:
            return "sl", entry.loss or 0.0
        if maybe:
            return None
        best = _better(entry, best, row)
    return None


def _are_whole(kline: Bar, rows: Sequence[Bar]) -> bool:
    if not rows or max(row.high for row in rows) != kline.high or min(row.low for row in rows) != kline.low:
        return False
    times = [kline.start, *(time for row in rows for time in (row.start, row.end)), kline.end]
    gaps = [later - earlier for earlier, later in zip(times[::2], times[1::2], strict=True)]
    if min(gaps) < 0:
        return False
    return not any(gaps) or abs(sum(row.volume for row in rows) - kline.volume) < 1e-9
