"""What a strategy answers: a `Decision`, in the contract's terms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any

from ..plain_values import plain_text


class ActionType(StrEnum):
    """What a decision asks for; also accepted as plain text in any case."""

    BUY = "buy"
    SELL = "sell"
    CLOSE = "close"
    HOLD = "hold"
    CANCEL = "cancel"
    AMEND = "amend"


@dataclass(slots=True, repr=False)
class Decision:
    """One answer of `should_trade`, or one of a list of them. It never raises on its values: they are judged when it is
    submitted.

    `operation` is buy (opens or adds to a long), sell (a short), close or hold. `target_portion_of_balance` is the
    share of the available balance used as margin (buy, sell: above 0, at most 1) or of the position (close: 0 and
    anything from 1 up close all of it). `max_price` limits a buy or the closing of a short, `min_price` a sell or the
    closing of a long; without a limit the order is a market order. With one, `time_in_force` is "Ioc" (fills at once or
    not at all), "Gtc" (rests when it does not take) or "Alo" (rests or is rejected). `leverage` is that of an entry.
    `take_profit_price` and `stop_loss_price` are its bracket, which fills as `tp_execution` and `sl_execution`
    ("limit", "market") say where the configuration's `bracket_execution` is as_decided. `reason` and `trading_strategy`
    are for the records.

    The other fields are extensions of the contract. In place of a share: `size` (coins), `notional` (USD), which trade
    just that and reduce what is held the other way, or `risk_percent` (of equity, lost if the stop-loss fills at its
    price). `trailing_stop_percent` closes what this entry opened when the price has come back that far from its best,
    `max_holding_seconds` when it has been open for that long. `trigger_price` lets the order wait until the market
    comes there. `tag` names the order, and `group` orders of which one cancels the others. `expires_after_seconds` ends
    what still works of it then. `reduce_only` opens nothing, `post_only` takes nothing ("Alo"). With
    `cancel_orders` what else works in its symbol is cancelled once it is accepted; a close does that without a
    position, too.

    Two more operations: cancel (an order by `order_id`, orders by their `tag`, or all that work in the symbol) and
    amend (orders by either: limit, size, trigger, brackets or expiry; the exits of an entry by its `tag`).
    """

    operation: ActionType | str
    symbol: str
    reason: str = ""
    trading_strategy: str = ""
    target_portion_of_balance: float = 0.0
    leverage: int = 10
    max_price: float | None = None
    min_price: float | None = None
    time_in_force: str = "Ioc"
    take_profit_price: float | None = None
    stop_loss_price: float | None = None
    tp_execution: str = "limit"
    sl_execution: str = "limit"
    trailing_stop_percent: float | None = None
    max_holding_seconds: float | None = None
    size: float | None = None
    notional: float | None = None
    risk_percent: float | None = None
    trigger_price: float | None = None
    tag: str = ""
    group: str = ""
    expires_after_seconds: float | None = None
    reduce_only: bool = False
    post_only: bool = False
    cancel_orders: bool = False
    order_id: int | None = None

    def action(self) -> str:
        """Return the operation as lower-case text ("" when it is no text)."""
        operation = self.operation
        if type(operation) is ActionType:
            return operation.value
        return operation.strip().lower() if isinstance(operation, str) else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the thirteen fields under their names, the operation as lower-case text, and the extensions that are
        set.
        """
        return decision_dict(decision_values(self))

    def __repr__(self) -> str:
        return f"Decision({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"


FIELDS = tuple(each.name for each in fields(Decision))
_OPERATION = FIELDS.index("operation")
_ONLY_IF_SET = {each.name: each.default for each in fields(Decision)[13:]}

#: Returns a decision's values in the order of `FIELDS`: a copy that a later change of the decision cannot touch.
decision_values = attrgetter(*FIELDS)


def decision_dict(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return decision values as a dict of plain values; extensions that are not set are absent."""
    entry = dict(zip(FIELDS, values, strict=True))
    for name, unset in _ONLY_IF_SET.items():
        value = entry[name]
        if value is unset or (type(value) is type(unset) and value == unset):  # a value may be of any kind
            del entry[name]
    entry["operation"] = decision_operation(values)
    return entry


def decision_operation(values: tuple[Any, ...]) -> str:
    """Return the operation of decision values as lower-case text."""
    operation = values[_OPERATION]
    return operation.value if isinstance(operation, ActionType) else plain_text(operation).strip().lower()
