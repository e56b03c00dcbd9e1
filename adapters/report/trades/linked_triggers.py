"""Which trigger opened a trade, which closed it, and which added to it: as far as what is stored tells that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.contract import ActionType, ExitReason
from engine.exchange import OrderState

Trade = Mapping[str, Any]
_REASONS = {each.value: each for each in ExitReason}
_SIDES = {"long": ActionType.BUY, "short": ActionType.SELL}
_AGAINST = {"long": ActionType.SELL, "short": ActionType.BUY}
OPENED, CLOSED, ADDED = "opened", "closed", "added to"
#: Of more triggers that may be meant so many are named.
MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """A decision in a trigger log: the trigger's index and time (epoch ms), what kind it was and which pool's, what was
    decided, and what became of the order at that instant.
    """

    index: int
    at: int
    trigger_type: str
    pool_name: str
    decision: Mapping[str, Any]
    order: Mapping[str, Any]

    @property
    def is_accepted(self) -> bool:
        """Whether an order came of it that was not refused as a whole."""
        return bool(self.order) and (self.order["status"] != OrderState.REJECTED or bool(self.order["fills"]))

    @property
    def tag(self) -> str:
        """The tag of the decision, "" without one."""
        return str(self.decision.get("tag") or "")

    def filled_at_once(self, purpose: str) -> list[Mapping[str, Any]]:
        """Return the fills at the instant of the trigger that had this purpose."""
        return [each for each in self.order["fills"] if each["purpose"] == purpose]


class TriggerLink(NamedTuple):
    """What a trigger did to a trade. Without a `trigger` it is none, or not known which of the `candidates` it is:
    `note` says so.
    """

    role: str
    trigger: int | None
    candidates: tuple[int, ...] = ()
    note: str = ""


def trigger_links(trades: Sequence[Trade], log: Iterable[LoggedAnswer]) -> list[tuple[TriggerLink, ...]]:
    """Return for each trade the links to what opened it, closed it, and added to it.

    A trade keeps the time of the decision that opened it, and of its closing fill: the trigger of an order that was
    filled later is known where only one order fits, and said to be unknown else. Entries that were filled later than
    they were decided are not among what added to a trade.
    """
    finder = _Finder(log)
    return [finder.links(trade) for trade in trades]


def shown_links(links: Iterable[TriggerLink]) -> list[dict[str, Any]]:
    """Return links as plain values."""
    return [{**each._asdict(), "candidates": list(each.candidates)} for each in links]


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


def won_by_trigger(trades: Sequence[Trade], links: Sequence[Iterable[Mapping[str, Any]]]) -> dict[int, float]:
    """Return by the index of each trigger the net PnL (USD) of the trades that it has closed, as the `links` of each
    trade tell it (`shown_links`).
    """
    found: dict[int, float] = defaultdict(float)
    for trade, of_trade in zip(trades, links, strict=True):
        for link in of_trade:
            if link["role"] == CLOSED and link["trigger"] is not None:
                found[link["trigger"]] += trade["pnl"]
    return dict(found)


class _Finder:
    """The accepted decisions of a log by symbol, in order."""

    def __init__(self, log: Iterable[LoggedAnswer]) -> None:
        self._of_symbol: dict[str, list[LoggedAnswer]] = defaultdict(list)
        self._at: dict[tuple[str, int], list[LoggedAnswer]] = defaultdict(list)
        for each in log:
            if each.is_accepted:
                symbol = str(each.decision["symbol"])
                self._of_symbol[symbol].append(each)
                self._at[symbol, each.at].append(each)
        self._added: dict[str, list[LoggedAnswer]] = {
            symbol: [each for each in answers if each.filled_at_once("entry")]
            for symbol, answers in self._of_symbol.items()
        }

    def links(self, trade: Trade) -> tuple[TriggerLink, ...]:
        """Return those of a trade."""
        opened = self._opened(trade)
        return opened, self._closed(trade), *self._adding(trade, opened)

    def _opened(self, trade: Trade) -> TriggerLink:
        at_once = trade["entry_timestamp"] == trade["timestamp"]
        found = [
            each
            for each in self._at[trade["symbol"], trade["timestamp"]]
            if each.decision["operation"] == trade["operation"]
            and each.tag == trade.get("tag", "")
            and (each.trigger_type, each.pool_name) == (trade["trigger_type"], trade["pool_name"])
        ]
        found = _preferred(found, lambda each: bool(each.filled_at_once("entry")) == at_once)
        return _link(OPENED, _preferred(found, lambda each: bool(each.decision["reason"] == trade["reason"])))

    def _closed(self, trade: Trade) -> TriggerLink:
        reason = _REASONS[trade["exit_reason"]]
        if reason is not ExitReason.DECISION:
            by = (
                "the venue" if reason is ExitReason.LIQUIDATION else "an exit that stood since its entry or was amended"
            )
            return TriggerLink(CLOSED, None, (), f"No trigger closed it: {reason.label}, {by}.")
        return _link(CLOSED, self._closed_at_once(trade) or self._closed_later(trade))

    def _closed_at_once(self, trade: Trade) -> list[LoggedAnswer]:
        found = [
            each
            for each in self._at[trade["symbol"], trade["exit_timestamp"]]
            if each.trigger_type == trade["exit_trigger_type"]
            and any(
                fill["price"] == trade["exit_price"] and fill["size"] == trade["size"]
                for fill in each.filled_at_once(ExitReason.DECISION)
            )
        ]
        return _preferred(found, lambda each: bool(each.decision["reason"] == trade["exit_decision_reason"]))

    def _closed_later(self, trade: Trade) -> list[LoggedAnswer]:
        """Return the orders whose fill can have closed it: those that were not filled at once."""
        return [
            each
            for each in self._of_symbol[trade["symbol"]]
            if each.at <= trade["exit_timestamp"]
            and each.order["status"] != OrderState.FILLED
            and _can_close(each, trade)
            and each.decision["reason"] == trade["exit_decision_reason"]
            and each.tag == trade.get("exit_tag", "")
            and (each.trigger_type, each.pool_name) == (trade["exit_trigger_type"], trade["exit_pool_name"])
        ]

    def _adding(self, trade: Trade, opened: TriggerLink) -> Iterator[TriggerLink]:
        seen = {opened.trigger}
        for each in self._added.get(trade["symbol"], ()):
            if (
                trade["entry_timestamp"] <= each.at < trade["exit_timestamp"]
                and each.decision["operation"] == _SIDES[trade["side"]]
                and each.index not in seen
            ):
                seen.add(each.index)
                yield TriggerLink(ADDED, each.index)


def _can_close(each: LoggedAnswer, trade: Trade) -> bool:
    """Tell whether an order can be meant for the position: one to close is for what was open when it was decided."""
    operation = each.decision["operation"]
    if operation == ActionType.CLOSE:
        return bool(each.at >= trade["timestamp"])
    return bool(operation == _AGAINST[trade["side"]])


def _preferred(found: list[LoggedAnswer], test: Callable[[LoggedAnswer], bool]) -> list[LoggedAnswer]:
    """Return those of some that meet a test, or all where none does."""
    return [each for each in found if test(each)] or found


def _link(role: str, found: Sequence[LoggedAnswer]) -> TriggerLink:
    """Return the link to the only trigger of what was found, or say why there is none."""
    indices = list(dict.fromkeys(each.index for each in found))
    if len(indices) == 1:
        return TriggerLink(role, indices[0])
    if not indices:
        return TriggerLink(role, None, (), f"Which trigger {role} it is not known: no stored one fits.")
    named = tuple(indices[-MOST_CANDIDATES:])
    which = "" if len(named) == len(indices) else f", the last {len(named)} are named"
    note = f"Which trigger {role} it is not known: {len(indices):,} fit{which}."
    return TriggerLink(role, None, named, note)
