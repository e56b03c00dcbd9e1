"""Which trigger opened, closed and added to a trade, where orders are not stored: as far as the log tells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from engine.contract import ActionType, ExitReason
from engine.exchange import OrderState

from .trigger_link import ADDED, CLOSED, OPENED, TriggerLink, not_by_a_trigger

Trade = Mapping[str, Any]
_INSTANT = attrgetter("at")
_SIDES = {"long": ActionType.BUY, "short": ActionType.SELL}
_AGAINST = {"long": ActionType.SELL, "short": ActionType.BUY}
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


def matched_triggers(trades: Sequence[Trade], log: Iterable[LoggedAnswer]) -> list[tuple[TriggerLink, ...]]:
    """Return for each trade the links to what opened it, closed it, and added to it.

    A trade keeps the time of the decision that opened it, and of its closing fill: the trigger of an order that was
    filled later is known where only one order fits, and said to be unknown else. Entries that were filled later than
    they were decided are not among what added to a trade.
    """
    finder = _Finder(log)
    return [finder.links(trade) for trade in trades]


class _Finder:
    """The accepted decisions of a log by symbol, in order: all by their instant, those that were not filled at once by
    what a trade says of its exit, and those that entered at once.
    """

    def __init__(self, log: Iterable[LoggedAnswer]) -> None:
        self._at: dict[tuple[str, int], list[LoggedAnswer]] = defaultdict(list)
        self._later: dict[tuple[str, ...], list[LoggedAnswer]] = defaultdict(list)
        self._added: dict[str, list[LoggedAnswer]] = defaultdict(list)
        for each in log:
            if each.is_accepted:
                symbol = str(each.decision["symbol"])
                self._at[symbol, each.at].append(each)
                if each.order["status"] != OrderState.FILLED:
                    why = each.decision["reason"], each.tag, each.trigger_type, each.pool_name
                    self._later[symbol, *why].append(each)
                if each.filled_at_once("entry"):
                    self._added[symbol].append(each)

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
        if trade["exit_reason"] != ExitReason.DECISION:
            return not_by_a_trigger(trade["exit_reason"])
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
        why = trade["exit_decision_reason"], trade.get("exit_tag", ""), trade["exit_trigger_type"]
        found = self._later.get((trade["symbol"], *why, trade["exit_pool_name"]), [])
        until = bisect_right(found, trade["exit_timestamp"], key=_INSTANT)
        return [each for each in found[:until] if _can_close(each, trade)]

    def _adding(self, trade: Trade, opened: TriggerLink) -> Iterator[TriggerLink]:
        seen = {opened.trigger}
        found = self._added.get(trade["symbol"], [])
        first, end = (bisect_left(found, trade[at], key=_INSTANT) for at in ("entry_timestamp", "exit_timestamp"))
        for each in found[first:end]:
            if each.decision["operation"] == _SIDES[trade["side"]] and each.index not in seen:
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
