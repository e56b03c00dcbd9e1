"""The desk of the exchange that keeps limit orders in the book and fills them."""

from __future__ import annotations

from .. import reasons
from ..account import Holding
from .bracket_desk import BracketDesk
from .floor import ROUNDING, TradingFloor
from .lifecycle import OrderEvent, OrderResult, OrderState
from .orders import LimitOrder, OrderIntent, Touch, WorkingOrder
from .settlement import Execution, settle_exit
from .sizing import Sizing


class LimitDesk:
    """Places limit orders and fills each at its limit when the market has come to it."""

    def __init__(self, floor: TradingFloor, sizing: Sizing, brackets: BracketDesk) -> None:
        self._floor, self._sizing, self._brackets = floor, sizing, brackets

    def place(self, order_id: int, intent: OrderIntent, sign: int) -> OrderResult:
        """Size an order with the balance of now and let it rest."""
        coins = self._coins(intent, sign)
        if isinstance(coins, str):
            return self._floor.reject(order_id, intent.symbol, coins)
        self.cancel_opposite(intent.symbol, sign)
        self.rest(order_id, intent, sign, coins)
        return OrderResult(order_id, OrderState.RESTING)

    def _coins(self, intent: OrderIntent, sign: int) -> float | str:
        floor = self._floor
        held = floor.account.state.holdings.get(intent.symbol)
        limit = intent.limit(sign)
        assert limit is not None
        if intent.sign == 0:
            assert held is not None
            return self._sizing.closing(intent, held) or reasons.SIZE_TOO_SMALL
        problem = intent.bracket_side_problem(limit)
        if problem is not None:
            return problem
        available = floor.account.available()
        if held is not None and held.sign != sign:
            available += held.margin  # the fill closes that position first
        sized = self._sizing.opening(intent, available, limit, True)
        return sized if isinstance(sized, str) else sized.coins

    def rest(self, order_id: int, intent: OrderIntent, sign: int, coins: float) -> None:
        """Let an order of a known size (an opening: without what it closes first) rest from now on."""
        now, through = self._floor.clock.now(), self._floor.config.fill_on == "through"
        self._floor.lives.move(order_id, OrderEvent.REST)
        self._floor.watch(LimitOrder(order_id, self._fill, intent, sign, coins, now, through))

    def work(self, order_id: int, intent: OrderIntent, sign: int, coins: float) -> None:
        """Let what a volume cap has left of an order that takes go on at the close of each following kline."""
        now, klines = self._floor.clock.now(), self._floor.history(intent.symbol).base
        self._floor.lives.move(order_id, OrderEvent.REST)
        self._floor.watch(WorkingOrder(order_id, self._go_on, intent, sign, coins, now, False, klines))

    def cancel_opposite(self, symbol: str, sign: int) -> None:
        """Cancel the symbol's orders on the other side: a decision the other way has arrived."""
        for order in self._floor.pending.opposing(symbol, sign):
            self._floor.cancel(order, reasons.OPPOSITE_DECISION)

    def _fill(self, order: LimitOrder, touch: Touch) -> None:
        """Fill an order at its limit, as maker."""
        limit = order.limit
        assert limit is not None
        left = self._trade(order, Execution(order.order_id, order.symbol, limit, True, order.intent.origin))
        if left:
            self._floor.watch(order, touch.place + 1)

    def _go_on(self, order: WorkingOrder, _: Touch) -> None:
        """Fill an order that works on at the price of the moment, as taker, if that is within its limit."""
        floor, symbol = self._floor, order.symbol
        price = floor.trade_price(symbol)
        assert price is not None  # a kline has closed right now
        price = floor.slipped(symbol, order.sign, floor.fillable(symbol, order.coins), price)
        trade = Execution(order.order_id, symbol, price, False, order.intent.origin)
        if not order.intent.limit_met(order.sign, price) or self._trade(order, trade):
            floor.watch(order)

    def _trade(self, order: LimitOrder, trade: Execution) -> bool:
        """Fill an order as far as the kline's volume goes; tell whether something is left of it."""
        floor, held = self._floor, self._floor.account.state.holdings.get(order.symbol)
        floor.pending.remove(order)
        left = self._open_with(order, trade, held) if order.intent.sign else self._close_with(order, trade, held)
        if left is None:
            return False
        left = floor.instrument(order.symbol).nearest_size(left)
        if left <= ROUNDING * order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL)
            return False
        if left < order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL_PART)
        order.coins = left
        return True

    def _close_with(self, order: LimitOrder, trade: Execution, held: Holding | None) -> float:
        size = min(order.coins, 0.0 if held is None else held.size)
        filled = self._floor.fillable(order.symbol, size)
        settle_exit(self._floor, trade, filled)
        return size - filled if order.symbol in self._floor.account.state.holdings else 0.0

    def _open_with(self, order: LimitOrder, trade: Execution, held: Holding | None) -> float | None:
        """Close an opposite position, open the rest; return the coins left, or None when the order was cancelled. What
        the balance does not allow is left to an order that works on, and cut off one that rests.
        """
        floor, intent = self._floor, order.intent
        if held is not None and held.sign != order.sign:
            settle_exit(floor, trade, floor.fillable(order.symbol, held.size))
            if order.symbol in floor.account.state.holdings:
                return order.coins
        whole = self._sizing.opening(intent, floor.account.available(), trade.price, trade.is_maker, order.coins)
        if isinstance(whole, str):
            if order.works_on and whole in reasons.OF_SIZE:
                return order.coins
            floor.reject(order.order_id, order.symbol, whole, OrderEvent.CANCEL)
            return None
        sized = self._sizing.fillable(whole, intent.symbol, trade.price)
        self._brackets.enter(trade, intent, sized)
        return (order.coins if order.works_on else whole.coins) - sized.coins
