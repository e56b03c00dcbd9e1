"""The desk of the exchange that keeps limit orders in the book and fills them."""

from __future__ import annotations

from ..account import Holding
from ..contract import ExitReason
from ..market.series import first_beyond
from . import reasons
from .bracket import Touch
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent
from .limit_order import RestingOrder
from .order_result import OrderResult
from .settlement import Settlement
from .sizing import ROUNDING, Sizing


class RestingDesk:
    """Places limit orders, finds the span of time that trades through each, and fills it at its limit."""

    def __init__(self, floor: TradingFloor, settlement: Settlement, sizing: Sizing, brackets: BracketDesk) -> None:
        self._floor, self._settlement, self._sizing, self._brackets = floor, settlement, sizing, brackets

    def place(self, order_id: int, intent: OrderIntent, sign: int) -> OrderResult:
        """Size an order with the balance of now and let it rest."""
        coins = self._coins(intent, sign)
        if isinstance(coins, str):
            return self._floor.reject(order_id, intent.symbol, coins)
        self.rest(order_id, intent, sign, coins)
        return OrderResult(order_id, "resting")

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
        if available <= ROUNDING * floor.account.equity():
            return reasons.NO_BALANCE
        sized = self._sizing.opening(intent, available, limit, floor.fee_rate(intent.symbol, is_maker=True))
        return sized if isinstance(sized, str) else sized[0]

    def rest(self, order_id: int, intent: OrderIntent, sign: int, coins: float) -> None:
        """Let an order of a known size rest from now on."""
        floor = self._floor
        floor.lives.move(order_id, OrderEvent.REST)
        limit = intent.limit(sign)
        assert limit is not None
        now = floor.clock.now()
        order = RestingOrder(order_id, intent, sign, limit, coins, now)
        spans = floor.history(intent.symbol).watch(floor.config.watch_period)
        self._watch(order, spans.first_from(now))

    def _watch(self, order: RestingOrder, start: int) -> None:
        floor, sell = self._floor, order.sign < 0
        spans = floor.history(order.symbol).watch(floor.config.watch_period)
        column, stop = spans.high if sell else spans.low, spans.first_after(floor.end_ms)
        place = first_beyond(column, order.limit, sell, floor.config.fill_on == "through", start, stop)
        if place < 0:
            floor.pending.keep(order)
        else:
            due = spans.end_ms.item(place)
            floor.pending.put(order, due, False, Touch(due, place, "limit", order.limit, False))

    def cancel_opposite(self, intent: OrderIntent, sign: int) -> None:
        """Cancel the symbol's orders on the other side: a decision the other way has arrived."""
        floor = self._floor
        for order in floor.pending.items(RestingOrder, intent.symbol):
            if order.sign == -sign:
                floor.pending.remove(order)
                floor.reject(order.order_id, order.symbol, reasons.OPPOSITE_DECISION, OrderEvent.CANCEL)

    def fill(self, order: RestingOrder, touch: Touch) -> None:
        """Fill an order at its limit, as far as the kline's volume goes; the rest goes on resting."""
        floor = self._floor
        floor.pending.remove(order)
        held = floor.account.state.holdings.get(order.symbol)
        base = floor.history(order.symbol).base
        most = floor.most_coins(order.symbol, base.finished(max(touch.due_ms, 0)) - 1)
        left = self._close_with(order, held, most) if order.reduce_only else self._open_with(order, held, most)
        if left is None:
            return
        if left <= 0.0:
            floor.lives.move(order.order_id, OrderEvent.FILL)
            return
        if left < order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL_PART)
        again = RestingOrder(order.order_id, order.intent, order.sign, order.limit, left, order.placed_at)
        self._watch(again, touch.place + 1)

    def _exit(self, order: RestingOrder, size: float) -> None:
        if size > 0.0:
            fee_rate = self._floor.fee_rate(order.symbol, is_maker=True)
            origin = order.intent.origin
            self._settlement.exit(
                order.order_id, order.symbol, size, order.limit, fee_rate, ExitReason.DECISION, origin
            )

    def _close_with(self, order: RestingOrder, held: Holding | None, most: float) -> float:
        size = min(order.coins, 0.0 if held is None else held.size)
        self._exit(order, min(size, most))
        return size - min(size, most) if order.symbol in self._floor.account.state.holdings else 0.0

    def _open_with(self, order: RestingOrder, held: Holding | None, most: float) -> float | None:
        """Close an opposite position, open the rest; return the coins left, or None when the order was cancelled."""
        floor, intent = self._floor, order.intent
        if held is not None and held.sign != order.sign:
            closing = min(held.size, most)
            self._exit(order, closing)
            most -= closing
            if order.symbol in floor.account.state.holdings:
                return order.coins
        available = floor.account.available()
        fee_rate = floor.fee_rate(order.symbol, is_maker=True)
        sized: tuple[float, float] | str = reasons.NO_BALANCE
        if available > ROUNDING * floor.account.equity():
            sized = self._sizing.opening(intent, available, order.limit, fee_rate, order.coins)
        if isinstance(sized, str):
            floor.reject(order.order_id, order.symbol, sized, OrderEvent.CANCEL)
            return None
        size, notional = sized
        left = 0.0
        if size > most:
            capped = floor.instrument(order.symbol).rounded_size(most)
            size, notional, left = capped, capped * order.limit, size - capped
        if size > 0.0:
            self._settlement.enter(order.order_id, intent, size, notional, order.limit, fee_rate)
            self._brackets.add(intent, size, order.limit)
        return left
