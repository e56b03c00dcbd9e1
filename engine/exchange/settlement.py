"""Settlement: what a fill does to the account, and who is told of it."""

from __future__ import annotations

from ..account import Origin
from ..contract import ExitReason
from ..kernel import Fill, FillPurpose
from . import reasons
from .bracket import Bracket
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent
from .limit_order import RestingOrder


class Settlement:
    """Applies fills to the account, publishes them, and cancels what a position that is gone leaves behind."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor

    def enter(
        self, order_id: int, intent: OrderIntent, size: float, notional: float, price: float, fee_rate: float
    ) -> Fill:
        """Apply an entry fill of `size` coins at `price`, together `notional` USD; the fee rate is in percent."""
        fee, margin = notional * (fee_rate / 100.0), notional / intent.leverage
        account = self._floor.account
        account.enter(intent.symbol, intent.sign, size, price, fee, margin, order_id, intent.origin)
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
        return self.exit_for(order_id, symbol, size, price, size * price * fee_rate / 100.0, why, origin)

    def exit_for(
        self, order_id: int, symbol: str, size: float, price: float, fee: float, why: ExitReason, origin: Origin | None
    ) -> Fill:
        """Apply a closing fill of `size` coins at `price` for a fee in USD."""
        account = self._floor.account
        held = account.state.holdings[symbol]
        if held.share(size) == 1.0:
            size = held.size
        account.exit(symbol, size, price, fee, why, order_id, origin)
        if symbol not in account.state.holdings:
            self._cancel_exits(symbol)
        return self._publish(order_id, symbol, -held.sign, size, price, fee, why)

    def _cancel_exits(self, symbol: str) -> None:
        floor = self._floor
        for bracket in floor.pending.items(Bracket, symbol):
            self.cancel(bracket)
        for order in floor.pending.items(RestingOrder, symbol):
            if order.reduce_only:
                floor.pending.remove(order)
                floor.reject(order.order_id, symbol, reasons.POSITION_GONE, OrderEvent.CANCEL)

    def cancel(self, bracket: Bracket, but: int | None = None) -> None:
        """Cancel the legs of a bracket, all `but` the one that filled."""
        self._floor.pending.remove(bracket)
        for leg in bracket.leg_ids():
            if leg != but:
                self._floor.lives.move(leg, OrderEvent.CANCEL)

    def _publish(
        self, order_id: int, symbol: str, sign: int, size: float, price: float, fee: float, purpose: FillPurpose
    ) -> Fill:
        floor = self._floor
        now = floor.clock.now()
        fill = Fill(now, order_id, symbol, "buy" if sign > 0 else "sell", size, price, fee, purpose)
        floor.traded.add(now, size * price)
        floor.fills.append(fill)
        floor.bus.publish(fill)
        return fill
