"""The desk of the exchange that handles what closes an entry by itself."""

from __future__ import annotations

from ..contract import ExitReason, OrderKind
from ..kernel import Fill
from .bracket import Bracket, ExitOrder, Exits, LegOrder
from .bracket_legs import BracketLegs
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent
from .settlement import Execution, settle_entry, settle_exit
from .sizing import Sized
from .time_stop import TimeStop
from .touch import Touch
from .trailing_stop import TrailingStop


class BracketDesk:
    """Makes the exits of entries, and fills those that were touched."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        self.ambiguous: set[tuple[str, int]] = set()

    def enter(self, trade: Execution, intent: OrderIntent, sized: Sized) -> tuple[Fill, ...]:
        """Settle an entry (none, if its size is 0), and watch its exits, if it has any."""
        if sized.coins <= 0.0:
            return ()
        entry = settle_entry(self._floor, trade, intent, sized)
        if intent.has_exits:
            self._watch_exits(intent, entry)
        return (entry,)

    def _watch_exits(self, intent: OrderIntent, entry: Fill) -> None:
        floor, config = self._floor, self._floor.config
        exits = Exits(intent.symbol, intent.sign, entry.size, entry.timestamp)
        tp_id, sl_id = floor.next_id(), floor.next_id()
        percent, holding_ms = intent.trailing_percent, intent.holding_ms
        extension_id = 0 if percent is None and holding_ms is None else floor.next_id()
        orders, trailing = _leg_orders(intent, tp_id, sl_id), None
        if percent is not None:
            orders[ExitReason.TRAILING_STOP] = LegOrder(OrderKind.TRAILING_STOP, extension_id)
            trailing = TrailingStop(intent.sign, percent, entry.price, entry.timestamp, intent.take_profit)
        if orders:
            legs = BracketLegs(intent, config.intrabar, config.fill_on == "through")
            exits.orders.append(Bracket(tp_id, self._fill_bracket, exits, orders, legs, trailing))
        if holding_ms is not None:
            due, is_shown = entry.timestamp + holding_ms, trailing is None
            exits.orders.append(TimeStop(extension_id, self._fill_time_stop, exits, due, is_shown))
        for order in exits.orders:
            for leg in order.leg_ids():
                floor.lives.move(leg, OrderEvent.ARM)
            floor.watch(order)

    def _fill_bracket(self, bracket: Bracket, touch: Touch) -> None:
        """Close what the bracket and the position both have; a gapped limit stop rests instead. What a volume cap
        leaves over is watched on from the next span.
        """
        floor, leg = self._floor, bracket.orders[touch.why]
        if touch.rest:
            bracket.legs.stop_rests = True
            floor.lives.move(leg.order_id, OrderEvent.REST)
            floor.watch(bracket, touch.place)
            return
        if touch.ambiguous:
            self.ambiguous.add((bracket.symbol, touch.due_ms))
        base = floor.history(bracket.symbol).base
        kline = base.first_opening(touch.due_ms) if touch.at_open else base.finished(touch.due_ms) - 1
        trade = Execution(leg.order_id, bracket.symbol, touch.price, leg.price is not None, None)
        if self._leaves(bracket, trade, touch.why, kline):
            floor.watch(bracket, touch.place + 1)

    def _fill_time_stop(self, order: TimeStop, touch: Touch) -> None:
        """Close at the price of the moment. Without a usable one it waits for the close of the next kline; so does what
        a volume cap leaves over.
        """
        floor, now = self._floor, self._floor.clock.now()
        price, base = floor.trade_price(order.symbol), floor.history(order.symbol).base
        if price is not None:
            trade = Execution(order.order_id, order.symbol, price, False, None)
            if not self._leaves(order, trade, touch.why, base.finished(now) - 1):
                return
        place = base.first_opening(now)
        if place < len(base.columns):
            order.due_ms = base.columns.open_ms.item(place) + base.period_ms
            floor.watch(order)
        else:
            floor.pending.put(order)

    def _leaves(self, order: ExitOrder, trade: Execution, why: ExitReason, kline: int) -> bool:
        """Close what the exits and the position both have, in a kline, as far as its volume goes. Tell whether that
        leaves something to the order; if not, the other exits are cancelled.
        """
        floor, exits, symbol = self._floor, order.exits, order.symbol
        whole = min(exits.size, floor.account.state.holdings[symbol].size)
        size = min(whole, floor.most_coins(symbol, kline))
        if not trade.is_maker:
            trade = trade._replace(price=floor.slipped(symbol, -exits.sign, size, trade.price))
        if size < whole:
            floor.lives.move(trade.order_id, OrderEvent.FILL_PART)
            exits.size = whole - size
        else:
            self._cancel(exits, trade.order_id)
            floor.lives.move(trade.order_id, OrderEvent.FILL)
        settle_exit(floor, trade, size, why)
        return size < whole and order in floor.pending

    def _cancel(self, exits: Exits, filled: int) -> None:
        """Cancel the exits of an entry, all but the one that filled."""
        for order in exits.orders:
            self._floor.pending.remove(order)
            for leg in order.leg_ids():
                if leg != filled:
                    self._floor.lives.move(leg, OrderEvent.CANCEL)


def _leg_orders(intent: OrderIntent, tp_id: int, sl_id: int) -> dict[ExitReason, LegOrder]:
    target, stop = intent.take_profit, intent.stop_loss
    orders = {}
    if target is not None:
        kind = OrderKind.TAKE_PROFIT_LIMIT if intent.limit_tp else OrderKind.TAKE_PROFIT_MARKET
        orders[ExitReason.TAKE_PROFIT] = LegOrder(kind, tp_id, target if intent.limit_tp else None, target)
    if stop is not None:
        kind = OrderKind.STOP_LIMIT if intent.limit_sl else OrderKind.STOP_MARKET
        orders[ExitReason.STOP_LOSS] = LegOrder(kind, sl_id, stop if intent.limit_sl else None, stop)
    return orders
