"""Settlement: what a fill costs, what it does to the account, and who is told of it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .. import reasons
from ..contract import ExitReason
from ..kernel import Fill, FillPurpose, Origin
from .floor import TradingFloor
from .orders import OrderIntent
from .sizing import Sized


class Execution(NamedTuple):
    """An order that trades now: at what price, as maker or as taker; `origin` is the decision behind it, if any, and
    `tag` its own, or that of the entry which it closes.
    """

    order_id: int
    symbol: str
    price: float
    is_maker: bool
    origin: Origin | None
    tag: str = ""


def settle_entry(floor: TradingFloor, trade: Execution, intent: OrderIntent, sized: Sized) -> Fill:
    """Settle an entry: fee = notional x percent / 100, margin = notional / leverage."""
    fee = sized.notional * (floor.fee_percent(trade.symbol, trade.is_maker) / 100.0)
    distance = intent.stop_distance(trade.price)
    risk = None if distance is None else distance * sized.coins
    return _settle(floor, trade, intent.sign, sized.coins, fee, "entry", sized.notional / intent.leverage, risk)


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
    return (_settle(floor, trade, -held.sign, size, fee, why),)


def _settle(
    floor: TradingFloor,
    trade: Execution,
    sign: int,
    size: float,
    fee: float,
    purpose: FillPurpose,
    margin: float = 0.0,
    risk: float | None = None,
) -> Fill:
    """Apply a fill to the account, cancel what a position that is gone leaves behind, and publish it."""
    order_id, symbol, price, is_maker, origin, tag = trade
    now = floor.clock.now()
    side: Literal["buy", "sell"] = "buy" if sign > 0 else "sell"
    fill = Fill(now, order_id, symbol, side, size, price, fee, purpose, margin, origin, risk, tag, is_maker)
    floor.account.apply(fill)
    if symbol not in floor.account.state.holdings:
        for order in floor.pending.going_with_position(symbol):
            if order.has_lost(-sign):
                floor.cancel(order, reasons.POSITION_GONE)
    floor.spend(symbol, size)
    floor.traded.add(now, size * price)
    floor.fills.append(fill)
    floor.tell(fill)
    return fill
