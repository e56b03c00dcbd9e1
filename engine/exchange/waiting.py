"""An order that waits for its kline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..contract import Order
from ..market import SymbolHistory
from .intent import OrderIntent


@dataclass(slots=True)
class WaitingOrder:
    """An order that fills at a later kline: at its open, or at its volume-weighted price when it closes.

    `kline` is that kline's place, or None when there is none soon enough.
    """

    order_id: int
    intent: OrderIntent
    submitted_at: int
    kline: int | None
    cancelled: bool = False

    @property
    def symbol(self) -> str:
        """What is traded."""
        return self.intent.symbol

    @property
    def age(self) -> int:
        """Its place among the orders of its symbol: older ones come first."""
        return self.order_id

    def price(self, history: SymbolHistory, execution: str) -> float:
        """Return the open of its kline, or the volume-weighted price: from the 15-second rows in it, else
        (H + L + C) / 3.
        """
        assert self.kline is not None
        klines = history.base.columns
        if execution == "open":
            return klines.open.item(self.kline)
        opened = klines.open_ms.item(self.kline)
        traded = history.flow.vwap_between(opened, opened + klines.period_ms)
        if traded is not None:
            return traded
        return (klines.high.item(self.kline) + klines.low.item(self.kline) + klines.close.item(self.kline)) / 3.0

    def views(self) -> list[Order]:
        """Return the order as a strategy sees it."""
        intent = self.intent
        side: Literal["Buy", "Sell"] = "Buy" if intent.sign > 0 else "Sell"
        direction = {1: "Open Long", -1: "Open Short", 0: "Close"}[intent.sign]
        limit = intent.max_price if intent.sign > 0 else intent.min_price
        reduce_only = intent.sign == 0
        return [
            Order(
                self.order_id,
                intent.symbol,
                side,
                direction,
                "Market" if limit is None else "Limit",
                0.0,
                limit,
                None,
                reduce_only,
                self.submitted_at,
            )
        ]
