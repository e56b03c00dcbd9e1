"""The desk of the exchange that fills at once: market orders, and limit orders that take."""

from __future__ import annotations

from typing import NamedTuple

from .. import reasons
from ..account import Holding
from ..kernel import Fill
from .bracket_desk import BracketDesk
from .floor import ROUNDING, TradingFloor
from .groups import Groups
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_desk import LimitDesk
from .orders import OrderIntent, Touch, TriggerOrder, WaitingOrder
from .settlement import Execution, settle_exit
from .sizing import Sizing


class _Taking(NamedTuple):
    """An order that takes, and at what price."""

    trade: Execution
    intent: OrderIntent
    sign: int


class MarketDesk:
    """Judges an order against the price of the moment, and fills it, lets it wait, or hands it over to rest."""

    def __init__(
        self, floor: TradingFloor, sizing: Sizing, brackets: BracketDesk, limits: LimitDesk, groups: Groups
    ) -> None:
        self._floor, self._sizing, self._brackets, self._limits = floor, sizing, brackets, limits
        self._groups = groups

    def wait(self, order_id: int, intent: OrderIntent) -> OrderResult:
        """Let an order wait for the next kline: for its open, or for its mean price."""
        floor, config = self._floor, self._floor.config
        now, at_open, history = floor.clock.now(), config.execution_price == "open", floor.history(intent.symbol)
        floor.lives.move(order_id, OrderEvent.WAIT)
        floor.watch(WaitingOrder(order_id, self._fill_waiting, intent, now, history, now + config.stale_ms, at_open))
        return OrderResult(order_id, OrderState.WAITING)

    def _fill_waiting(self, order: WaitingOrder, touch: Touch) -> None:
        self._floor.pending.remove(order)
        if order.kline is None:
            self._floor.reject(order.order_id, order.symbol, reasons.NO_PRICE, tag=order.tag)
        else:
            self.trade(order.order_id, order.intent_at(self._floor.clock.now()), order.price())

    def arm(self, order_id: int, intent: OrderIntent, price: float) -> OrderResult:
        """Let an order wait until the market, which is at `price`, comes to its trigger; where it is there already the
        order trades at once.
        """
        floor, trigger = self._floor, intent.handling.trigger
        assert trigger is not None
        now, marks = floor.clock.now(), floor.watches_marks(intent.symbol)
        if marks:
            price = floor.margin_price(intent.symbol, now)
        if trigger == price:
            return self.trade(order_id, intent, price)
        held = floor.account.state.holdings.get(intent.symbol)
        sign = intent.sign or -(intent.handling.closes or (held.sign if held is not None else 0))
        floor.lives.move(order_id, OrderEvent.ARM)
        floor.watch(TriggerOrder(order_id, self._fill_triggered, intent, now, sign, trigger, trigger > price, marks))
        return OrderResult(order_id, OrderState.ARMED)

    def _fill_triggered(self, order: TriggerOrder, touch: Touch) -> None:
        """Let an order trade that the market has come to: at its trigger, or where the market jumped over it."""
        self._floor.pending.remove(order)
        self._groups.filled(order.order_id, order.intent, 1.0)
        self.trade(order.order_id, order.intent_at(self._floor.clock.now()), touch.price)

    def trade(self, order_id: int, intent: OrderIntent, price: float) -> OrderResult:
        """Trade at the price of the moment. Everything that can refuse the order is asked before anything changes."""
        floor = self._floor
        held = floor.account.state.holdings.get(intent.symbol)
        if intent.sign == 0 and not _closes(intent, held):
            return floor.reject(order_id, intent.symbol, reasons.NOTHING_TO_CLOSE, tag=intent.origin.tag)
        sign = intent.sign or -held.sign  # type: ignore[union-attr]
        available = floor.account.available() if intent.sign else 0.0
        wanted = self._sizing.wanted(intent, held, price, available)
        fill_price = floor.slipped(intent.symbol, sign, wanted, price)
        may_rest = intent.may_rest(sign)
        if not intent.limit_met(sign, fill_price):
            if may_rest:
                return self._limits.place(order_id, intent, sign)
            return floor.reject(order_id, intent.symbol, reasons.LIMIT_NOT_MET, tag=intent.origin.tag)
        if may_rest and intent.terms == "alo":
            return floor.reject(order_id, intent.symbol, reasons.WOULD_TAKE, tag=intent.origin.tag)
        trade = Execution(order_id, intent.symbol, fill_price, False, intent.origin, intent.origin.tag)
        taking = _Taking(trade, intent, sign)
        if held is None or held.sign == intent.sign:
            return self._enter(taking, available)
        if intent.sign == 0:
            return self._close(taking, held, self._sizing.closing(intent, held, fill_price))
        return self._net(taking, held) if intent.is_exact else self._reverse(taking, held, wanted)

    def _close(self, taking: _Taking, held: Holding, size: float) -> OrderResult:
        if size <= 0.0:
            return self._refused(taking, reasons.SIZE_TOO_SMALL)
        filled = self._floor.fillable(taking.intent.symbol, size)
        if filled <= 0.0 and _is_immediate(taking):
            return self._refused(taking, reasons.VOLUME_CAP)
        self._limits.cancel_opposite(taking.intent, taking.sign)
        return self._finish(taking, settle_exit(self._floor, taking.trade, filled), size - filled)

    def _net(self, taking: _Taking, held: Holding) -> OrderResult:
        """Reduce what is held the other way by the order's size, and open what that is more."""
        floor, intent, price = self._floor, taking.intent, taking.trade.price
        coins = self._sizing.exact(intent, price)
        left = floor.instrument(intent.symbol).nearest_size(coins - held.size)
        if left <= ROUNDING * coins:
            return self._close(taking, held, coins)
        problem = intent.bracket_side_problem(price) or self._sizing.netting_refusal(intent, held, price, left, False)
        if problem is not None:
            return self._refused(taking, problem)
        filled = floor.fillable(intent.symbol, held.size)
        if filled <= 0.0 and _is_immediate(taking):
            return self._refused(taking, reasons.VOLUME_CAP)
        fills = settle_exit(floor, taking.trade, filled)
        if intent.symbol in floor.account.state.holdings:
            return self._finish(taking, fills, coins - filled)
        return self._enter(taking._replace(intent=intent.sized(left)), floor.account.available(), fills)

    def _reverse(self, taking: _Taking, held: Holding, wanted: float) -> OrderResult:
        """Close all that is held the other way, then open on the new balance."""
        floor, intent, price = self._floor, taking.intent, taking.trade.price
        problem = intent.bracket_side_problem(price) or self._sizing.reversal_refusal(intent, held, price)
        if problem is not None:
            return self._refused(taking, problem)
        filled = floor.fillable(intent.symbol, held.size)
        if filled <= 0.0 and _is_immediate(taking):
            return self._refused(taking, reasons.VOLUME_CAP)
        self._limits.cancel_opposite(intent, taking.sign)
        fills = settle_exit(floor, taking.trade, filled)
        if intent.symbol in floor.account.state.holdings:
            return self._finish(taking, fills, wanted - held.size)
        return self._enter(taking, floor.account.available(), fills)

    def _enter(self, taking: _Taking, available: float, fills: tuple[Fill, ...] = ()) -> OrderResult:
        intent, price = taking.intent, taking.trade.price
        netted = sum([fill.size for fill in fills]) if intent.is_exact else 0.0
        problem = intent.bracket_side_problem(price)
        whole = problem or self._sizing.opening(intent, available, price, False, netted=netted)
        if isinstance(whole, str):
            return self._refused(taking, whole, fills)
        sized = self._sizing.fillable(whole, intent.symbol, price)
        if sized.coins <= 0.0 and _is_immediate(taking):
            return self._refused(taking, reasons.VOLUME_CAP, fills)
        self._limits.cancel_opposite(intent, taking.sign)
        fills += self._brackets.enter(taking.trade, intent, sized)
        return self._finish(taking, fills, whole.coins - sized.coins)

    def _refused(self, taking: _Taking, reason: str, fills: tuple[Fill, ...] = ()) -> OrderResult:
        """Refuse the order; after a fill that is the rest of it."""
        order_id, event = taking.trade.order_id, OrderEvent.REJECT
        if fills:
            self._floor.lives.move(order_id, OrderEvent.FILL_PART)
            event = OrderEvent.CANCEL
        return self._floor.reject(order_id, taking.intent.symbol, reason, event, fills, taking.intent.origin.tag)

    def _finish(self, taking: _Taking, fills: tuple[Fill, ...], left: float) -> OrderResult:
        """End an order that left nothing; what a volume cap left over works on, or is cancelled with terms "ioc"."""
        floor, intent, order_id = self._floor, taking.intent, taking.trade.order_id
        left = floor.instrument(intent.symbol).nearest_size(left)
        if fills and intent.handling.group:
            filled = sum([fill.size for fill in fills])
            self._groups.filled(order_id, intent, filled / (filled + max(left, 0.0)))
        if left <= 0.0:
            floor.lives.move(order_id, OrderEvent.FILL)
            return OrderResult(order_id, OrderState.FILLED, fills=fills)
        if _is_immediate(taking):
            return self._refused(taking, reasons.VOLUME_CAP, fills)
        if fills:
            floor.lives.move(order_id, OrderEvent.FILL_PART)
        self._limits.work(order_id, intent, taking.sign, left)
        return OrderResult(order_id, OrderState.RESTING, fills=fills)


def _is_immediate(taking: _Taking) -> bool:
    """Tell whether what a volume cap leaves of an order is cancelled, and does not work on."""
    return taking.intent.terms == "ioc" and taking.intent.limit(taking.sign) is not None


def _closes(intent: OrderIntent, held: Holding | None) -> bool:
    """Tell whether there is anything that a closing order may close."""
    return held is not None and intent.handling.closes in (0, held.sign)
