"""Settlement: what a fill does to the account, and who is told of it."""

from __future__ import annotations

from typing import Literal

from .account import VirtualAccount
from .bracket import Bracket
from .bus import Bus
from .clock import Clock
from .holding import Origin
from .messages import ExitReason, Fill
from .order_intent import OrderIntent
from .pending_orders import PendingOrders


class Settlement:
    """Applies fills to the account, publishes them, and cancels the brackets of a position that is gone.

    It also gives orders their ids: each next one is higher.
    """

    def __init__(self, clock: Clock, bus: Bus, account: VirtualAccount, pending: PendingOrders) -> None:
        self._clock, self._bus, self._account, self._pending = clock, bus, account, pending
        self._last_id = 0
        self.fills: list[Fill] = []

    def next_id(self) -> int:
        """Return the id of a new order."""
        self._last_id += 1
        return self._last_id

    def enter(self, order_id: int, intent: OrderIntent, notional: float, price: float, fee_rate: float) -> Fill:
        """Apply an entry fill of `notional` USD at `price`; the fee rate is in percent."""
        size, fee, margin = notional / price, notional * (fee_rate / 100.0), notional / intent.leverage
        self._account.enter(intent.symbol, intent.sign, size, price, fee, margin, order_id, intent.origin)
        return self._publish(order_id, intent.symbol, intent.sign, size, price, fee, "entry")

    def exit(
        self,
        order_id: int,
        symbol: str,
        size: float,
        price: float,
        fee_rate: float,
        why: ExitReason,
        origin: Origin | None,
    ) -> Fill:
        """Apply a closing fill of `size` coins at `price`; the fee rate is in percent."""
        held = self._account.state.holdings[symbol]
        if held.share(size) == 1.0:
            size = held.size
        fee = size * price * fee_rate / 100.0
        self._account.exit(symbol, size, price, fee, why, order_id, origin)
        if symbol not in self._account.state.holdings:
            for bracket in self._pending.items(Bracket, symbol):
                self._pending.remove(bracket)
        return self._publish(order_id, symbol, -held.sign, size, price, fee, why)

    def _publish(
        self,
        order_id: int,
        symbol: str,
        sign: int,
        size: float,
        price: float,
        fee: float,
        purpose: Literal["entry", "decision", "tp", "sl", "liquidation"],
    ) -> Fill:
        fill = Fill(self._clock.now(), order_id, symbol, "buy" if sign > 0 else "sell", size, price, fee, purpose)
        self.fills.append(fill)
        self._bus.publish(fill)
        return fill
