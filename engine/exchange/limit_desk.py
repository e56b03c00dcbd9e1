"""The desk of the exchange that keeps limit orders in the book and fills them."""

from __future__ import annotations

from ..account import Holding
from . import reasons
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_order import LimitOrder
from .settlement import Execution, settle_exit
from .sizing import Sizing
from .touch import Touch


class LimitDesk:
    """Places limit orders and fills each at its limit when the market has come to it."""

    def __init__(self, floor: TradingFloor, sizing: Sizing, brackets: BracketDesk) -> None:
        self._floor, self._sizing, self._brackets = floor, sizing, brackets

    def place(self, order_id: int, intent: OrderIntent, sign: int) -> OrderResult:
        """Size an order with the balance of now and let it rest."""
        coins = self._coins(intent, sign)
        if isinstance(coins, str):
            return self._floor.reject(order_id, intent.symbol, coins)
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
        """Let an order of a known size rest from now on."""
        floor = self._floor
        limit, through = intent.limit(sign), floor.config.fill_on == "through"
        assert limit is not None
        floor.lives.move(order_id, OrderEvent.REST)
        floor.watch(LimitOrder(order_id, self._fill, intent, sign, limit, coins, floor.clock.now(), through))

    def cancel_opposite(self, symbol: str, sign: int) -> None:
        """Cancel the symbol's orders on the other side: a decision the other way has arrived."""
        for order in self._floor.pending:
            if order.symbol == symbol and order.opposes(sign):
                self._floor.cancel(order, reasons.OPPOSITE_DECISION)

    def _fill(self, order: LimitOrder, touch: Touch) -> None:
        """Fill an order at its limit, as far as the kline's volume goes; the rest goes on resting."""
        floor = self._floor
        held = floor.account.state.holdings.get(order.symbol)
        most = floor.most_coins(order.symbol, floor.history(order.symbol).base.finished(touch.due_ms) - 1)
        floor.pending.remove(order)
        left = self._open_with(order, held, most) if order.intent.sign else self._close_with(order, held, most)
        if left is None:
            return
        if left <= 0.0:
            floor.lives.move(order.order_id, OrderEvent.FILL)
            return
        if left < order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL_PART)
        order.coins = left
        floor.watch(order, touch.place + 1)

    def _trade(self, order: LimitOrder) -> Execution:
        return Execution(order.order_id, order.symbol, order.limit, True, order.intent.origin)

    def _close_with(self, order: LimitOrder, held: Holding | None, most: float) -> float:
        size = min(order.coins, 0.0 if held is None else held.size)
        settle_exit(self._floor, self._trade(order), min(size, most))
        return size - min(size, most) if order.symbol in self._floor.account.state.holdings else 0.0

    def _open_with(self, order: LimitOrder, held: Holding | None, most: float) -> float | None:
        """Close an opposite position, open the rest; return the coins left, or None when the order was cancelled."""
        floor, intent = self._floor, order.intent
        if held is not None and held.sign != order.sign:
            closing = min(held.size, most)
            settle_exit(floor, self._trade(order), closing)
            most -= closing
            if order.symbol in floor.account.state.holdings:
                return order.coins
        whole = self._sizing.opening(intent, floor.account.available(), order.limit, True, order.coins)
        if isinstance(whole, str):
            floor.reject(order.order_id, order.symbol, whole, OrderEvent.CANCEL)
            return None
        sized = self._sizing.at_most(whole, most, intent.symbol, order.limit)
        self._brackets.enter(self._trade(order), intent, sized)
        return whole.coins - sized.coins
