"""Settlement: what a fill costs, what it does to the account, and who is told of it."""

from __future__ import annotations

from typing import NamedTuple

from ..contract import ExitReason
from ..kernel import Fill, FillPurpose, Origin
from . import reasons
from .floor import TradingFloor
from .sizing import Sized


class Execution(NamedTuple):
    """An order that trades now: at what price, as maker or as taker; `origin` is the decision behind it, if any."""

    order_id: int
    symbol: str
    price: float
    is_maker: bool
    origin: Origin | None


class Settlement:
    """Applies fills to the account, publishes them, and cancels what a position that is gone leaves behind."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor

    def enter(self, trade: Execution, sign: int, leverage: int, sized: Sized) -> Fill:
        """Settle an entry: fee = notional x percent / 100, margin = notional / leverage."""
        fee = sized.notional * (self._floor.fee_percent(trade.symbol, trade.is_maker) / 100.0)
        return self._settle(trade, sign, sized.coins, fee, "entry", sized.notional / leverage)

    def exit(
        self, trade: Execution, size: float, why: ExitReason = ExitReason.DECISION, fee: float | None = None
    ) -> tuple[Fill, ...]:
        """Settle a closing fill of `size` coins (none, if that is 0), or of the whole position where next to nothing
        would be left; the fee is notional x percent / 100, unless it is given (USD).
        """
        if size <= 0.0:
            return ()
        if fee is None:
            fee = size * trade.price * self._floor.fee_percent(trade.symbol, trade.is_maker) / 100.0
        held = self._floor.account.state.holdings[trade.symbol]
        size = held.size if held.share(size) == 1.0 else size
        return (self._settle(trade, -held.sign, size, fee, why),)

    def _settle(
        self, trade: Execution, sign: int, size: float, fee: float, purpose: FillPurpose, margin: float = 0.0
    ) -> Fill:
        floor, now = self._floor, self._floor.clock.now()
        order_id, symbol, price, _, origin = trade
        fill = Fill(now, order_id, symbol, "buy" if sign > 0 else "sell", size, price, fee, purpose, margin, origin)
        floor.account.apply(fill)
        if fill.symbol not in floor.account.state.holdings:
            for order in floor.pending:
                if order.symbol == fill.symbol and order.goes_with_position:
                    floor.cancel(order, reasons.POSITION_GONE)
        floor.traded.add(fill.timestamp, fill.size * fill.price)
        floor.fills.append(fill)
        floor.bus.publish(fill)
        return fill
