"""The desk of the exchange that fills at once: market orders, and limit orders that take."""

from __future__ import annotations

from typing import NamedTuple

from ..account import Holding
from ..contract import ExitReason
from ..kernel import Fill
from . import reasons
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .intent import OrderIntent
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_desk import LimitDesk
from .settlement import Execution, Settlement
from .sizing import ROUNDING, Sizing
from .touch import Touch
from .waiting import WaitingOrder


class _Taking(NamedTuple):
    """An order that takes: its fill price, how many coins the kline gives, and how many were asked for."""

    order_id: int
    intent: OrderIntent
    sign: int
    price: float
    most: float
    wanted: float

    def trade(self) -> Execution:
        """Return it as what trades now."""
        return Execution(self.order_id, self.intent.symbol, self.price, False, self.intent.origin)


class MarketDesk:
    """Judges an order against the price of the moment, and fills it, lets it wait, or hands it over to rest."""

    def __init__(
        self, floor: TradingFloor, settlement: Settlement, sizing: Sizing, brackets: BracketDesk, limits: LimitDesk
    ) -> None:
        self._floor, self._settlement, self._sizing = floor, settlement, sizing
        self._brackets, self._limits = brackets, limits

    def wait(self, order_id: int, intent: OrderIntent) -> OrderResult:
        """Let an order wait for the next kline: for its open, or for its mean price."""
        floor = self._floor
        now, at_open = floor.clock.now(), floor.config.execution_price == "open"
        history, latest = floor.history(intent.symbol), now + floor.config.stale_ms
        floor.lives.move(order_id, OrderEvent.WAIT)
        floor.watch(WaitingOrder(order_id, intent, history, now, latest, at_open, self._fill_waiting))
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
        takes = intent.limit_met(sign, fill_price)
        if not takes or intent.terms == "alo":
            problem = self._not_taken(intent, sign, takes)
            if problem is not None:
                return floor.reject(order_id, intent.symbol, problem)
            if not takes:
                return self._limits.place(order_id, intent, sign)
        most = floor.most_coins(intent.symbol, kline)
        taking = _Taking(order_id, intent, sign, fill_price, most, wanted)
        return (
            self._close(taking, held) if held is not None and not intent.sign else self._enter(taking, held, available)
        )

    def _not_taken(self, intent: OrderIntent, sign: int, takes: bool) -> str | None:
        """Return why an order that does not take, or must not, is refused; None when it rests, or is a market order."""
        if not intent.may_rest(sign):
            return None if takes else reasons.LIMIT_NOT_MET
        return reasons.WOULD_TAKE if takes else None

    def _close(self, taking: _Taking, held: Holding) -> OrderResult:
        floor, intent = self._floor, taking.intent
        size = self._sizing.closing(intent, held)
        if size <= 0.0:
            return floor.reject(taking.order_id, intent.symbol, reasons.SIZE_TOO_SMALL)
        filled = min(size, taking.most)
        fills = self._exit(taking, filled)
        left = size - filled
        return self._finish(taking, fills, left)

    def _exit(self, taking: _Taking, size: float) -> tuple[Fill, ...]:
        if size <= 0.0:
            return ()
        return (self._settlement.exit(taking.trade(), size, ExitReason.DECISION),)

    def _enter(self, taking: _Taking, held: Holding | None, available: float) -> OrderResult:
        floor, intent = self._floor, taking.intent
        problem = intent.bracket_side_problem(taking.price)
        if problem is not None:
            return floor.reject(taking.order_id, intent.symbol, problem)
        fills: tuple[Fill, ...] = ()
        if held is not None and held.sign != intent.sign:
            closing = min(held.size, taking.most)
            fills = self._exit(taking, closing)
            if intent.symbol in floor.account.state.holdings:
                return self._finish(taking, fills, taking.wanted - closing)
            taking = taking._replace(most=taking.most - closing)
            available = floor.account.available()
        return self._open(taking, available, fills)

    def _open(self, taking: _Taking, available: float, fills: tuple[Fill, ...]) -> OrderResult:
        floor, intent = self._floor, taking.intent
        if available <= ROUNDING * floor.account.equity():
            return self._refused(taking, reasons.NO_BALANCE, fills)
        fee_rate = floor.fee_rate(intent.symbol)
        whole = self._sizing.opening(intent, available, taking.price, fee_rate)
        if isinstance(whole, str):
            return self._refused(taking, whole, fills)
        sized = self._sizing.at_most(whole, taking.most, intent.symbol, taking.price)
        if sized.coins > 0.0:
            fill = self._settlement.enter(taking.trade(), intent.sign, intent.leverage, sized)
            self._brackets.add(intent, fill)
            fills = (*fills, fill)
        return self._finish(taking, fills, whole.coins - sized.coins)

    def _refused(self, taking: _Taking, reason: str, fills: tuple[Fill, ...]) -> OrderResult:
        """Refuse the opening; after a closing fill that is the rest of the order."""
        event = OrderEvent.REJECT
        if fills:
            self._floor.lives.move(taking.order_id, OrderEvent.FILL_PART)
            event = OrderEvent.CANCEL
        return self._floor.reject(taking.order_id, taking.intent.symbol, reason, event, fills)

    def _finish(self, taking: _Taking, fills: tuple[Fill, ...], left: float) -> OrderResult:
        """End an order that left nothing; what a volume cap left over rests, or is cancelled."""
        floor, intent, order_id = self._floor, taking.intent, taking.order_id
        if left <= 0.0:
            floor.lives.move(order_id, OrderEvent.FILL)
            return OrderResult(order_id, OrderState.FILLED, fills=fills)
        if intent.may_rest(taking.sign):
            if fills:
                floor.lives.move(order_id, OrderEvent.FILL_PART)
            self._limits.rest(order_id, intent, taking.sign, left)
            return OrderResult(order_id, OrderState.RESTING, fills=fills)
        return self._refused(taking, reasons.VOLUME_CAP, fills)
