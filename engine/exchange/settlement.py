"""Settlement: what a fill costs, what it does to the account, and who is told of it."""

from __future__ import annotations

from typing import Literal

from .. import reasons
from ..contract import ExitReason
from ..kernel import Fill, FillPurpose, Origin
from .floor import TradingFloor
from .orders import OrderIntent
from .sizing import Sized


class Execution:
    """An order that trades now: a purchase (`sign` +1) or a sale (-1), at what price, as maker or as taker; `origin` is
    the decision behind it, if any, and `tag` its own, or that of the entry which it closes.
    """

    __slots__ = ("is_maker", "order_id", "origin", "price", "sign", "symbol", "tag")

    def __init__(
        self,
        order_id: int,
        symbol: str,
        sign: int,
        price: float,
        is_maker: bool = False,
        origin: Origin | None = None,
        tag: str = "",
    ) -> None:
        self.order_id, self.symbol, self.sign = order_id, symbol, sign
        self.price, self.is_maker = price, is_maker
        self.origin, self.tag = origin, tag


def settle_entry(floor: TradingFloor, trade: Execution, intent: OrderIntent, sized: Sized) -> Fill:
    """Settle an entry: fee = notional x percent / 100, margin = notional / leverage."""
    fee = sized.notional * (floor.fee_percent(trade.symbol, trade.is_maker) / 100.0)
    distance = intent.stop_distance(trade.price)
    risk = None if distance is None else distance * sized.coins
    return _settle(floor, trade, sized.coins, fee, "entry", sized.notional / intent.leverage, risk)


def settle_exit(
    floor: TradingFloor, trade: Execution, size: float, why: ExitReason = ExitReason.DECISION, fee: float | None = None
) -> tuple[Fill, ...]:
    """Settle a closing fill of `size` coins (none, if that is 0), or of the whole position where next to nothing would
    be left; the fee is notional x percent / 100, unless it is given (USD).
    """
    if size <= 0.0:
        return ()
    if fee is None:
        fee = size * trade.price * floor.fee_percent(trade.symbol, trade.is_maker) / 100.0
    held = floor.account.state.holdings[trade.symbol]
    size = held.size if held.share(size) == 1.0 else size
    return (_settle(floor, trade, size, fee, why),)


def _settle(
    floor: TradingFloor,
    trade: Execution,
    size: float,
    fee: float,
    purpose: FillPurpose,
    margin: float = 0.0,
    risk: float | None = None,
) -> Fill:
    """Apply a fill to the account, cancel what a position that is gone leaves behind, and publish it."""
    now, order_id, symbol, price = floor.clock.now(), trade.order_id, trade.symbol, trade.price
    side: Literal["buy", "sell"] = "buy" if trade.sign > 0 else "sell"
    origin, tag, is_maker = trade.origin, trade.tag, trade.is_maker
    fill = Fill(now, order_id, symbol, side, size, price, fee, purpose, margin, origin, risk, tag, is_maker)
    account = floor.account
    account.apply(fill)
    if symbol not in account.state.holdings:
        for order in floor.pending.going_with_position(symbol):
            if order.has_lost(-trade.sign):
                floor.cancel(order, reasons.POSITION_GONE)
    if floor.models.volume_cap is not None or floor.adjusted.volumes:
        floor.spend(symbol, size)
    floor.traded.add(now, size * price)
    if floor.at_open:
        floor.notes.at_open.append(len(floor.fills))
    floor.fills.append(fill)
    floor.tell(fill)
    return fill
