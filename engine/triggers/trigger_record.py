"""What happened at one trigger: what was asked, decided, done, logged, and how the account stood around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..account import AccountState
from ..contract import ActionType, decision_dict
from ..exchange import OrderResult
from ..kernel import Fill, TriggerEvent
from ..plain_values import plain, portable
from ..program import WarmUpCase


def _fill_dict(fill: Fill) -> dict[str, Any]:
    names = ("side", "size", "price", "fee", *(("tag",) if fill.tag else ()))
    return {**{name: getattr(fill, name) for name in names}, "purpose": str(fill.purpose)}


def _portable(decision: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """Return the values of a decision, which may be of any kind, as they can go to any other process."""
    if decision is None:
        return None
    return tuple(each if type(each) is ActionType else portable(each) for each in decision)


class Answered(NamedTuple):
    """One of the decisions at a trigger: the values of its fields, what became of it, what was too short for it."""

    decision: tuple[Any, ...]
    order: OrderResult | None
    warm_up: WarmUpCase | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return Answered, (_portable(self.decision), self.order, self.warm_up)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: those of the decision under its name, and those of its order."""
        entry: dict[str, Any] = {"decision": plain(decision_dict(self.decision))}
        if self.warm_up is not None:
            entry["warm_up"] = self.warm_up.to_dict()
        if self.order is not None:
            entry["order"] = {
                "order_id": self.order.order_id,
                "status": self.order.status.value,
                "reason": self.order.reason,
                "fills": [_fill_dict(fill) for fill in self.order.fills],
            }
        return entry


#: What stands in a record where the program decided nothing.
NOTHING_ANSWERED: tuple[None, None, None] = (None, None, None)


class TriggerRecord(NamedTuple):
    """One handled trigger. `decision` holds the values of a decision's fields, or None when there was none; `warm_up`
    says what became of one to open that was made while an indicator was too short. Of several decisions these are of
    the first; `further` are the others.
    """

    trigger: TriggerEvent
    decision: tuple[Any, ...] | None
    order: OrderResult | None
    before: AccountState
    after: AccountState
    logs: tuple[str, ...]
    queries: Sequence[dict[str, Any]]
    error: str | None
    warm_up: WarmUpCase | None = None
    further: tuple[Answered, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return TriggerRecord, tuple(self._replace(decision=_portable(self.decision)))

    @property
    def answers(self) -> tuple[Answered, ...]:
        """All decisions at the trigger, in the order in which they were handled."""
        if self.decision is None:
            return ()
        return Answered(self.decision, self.order, self.warm_up), *self.further

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came of it: no decision or one to hold, nothing logged, no error. What was asked does not
        count.
        """
        return (
            self.order is None
            and self.error is None
            and self.warm_up is None
            and not self.logs
            and not self.further
            and self.before is self.after
        )

    def equities(self, price_at: Callable[[str, int], float]) -> tuple[float, float]:
        """Return the equity before and after it in USD, marked at `price_at(symbol, time)`."""
        at = self.trigger.timestamp
        before = self.before.equity(lambda symbol: price_at(symbol, at))
        same = self.after is self.before
        return before, before if same else self.after.equity(lambda symbol: price_at(symbol, at))

    def to_dict(self, index: int, price_at: Callable[[str, int], float]) -> dict[str, Any]:
        """Return the record as plain values; equity before and after is marked at `price_at(symbol, time)`."""
        trigger = self.trigger
        before, after = self.equities(price_at)
        entry: dict[str, Any] = {
            "index": index,
            "timestamp": trigger.timestamp,
            "trigger_type": trigger.trigger_type,
            "symbol": trigger.symbol,
            "pool_id": trigger.pool_id,
            "pool_name": trigger.pool_name,
            "triggered_signals": [plain(signal) for signal in trigger.triggered_signals],
            "decision": None,
            "equity_before": before,
            "equity_after": after,
            "logs": list(self.logs),
            "queries": plain(tuple(self.queries)),
            "error": self.error,
        }
        answers = [each.to_dict() for each in self.answers]
        if answers:
            entry.update(answers[0])
        if self.further:
            entry["decisions"] = answers
        return entry
