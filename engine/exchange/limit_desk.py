"""The desk of the exchange that keeps limit orders in the book and fills them."""

from __future__ import annotations

from .. import reasons
from ..account import Holding
from .bracket_desk import BracketDesk
from .floor import ROUNDING, TradingFloor
from .groups import Groups
from .lifecycle import OrderEvent, OrderResult, OrderState
from .orders import LimitOrder, OrderIntent, Touch, WorkingOrder
from .settlement import Execution, settle_exit
from .sizing import Sizing

_OF_BALANCE = (reasons.NO_BALANCE, reasons.NOT_AFFORDABLE)


class LimitDesk:
    """Places limit orders and fills each at its limit when the market has come to it."""

    def __init__(self, floor: TradingFloor, sizing: Sizing, brackets: BracketDesk, groups: Groups) -> None:
        self._floor, self._sizing, self._brackets, self._groups = floor, sizing, brackets, groups

    def place(self, order_id: int, intent: OrderIntent, sign: int) -> OrderResult:
        """Size an order with the balance of now and let it rest."""
        limit = intent.limit(sign)
        assert limit is not None
        coins = self.coins_at(intent, sign, limit, order_id)
        if isinstance(coins, str):
            return self._floor.reject(order_id, intent.symbol, coins, tag=intent.origin.tag)
        self.cancel_opposite(intent, sign)
        self.rest(order_id, intent, sign, coins)
        return OrderResult(order_id, OrderState.RESTING)

    def coins_at(self, intent: OrderIntent, sign: int, price: float, order_id: int = 0) -> float | str:
        """Return how many coins an order is that is to fill at a price, with the balance of now, or why it cannot."""
        floor = self._floor
        held = floor.account.state.holdings.get(intent.symbol)
        if intent.sign == 0:
            assert held is not None
            return self._sizing.closing(intent, held, price, order_id) or reasons.SIZE_TOO_SMALL
        problem = intent.bracket_side_problem(price)
        if problem is not None:
            return problem
        if intent.is_exact and held is not None and held.sign != sign:
            return self._netting_coins(intent, held, price, order_id)
        available = floor.account.available()
        if held is not None and held.sign != sign:
            available += held.margin  # the fill closes that position first
        sized = self._sizing.opening(intent, available, price, True, order_id=order_id)
        return sized if isinstance(sized, str) else sized.coins

    def _netting_coins(self, intent: OrderIntent, held: Holding, limit: float, order_id: int) -> float | str:
        """Return the coins of an order of a given size that reduces what is held the other way first."""
        coins = self._sizing.exact(intent, limit, order_id)
        problem = None
        if coins > held.size * (1.0 + ROUNDING):
            problem = self._sizing.netting_refusal(intent, held, limit, coins - held.size, True, order_id)
        return problem or coins or reasons.SIZE_TOO_SMALL

    def rest(self, order_id: int, intent: OrderIntent, sign: int, coins: float) -> None:
        """Let an order of a known size (an opening: without what it closes first) rest from now on."""
        now, through = self._floor.clock.now(), self._floor.config.fill_on == "through"
        self._floor.lives.move(order_id, OrderEvent.REST)
        order = LimitOrder(order_id, self._fill, intent, now, sign, coins, through)
        self._floor.notes.placed(order, now)
        self._floor.watch(order)

    def work(self, order_id: int, intent: OrderIntent, sign: int, coins: float) -> None:
        """Let what a volume cap has left of an order that takes go on at the close of each following kline."""
        now, klines = self._floor.clock.now(), self._floor.history(intent.symbol).base
        self._floor.lives.move(order_id, OrderEvent.REST)
        self._floor.watch(WorkingOrder(order_id, self._go_on, intent, now, sign, coins, False, klines))

    def cancel_opposite(self, intent: OrderIntent, sign: int) -> None:
        """Cancel the symbol's orders on the other side: a decision the other way came, if it does not stand alone."""
        opposing = self._floor.pending.opposing(intent.symbol, sign)
        if opposing and not intent.stands_alone:
            for order in opposing:
                self._floor.cancel(order, reasons.OPPOSITE_DECISION)

    def _fill(self, order: LimitOrder, touch: Touch) -> None:
        """Fill an order at its limit, as maker."""
        limit = order.limit
        assert limit is not None
        if self._trade(order, self._execution(order, limit, True)):
            self._floor.watch(order, touch.place + 1)

    def _execution(self, order: LimitOrder, price: float, is_maker: bool) -> Execution:
        origin = order.intent.origin
        return Execution(order.order_id, order.symbol, order.sign, price, is_maker, origin, origin.tag)

    def amend_problem(self, order: LimitOrder, asks_more: bool) -> str | None:
        """Return why an order cannot be what it is to be, or None; one that asks for no more than before needs no more
        balance than there is.
        """
        takes = self.would_take(order)
        if takes and order.intent.terms == "alo":
            return reasons.WOULD_TAKE
        price = self._taking_price(order) if takes else order.limit
        assert price is not None
        coins = self.coins_at(order.intent.sized(order.coins), order.sign, price)
        is_problem = isinstance(coins, str) and (asks_more or coins not in _OF_BALANCE)
        return coins if is_problem and isinstance(coins, str) else None

    def take(self, order: LimitOrder) -> bool:
        """Fill an order whose limit the price of the moment meets, as taker; tell whether something is left of it."""
        price = self._taking_price(order)
        return price is not None and self._trade(order, self._execution(order, price, False))

    def would_take(self, order: LimitOrder) -> bool:
        """Tell whether the price of the moment meets the limit of an order."""
        price = self._taking_price(order)
        return price is not None and order.intent.limit_met(order.sign, price)

    def _taking_price(self, order: LimitOrder) -> float | None:
        price = self._floor.trade_price(order.symbol)
        if price is None:
            return None
        return self._floor.slipped(order.symbol, order.sign, self._floor.fillable(order.symbol, order.coins), price)

    def _go_on(self, order: WorkingOrder, _: Touch) -> None:
        """Fill an order that works on at the price of the moment, as taker, if that is within its limit."""
        price = self._taking_price(order)
        assert price is not None  # a kline has closed right now
        if not order.intent.limit_met(order.sign, price) or self._trade(order, self._execution(order, price, False)):
            self._floor.watch(order)

    def _trade(self, order: LimitOrder, trade: Execution) -> bool:
        """Fill an order as far as the kline's volume goes; tell whether something is left of it."""
        floor, held = self._floor, self._floor.account.state.holdings.get(order.symbol)
        floor.pending.remove(order)
        left = self._open_with(order, trade, held) if order.intent.sign else self._close_with(order, trade, held)
        if left is None:
            return False
        left = floor.instrument(order.symbol).nearest_size(left)
        self._groups.filled(order.order_id, order.intent, 1.0 - left / order.coins)
        if left <= ROUNDING * order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL)
            return False
        if left < order.coins:
            floor.lives.move(order.order_id, OrderEvent.FILL_PART)
        order.coins = left
        return True

    def _close_with(self, order: LimitOrder, trade: Execution, held: Holding | None) -> float:
        size = min(order.coins, 0.0 if held is None else held.size)
        if order.coins > size * (1.0 + ROUNDING):
            self._floor.resized(order.order_id, "no-more-than-held", order.coins, size)
        filled = self._floor.fillable(order.symbol, size, order.order_id)
        settle_exit(self._floor, trade, filled)
        return size - filled if order.symbol in self._floor.account.state.holdings else 0.0

    def _open_with(self, order: LimitOrder, trade: Execution, held: Holding | None) -> float | None:
        """Close an opposite position, open the rest; return the coins left, or None when the order was cancelled. What
        the balance does not allow is left to an order that works on, and cut off one that rests.
        """
        floor, intent, coins = self._floor, order.intent, order.coins
        if held is not None and held.sign != order.sign:
            most = min(held.size, coins) if intent.is_exact else held.size
            filled = floor.fillable(order.symbol, most, order.order_id)
            settle_exit(floor, trade, filled)
            if intent.is_exact:
                coins -= filled
            if filled < most or coins <= ROUNDING * order.coins or order.symbol in floor.account.state.holdings:
                return coins
        available, order_id = floor.account.available(), order.order_id
        whole = self._sizing.opening(intent, available, trade.price, trade.is_maker, coins, order_id=order_id)
        if isinstance(whole, str):
            if order.works_on and whole in reasons.OF_SIZE:
                return coins
            self._groups.filled(order.order_id, intent, 1.0 - coins / order.coins)  # what has only reduced
            floor.reject(order.order_id, order.symbol, whole, OrderEvent.CANCEL, tag=order.tag)
            return None
        sized = self._sizing.fillable(whole, intent.symbol, trade.price, order_id)
        self._brackets.enter(trade, intent, sized)
        return (coins if order.works_on else whole.coins) - sized.coins
