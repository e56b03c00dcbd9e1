"""Settlement: what a fill costs, what it does to the account, and who is told of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..contract import ExitReason
from ..kernel import Fill, Origin
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
        """Settle an entry: fee = notional x rate / 100, margin = notional / leverage."""
        fee = sized.notional * (self._floor.fee_rate(trade.symbol, trade.is_maker) / 100.0)
        side, margin = _side(sign), sized.notional / leverage
        now = self._floor.clock.now()
        return self._settle(
            Fill(now, trade.order_id, trade.symbol, side, sized.coins, trade.price, fee, "entry", margin, trade.origin)
        )

    def exit(self, trade: Execution, size: float, why: ExitReason, fee: float | None = None) -> Fill:
        """Settle a closing fill of `size` coins, or of the whole position where next to nothing would be left; the fee
        is notional x rate / 100, unless it is given (USD).
        """
        if fee is None:
            fee = size * trade.price * self._floor.fee_rate(trade.symbol, trade.is_maker) / 100.0
        held = self._floor.account.state.holdings[trade.symbol]
        size = held.size if held.share(size) == 1.0 else size
        now, side = self._floor.clock.now(), _side(-held.sign)
        return self._settle(
            Fill(now, trade.order_id, trade.symbol, side, size, trade.price, fee, why, origin=trade.origin)
        )

    def _settle(self, fill: Fill) -> Fill:
        floor = self._floor
        floor.account.apply(fill)
        if fill.symbol not in floor.account.state.holdings:
            for order in floor.pending:
                if order.symbol == fill.symbol and order.goes_with_position:
                    floor.cancel(order, reasons.POSITION_GONE)
        floor.traded.add(fill.timestamp, fill.size * fill.price)
        floor.fills.append(fill)
        floor.bus.publish(fill)
        return fill


def _side(sign: int) -> Literal["buy", "sell"]:
    return "buy" if sign > 0 else "sell"
