"""What a price chart draws of each closed trade: its way from entry to exit, and where its exits stood meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.contract import ActionType
from engine.exchange import OrderState

Trade = Mapping[str, Any]
#: A decision to do something, with its time in epoch ms.
Decided = tuple[int, Mapping[str, Any]]
#: Trade, symbol, tone, from and to (epoch ms), first and last price.
Line = tuple[int, str, str, int, int, float, float]

_HEADS = ("index", "symbol", "tone", "start", "end", "first", "last")
#: The tones of the page: a way that won or lost, a target and a stop.
_GOOD, _BAD = "good", "bad"
_LEVELS = (("take_profit_price", _GOOD), ("stop_loss_price", _BAD))


def decisions_of(output: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
    """Yield the decisions in what came of a trigger, as the trigger log has it, but for those that were refused."""
    output = output or {}
    for each in output.get("decisions") or [output]:
        if each.get("decision") and (each.get("order") or {}).get("status") != OrderState.REJECTED:
            yield each["decision"]


def bracket_lines(trades: Sequence[Trade], decisions: Iterable[Decided]) -> dict[str, list[Any]]:
    """Return the lines of all trades as columns: `index` is the trade's place, `tone` is "good" for what won and for a
    target, "bad" for what lost and for a stop; the way is the line whose prices are those of entry and exit.

    Exits stand as they were decided and amended; how a trailing stop moved is not known afterwards.
    """
    of_symbol: dict[str, list[Decided]] = {}
    for at, decision in decisions:
        of_symbol.setdefault(str(decision["symbol"]), []).append((at, decision))
    ways = Ways(of_symbol)
    rows = [line for place, trade in enumerate(trades) for line in ways.lines(place, trade)]
    columns = zip(*rows, strict=True) if rows else ((),) * len(_HEADS)
    return {head: list(column) for head, column in zip(_HEADS, columns, strict=True)}


class Ways:
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
        """Yield the way of a trade, then each level that one of its exits stood on."""
        symbol, begin, end = trade["symbol"], trade["entry_timestamp"], trade["exit_timestamp"]
        way = trade["entry_price"], trade["exit_price"]
        yield place, symbol, _GOOD if trade["pnl"] > 0.0 else _BAD, begin, end, *way
        tag = trade.get("tag", "")
        opening = self._opened.get((trade["timestamp"], symbol, tag), {})
        amended = [
            (at, each)
            for at, each in self._amended.get(symbol, ())
            if begin < at <= end and each.get("tag", "") in ("", tag) and each.get("order_id") is None
        ]
        for name, tone in _LEVELS:
            steps = [(begin, opening.get(name)), *((at, each[name]) for at, each in amended if each.get(name))]
            for (since, level), until in zip(steps, [*(at for at, _ in steps[1:]), end], strict=True):
                if level:
                    yield place, symbol, tone, since, until, level, level
