"""The desk of the exchange that fills at once: market orders, and limit orders that take."""

from __future__ import annotations

from typing import NamedTuple

from ..account import Holding
from ..kernel import Fill
from . import reasons
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_desk import LimitDesk
from .settlement import Execution, settle_exit
from .sizing import Sizing
from .touch import Touch
from .waiting import WaitingOrder


class _Taking(NamedTuple):
    """An order that takes: at what price, how many coins the kline gives, and how many were asked for."""

    trade: Execution
    intent: OrderIntent
    sign: int
    most: float
    wanted: float


class MarketDesk:
    """Judges an order against the price of the moment, and fills it, lets it wait, or hands it over to rest."""

    def __init__(self, floor: TradingFloor, sizing: Sizing, brackets: BracketDesk, limits: LimitDesk) -> None:
        self._floor, self._sizing, self._brackets, self._limits = floor, sizing, brackets, limits

    def wait(self, order_id: int, intent: OrderIntent) -> OrderResult:
        """Let an order wait for the next kline: for its open, or for its mean price."""
        floor, config = self._floor, self._floor.config
        now, at_open, history = floor.clock.now(), config.execution_price == "open", floor.history(intent.symbol)
        floor.lives.move(order_id, OrderEvent.WAIT)
        floor.watch(WaitingOrder(order_id, self._fill_waiting, intent, history, now, now + config.stale_ms, at_open))
        return OrderResult(order_id, OrderState.WAITING)

    def _fill_waiting(self, order: WaitingOrder, touch: Touch) -> None:
        self._floor.pending.remove(order)
        if order.kline is None:
            self._floor.reject(order.order_id, order.symbol, reasons.NO_PRICE)
        else:
            self.trade(order.order_id, order.intent, order.price(), order.kline)

    def trade(self, order_id: int, intent: OrderIntent, price: float, kline: int | None = None) -> OrderResult:
        """Trade at the price of the moment, in a kline (by default the last one that has closed)."""
        floor = self._floor
        held = floor.account.state.holdings.get(intent.symbol)
        if intent.sign == 0 and held is None:
            return floor.reject(order_id, intent.symbol, reasons.NOTHING_TO_CLOSE)
        sign = intent.sign or -held.sign  # type: ignore[union-attr]
        available = floor.account.available() if intent.sign else 0.0
        wanted = self._sizing.wanted(intent, held, price, available)
        fill_price = floor.slipped(intent.symbol, sign, wanted, price)
        may_rest = intent.may_rest(sign)
        if not intent.limit_met(sign, fill_price):
            if may_rest:
                return self._limits.place(order_id, intent, sign)
            return floor.reject(order_id, intent.symbol, reasons.LIMIT_NOT_MET)
        if may_rest and intent.terms == "alo":
            return floor.reject(order_id, intent.symbol, reasons.WOULD_TAKE)
        trade = Execution(order_id, intent.symbol, fill_price, False, intent.origin)
        taking = _Taking(trade, intent, sign, floor.most_coins(intent.symbol, kline), wanted)
        return self._enter(taking, held, available) if held is None or intent.sign else self._close(taking, held)

    def _close(self, taking: _Taking, held: Holding) -> OrderResult:
        size = self._sizing.closing(taking.intent, held)
        if size <= 0.0:
            return self._refused(taking, reasons.SIZE_TOO_SMALL)
        filled = min(size, taking.most)
        return self._finish(taking, settle_exit(self._floor, taking.trade, filled), size - filled)

    def _enter(self, taking: _Taking, held: Holding | None, available: float) -> OrderResult:
        floor, intent, price, most = self._floor, taking.intent, taking.trade.price, taking.most
        problem = intent.bracket_side_problem(price)
        if problem is not None:
            return self._refused(taking, problem)
        fills: tuple[Fill, ...] = ()
        if held is not None and held.sign != intent.sign:
            closing = min(held.size, most)
            fills = settle_exit(floor, taking.trade, closing)
            if intent.symbol in floor.account.state.holdings:
                return self._finish(taking, fills, taking.wanted - closing)
            most -= closing
            available = floor.account.available()
        whole = self._sizing.opening(intent, available, price, False)
        if isinstance(whole, str):
            return self._refused(taking, whole, fills)
        sized = self._sizing.at_most(whole, most, intent.symbol, price)
        fills += self._brackets.enter(taking.trade, intent, sized)
        return self._finish(taking, fills, whole.coins - sized.coins)

    def _refused(self, taking: _Taking, reason: str, fills: tuple[Fill, ...] = ()) -> OrderResult:
        """Refuse the order; after a fill that is the rest of it."""
        order_id, event = taking.trade.order_id, OrderEvent.REJECT
        if fills:
            self._floor.lives.move(order_id, OrderEvent.FILL_PART)
            event = OrderEvent.CANCEL
        return self._floor.reject(order_id, taking.intent.symbol, reason, event, fills)

    def _finish(self, taking: _Taking, fills: tuple[Fill, ...], left: float) -> OrderResult:
        """End an order that left nothing; what a volume cap left over rests, or is cancelled."""
        floor, intent, order_id = self._floor, taking.intent, taking.trade.order_id
        if left <= 0.0:
            floor.lives.move(order_id, OrderEvent.FILL)
            return OrderResult(order_id, OrderState.FILLED, fills=fills)
        if intent.may_rest(taking.sign):
            if fills:
                floor.lives.move(order_id, OrderEvent.FILL_PART)
            self._limits.rest(order_id, intent, taking.sign, left)
            return OrderResult(order_id, OrderState.RESTING, fills=fills)
        return self._refused(taking, reasons.VOLUME_CAP, fills)
