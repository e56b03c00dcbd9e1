"""What a price chart draws of each position: its way from fill to fill, and where its exits stood meanwhile."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from engine.contract import ActionType
from engine.exchange import OrderState

from ...orders import Columns, OrderColumns

Trade = Mapping[str, Any]
#: A decision to do something, with its time in epoch ms.
Decided = tuple[int, Mapping[str, Any]]
#: Columns of one length, in the order in which the lines begin: times as integers, everything else as it is.
Lines = dict[str, npt.NDArray[Any]]

#: The way of a position, and its exits.
WAY, TARGET, STOP, TRAILING = "way", "target", "stop", "step"
#: The tones of the page: a way that won or lost, a target and a stop.
_GOOD, _BAD = "good", "bad"
_LEVELS = (("take_profit_price", TARGET, _GOOD), ("stop_loss_price", STOP, _BAD))


class Line(NamedTuple):
    """From `start` to `end` (epoch ms), from price `first` to `last` (USD): of the closed trade at place `trade`, None
    of a position that is open still, and of a `position`, which several trades may have closed. Either end belongs to
    a kline as a mark does: `starts_at_open` and `ends_at_open` tell that it is a fill at an open.
    """

    kind: str
    trade: int | None
    position: int
    symbol: str
    tone: str
    start: int
    end: int
    first: float
    last: float
    starts_at_open: bool = False
    ends_at_open: bool = False


def lines_of(
    trades: Sequence[Trade], decisions: Iterable[Decided], figures: Mapping[str, Any], orders: OrderColumns | None
) -> Lines:
    """Return the lines of a run: of its `orders` or, where none are kept, of what its trades and decisions tell; then
    exits stand as they were decided and amended, and how a trailing stop moved is not known.
    """
    if orders is None:
        rows = [*_of_trades(trades, decisions), *_open_ways(trades, figures)]
    else:
        rows = [*_ways(orders["fills"], trades, figures), *_exits(orders, trades)]
    rows.sort(key=lambda line: line.start)
    columns = zip(*rows, strict=True) if rows else ((),) * len(Line._fields)
    kinds = {"start": np.int64, "end": np.int64, "starts_at_open": np.bool_, "ends_at_open": np.bool_}
    return {
        head: np.fromiter(column, kinds.get(head, object), len(rows))
        for head, column in zip(Line._fields, columns, strict=True)
    }


def _tone(pnl: float) -> str:
    return _GOOD if pnl > 0.0 else _BAD


def _ways(fills: Columns, trades: Sequence[Trade], figures: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the way of each position from fill to fill: each piece is of the trade that comes next on it."""
    held = {each["symbol"]: each for each in figures.get("open_positions") or ()}
    for position, places in _by_position(fills).items():
        symbol = fills["symbol"][places[0]]
        names = ("time", "price", "at_open", "trade")
        points = [tuple(fills[name][place] for name in names) for place in places]
        last = held.get(symbol)
        if last is not None and (points[-1][-1] is None or _is_left(fills, places)):
            points.append((figures["end_time"], last["mark_price"], False, None))
        following: int | None = None
        pieces = []
        for (start, first, at_open, _), (end, price, ends_at_open, trade) in [*pairwise(points)][::-1]:
            following = following if trade is None else trade
            pnl = trades[following]["pnl"] if following is not None and following < len(trades) else None
            if pnl is None:
                pnl = held[symbol]["unrealized_pnl"] if symbol in held else 0.0
            way = start, end, first, price, at_open, ends_at_open
            pieces.append(Line(WAY, following, position, symbol, _tone(pnl), *way))
        yield from reversed(pieces)


def _is_left(fills: Columns, places: Sequence[int]) -> bool:
    """Tell whether something of a position is left after its last fill, beyond the rounding of sums."""
    signed = [fills["sign"][place] * fills["size"][place] for place in places]
    return bool(abs(sum(signed)) > 1e-9 * max(map(abs, signed)))


def _by_position(fills: Columns) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, position in enumerate(fills["position"]):
        found.setdefault(position, []).append(place)
    return found


def _exits(orders: OrderColumns, trades: Sequence[Trade]) -> Iterator[Line]:
    """Yield where exits stood: each is of the trade that closed its position, or some of it, when it ended or later."""
    fills, exits = orders["fills"], orders["exits"]
    positions = {
        order: position
        for order, position, trade in zip(fills["order"], fills["position"], fills["trade"], strict=True)
        if trade is None
    }
    closed: dict[int, tuple[list[int], list[int]]] = {}
    for at, position, trade in zip(fills["time"], fills["position"], fills["trade"], strict=True):
        if trade is not None:
            times, places = closed.setdefault(position, ([], []))
            times.append(at)
            places.append(trade)
    opened = {
        (position, at)
        for position, at, at_open in zip(fills["position"], fills["time"], fills["at_open"], strict=True)
        if at_open
    }
    steps: dict[int, list[tuple[int, float]]] = {}
    for place, at, level in zip(*(orders["levels"][name] for name in ("exit", "time", "level")), strict=True):
        steps.setdefault(place, []).append((at, level))
    names = ("start", "end", "entry", "symbol", "take_profit", "stop_loss")
    for place, (start, end, entry, symbol, target, stop) in enumerate(zip(*(exits[n] for n in names), strict=True)):
        position = positions[entry]
        times, places = closed.get(position, ([], []))
        trade = places[min(bisect_left(times, end), len(places) - 1)] if places else None
        of, ends = (trade, position, symbol), ((position, start) in opened, (position, end) in opened)
        if target is not None:
            yield Line(TARGET, *of, _GOOD, start, end, target, target, *ends)
        if stop is not None:
            yield Line(STOP, *of, _BAD, start, end, stop, stop, *ends)
        for (since, level), (until, _) in pairwise([*steps.get(place, ()), (end, 0.0)]):
            at_open = (position, since) in opened, (position, until) in opened
            yield Line(TRAILING, *of, _BAD, since, until, level, level, *at_open)


def steps_note(orders: OrderColumns) -> str:
    """Return in words which trailing stops are not drawn, "" where all are: those of which no step is known."""
    exits, known = orders["exits"], set(orders["levels"]["exit"])
    trails = {entry for entry, percent in zip(exits["entry"], exits["trailing_percent"], strict=True) if percent}
    drawn = {exits["entry"][place] for place in known}
    if trails <= drawn:
        return ""
    lacking = len(trails - drawn)
    return f"{lacking:,} of {len(trails):,} trailing stops are not drawn: the prices that they followed are not at hand"


def decisions_of(output: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Yield the decisions in what came of a trigger, as the trigger log has it, but for those that were refused."""
    output = output or {}
    for each in output.get("decisions") or [output]:
        if each.get("decision") and (each.get("order") or {}).get("status") != OrderState.REJECTED:
            yield each["decision"]


def _of_trades(trades: Sequence[Trade], decisions: Iterable[Decided]) -> Iterator[Line]:
    of_symbol: dict[str, list[Decided]] = {}
    for at, decision in decisions:
        of_symbol.setdefault(str(decision["symbol"]), []).append((at, decision))
    ways = _DecidedExits(of_symbol)
    for place, trade in enumerate(trades):
        symbol, begin, end = trade["symbol"], trade["entry_timestamp"], trade["exit_timestamp"]
        way = begin, end, trade["entry_price"], trade["exit_price"]
        yield Line(WAY, place, place, symbol, _tone(trade["pnl"]), *way)
        yield from ways.lines(place, trade)


def _open_ways(trades: Sequence[Trade], figures: Mapping[str, Any]) -> Iterator[Line]:
    for place, held in enumerate(figures.get("open_positions") or (), len(trades)):
        way = held["opened_at"], figures["end_time"], held["entry_price"], held["mark_price"]
        yield Line(WAY, None, place, held["symbol"], _tone(held["unrealized_pnl"]), *way)


class _DecidedExits:
    """The decisions of a run by symbol, each list in order of time, by what they opened and amended."""

    def __init__(self, of_symbol: Mapping[str, Sequence[Decided]]) -> None:
        self._opened = {
            (at, symbol, decision.get("tag", "")): decision
            for symbol, decided in of_symbol.items()
            for at, decision in decided
            if decision["operation"] in (ActionType.BUY, ActionType.SELL)
        }
        self._amended = {
            symbol: [(at, each) for at, each in decided if each["operation"] == ActionType.AMEND]
            for symbol, decided in of_symbol.items()
        }

    def lines(self, place: int, trade: Trade) -> Iterator[Line]:
        """Yield each level that one of the exits of a trade stood on."""
        symbol, begin, end = trade["symbol"], trade["entry_timestamp"], trade["exit_timestamp"]
        tag = trade.get("tag", "")
        opening = self._opened.get((trade["timestamp"], symbol, tag), {})
        amended = [
            (at, each)
            for at, each in self._amended.get(symbol, ())
            if begin < at <= end and each.get("tag", "") in ("", tag) and each.get("order_id") is None
        ]
        for name, kind, tone in _LEVELS:
            steps = [(begin, opening.get(name)), *((at, each[name]) for at, each in amended if each.get(name))]
            for (since, level), until in zip(steps, [*(at for at, _ in steps[1:]), end], strict=True):
                if level:
                    yield Line(kind, place, place, symbol, tone, since, until, level, level)
