"""What a strategy answers: a `Decision`, in the contract's terms."""

from __future__ import annotations

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


class Decision:
    """One answer of `should_trade`. It never raises on its values: they are judged when it is submitted.

    `operation` is buy (opens or adds to a long), sell (a short), close or hold. `target_portion_of_balance` is
    the share of the available balance used as margin (buy, sell: 0.1 to 1.0) or of the position (close: 0 and
    anything from 1 up close all of it). `max_price` limits a buy or the closing of a short, `min_price` a sell or
    the closing of a long; without a limit the order is a market order.

    Two fields are extensions of the contract: `trailing_stop_percent` closes what this entry opened when the price has
    come back that far from its best, `max_holding_seconds` when it has been open for that long.
    """

    __slots__ = (
        "leverage",
        "max_holding_seconds",
        "max_price",
        "min_price",
        "operation",
        "reason",
        "sl_execution",
        "stop_loss_price",
        "symbol",
        "take_profit_price",
        "target_portion_of_balance",
        "time_in_force",
        "tp_execution",
        "trading_strategy",
        "trailing_stop_percent",
    )

    def __init__(
        self,
        operation: ActionType | str,
        symbol: str,
        reason: str = "",
        trading_strategy: str = "",
        target_portion_of_balance: float = 0.0,
        leverage: int = 10,
        max_price: float | None = None,
        min_price: float | None = None,
        time_in_force: str = "Ioc",
        take_profit_price: float | None = None,
        stop_loss_price: float | None = None,
        tp_execution: str = "limit",
        sl_execution: str = "limit",
        trailing_stop_percent: float | None = None,
        max_holding_seconds: float | None = None,
    ) -> None:
        self.operation = operation
        self.symbol = symbol
        self.reason = reason
        self.trading_strategy = trading_strategy
        self.target_portion_of_balance = target_portion_of_balance
        self.leverage = leverage
        self.max_price = max_price
        self.min_price = min_price
        self.time_in_force = time_in_force
        self.take_profit_price = take_profit_price
        self.stop_loss_price = stop_loss_price
        self.tp_execution = tp_execution
        self.sl_execution = sl_execution
        self.trailing_stop_percent = trailing_stop_percent
        self.max_holding_seconds = max_holding_seconds

    def action(self) -> str:
        """Return the operation as lower-case text ("" when it is no text)."""
        operation = self.operation
        if isinstance(operation, ActionType):
            return operation.value
        return operation.strip().lower() if isinstance(operation, str) else ""

    def to_dict(self) -> dict[str, Any]:
        """Return the thirteen fields under their names, the operation as lower-case text, and the extensions that are
        set.
        """
        return decision_dict(decision_values(self))

    def __repr__(self) -> str:
        return f"Decision({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decision) and decision_values(self) == decision_values(other)

    __hash__ = None  # type: ignore[assignment]


FIELDS = (
    "operation",
    "symbol",
    "reason",
    "trading_strategy",
    "target_portion_of_balance",
    "leverage",
    "max_price",
    "min_price",
    "time_in_force",
    "take_profit_price",
    "stop_loss_price",
    "tp_execution",
    "sl_execution",
    "trailing_stop_percent",
    "max_holding_seconds",
)
EXTENSIONS = ("trailing_stop_percent", "max_holding_seconds")

#: Returns a decision's values in the order of `FIELDS`: a copy that a later change of the decision cannot touch.
decision_values = attrgetter(*FIELDS)


def decision_dict(values: tuple[Any, ...]) -> dict[str, Any]:
    """Return decision values as a dict of plain values; extensions that are not set are absent."""
    entry = dict(zip(FIELDS, values, strict=True))
    for name in EXTENSIONS:
        if entry[name] is None:
            del entry[name]
    operation = entry["operation"]
    entry["operation"] = operation.value if isinstance(operation, ActionType) else plain_text(operation).strip().lower()
    return entry
