"""Which trigger opened a trade, which closed it, which moved the exit that did, and which added to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.contract import ExitReason

from ...orders import Columns, OrderColumns
from .log_matching import LoggedAnswer, matched_triggers
from .trigger_link import ADDED, CLOSED, MOVED, OPENED, TriggerLink, not_by_a_trigger

Trade = Mapping[str, Any]

#: What a result is told by that an older version stored.
MATCHED = (
    "the orders of this result were not stored: which triggers belong to a trade is told by time, kind and size, and "
    "where several fit it is not known; run it again to know it"
)
_ENTRY = "entry"


class Links(NamedTuple):
    """What belongs to each trade, in their order, to each trigger, by its index, what trades that a trigger closed
    have won (net PnL, USD), and how far that is known (`note`).
    """

    of_trades: list[tuple[TriggerLink, ...]]
    of_triggers: dict[int, list[dict[str, Any]]]
    won: dict[int, float]
    note: str

    def shown(self) -> list[list[dict[str, Any]]]:
        """Return for each trade its links as plain values."""
        return [[each.shown() for each in of_trade] for of_trade in self.of_trades]


def trigger_links(
    trades: Sequence[Trade], orders: OrderColumns | None, log: Callable[[], Iterable[LoggedAnswer]]
) -> Links:
    """Return the links of trades to triggers, exact from what became of the orders of their run; of a result that has
    none of these as far as its `log` of decisions tells them.
    """
    if not trades:
        return Links([], {}, {}, "")
    found = matched_triggers(trades, log()) if orders is None else [*_known(trades, orders["fills"])]
    return Links(found, trades_by_trigger(found), won_by_trigger(trades, found), MATCHED if orders is None else "")


def trades_by_trigger(links: Sequence[Sequence[TriggerLink]]) -> dict[int, list[dict[str, Any]]]:
    """Return by the index of each trigger the trades that it opened, closed, added to, or may have: their `number` from
    1 on, and the `role`.
    """
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, of_trade in enumerate(links, 1):
        for link in of_trade:
            if link.trigger is not None:
                found[link.trigger].append({"number": number, "role": link.role})
            for index in link.candidates:
                found[index].append({"number": number, "role": f"may have {link.role}"})
    return dict(found)


def won_by_trigger(trades: Sequence[Trade], links: Sequence[Sequence[TriggerLink]]) -> dict[int, float]:
    """Return by the index of each trigger the net PnL (USD) of the trades that it has closed, as `links` tell."""
    found: dict[int, float] = defaultdict(float)
    for trade, of_trade in zip(trades, links, strict=True):
        for link in of_trade:
            if link.role == CLOSED and link.trigger is not None:
                found[link.trigger] += trade["pnl"]
    return dict(found)


def _known(trades: Sequence[Trade], fills: Columns) -> Iterator[tuple[TriggerLink, ...]]:
    """Yield the links of each trade: its closing fill stands among the fills, after those that entered its position."""
    entered: dict[int, list[int | None]] = defaultdict(list)
    reached = iter(zip(*(fills[name] for name in "purpose position trade trigger".split()), _moved(fills), strict=True))
    for place, trade in enumerate(trades):
        for purpose, position, closed, trigger, moved in reached:
            if purpose == _ENTRY:
                entered[position].append(trigger)
            elif closed == place:
                yield tuple(_links(trade, entered[position], trigger, moved))
                break


def _moved(fills: Columns) -> Sequence[int | None]:
    return fills.get("moved") or [None] * len(fills["time"])


def _links(
    trade: Trade, entered: Sequence[int | None], trigger: int | None, moved: int | None
) -> Iterator[TriggerLink]:
    opened = entered[0]
    yield _by(OPENED, opened)
    if trade["exit_reason"] == ExitReason.DECISION:
        yield _by(CLOSED, trigger)
    else:
        yield not_by_a_trigger(trade["exit_reason"], opened, trigger, moved)
    if moved is not None:
        yield TriggerLink(MOVED, moved)
    for each in dict.fromkeys(entered):
        if each is not None and each != opened:
            yield TriggerLink(ADDED, each)


def _by(role: str, trigger: int | None) -> TriggerLink:
    note = "" if trigger is not None else f"No trigger {role} it: what did is no decision of the program."
    return TriggerLink(role, trigger, (), note)
