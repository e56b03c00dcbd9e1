"""The desk of the exchange that fills at once: market orders, and limit orders that take."""

from __future__ import annotations

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
            self._floor.at_open = order.at_open
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
        order = TriggerOrder(order_id, self._fill_triggered, intent, now, sign, trigger, trigger > price, marks)
        floor.notes.placed(order, now)
        floor.watch(order)
        return OrderResult(order_id, OrderState.ARMED)

    def _fill_triggered(self, order: TriggerOrder, touch: Touch) -> None:
        """Let an order trade that the market has come to: at its trigger, or where the market jumped over it."""
        self._floor.pending.remove(order)
        self._groups.filled(order.order_id, order.intent, 1.0)
        self.trade(order.order_id, order.intent_at(self._floor.clock.now()), touch.price)

    def trade(self, order_id: int, intent: OrderIntent, price: float) -> OrderResult:
        """Trade at the price of the moment. Everything that can refuse the order is asked before anything changes."""
        floor, symbol, origin = self._floor, intent.symbol, intent.origin
        held = floor.account.state.holdings.get(symbol)
        if intent.sign == 0 and not _closes(intent, held):
            return floor.reject(order_id, symbol, reasons.NOTHING_TO_CLOSE, tag=origin.tag)
        sign = intent.sign or -held.sign  # type: ignore[union-attr]
        available = floor.account.available() if intent.sign else 0.0
        wanted = self._sizing.wanted(intent, held, price, available)
        fill_price = floor.slipped(symbol, sign, wanted, price)
        if intent.limit(sign) is not None:
            kept = self._kept_from_taking(order_id, intent, sign, fill_price)
            if kept is not None:
                return kept
        trade = Execution(order_id, symbol, sign, fill_price, False, origin, origin.tag)
        if held is None or held.sign == intent.sign:
            return self._enter(trade, intent, available)
        if intent.sign == 0:
            return self._close(trade, intent, held, self._sizing.closing(intent, held, fill_price, order_id))
        return self._net(trade, intent, held) if intent.is_exact else self._reverse(trade, intent, held, wanted)

    def _kept_from_taking(self, order_id: int, intent: OrderIntent, sign: int, price: float) -> OrderResult | None:
        """Return what becomes of an order whose limit keeps it from taking at a price, None for one that takes."""
        problem = reasons.LIMIT_NOT_MET
        if intent.limit_met(sign, price):
            if intent.terms != "alo":
                return None
            problem = reasons.WOULD_TAKE
        elif intent.terms != "ioc":
            return self._limits.place(order_id, intent, sign)
        return self._floor.reject(order_id, intent.symbol, problem, tag=intent.origin.tag)

    def _close(self, trade: Execution, intent: OrderIntent, held: Holding, size: float) -> OrderResult:
        if size <= ROUNDING * held.size:
            return self._refused(trade, reasons.SIZE_TOO_SMALL)
        filled = self._floor.fillable(trade.symbol, size, trade.order_id)
        if filled <= 0.0 and _is_immediate(trade, intent):
            return self._refused(trade, reasons.VOLUME_CAP)
        self._limits.cancel_opposite(intent, trade.sign)
        return self._finish(trade, intent, settle_exit(self._floor, trade, filled), size - filled)

    def _net(self, trade: Execution, intent: OrderIntent, held: Holding) -> OrderResult:
        """Reduce what is held the other way by the order's size, and open what that is more."""
        floor, price, symbol, order_id = self._floor, trade.price, trade.symbol, trade.order_id
        coins = self._sizing.exact(intent, price, order_id)
        left = floor.instrument(symbol).nearest_size(coins - held.size)
        if left <= ROUNDING * coins:
            return self._close(trade, intent, held, coins)
        problem = intent.bracket_side_problem(price) or self._sizing.netting_refusal(
            intent, held, price, left, False, order_id
        )
        if problem is not None:
            return self._refused(trade, problem)
        filled = floor.fillable(symbol, held.size, order_id)
        if filled <= 0.0 and _is_immediate(trade, intent):
            return self._refused(trade, reasons.VOLUME_CAP)
        fills = settle_exit(floor, trade, filled)
        if symbol in floor.account.state.holdings:
            return self._finish(trade, intent, fills, coins - filled)
        return self._enter(trade, intent.sized(left), floor.account.available(), fills)

    def _reverse(self, trade: Execution, intent: OrderIntent, held: Holding, wanted: float) -> OrderResult:
        """Close all that is held the other way, then open on the new balance."""
        floor, price, symbol, order_id = self._floor, trade.price, trade.symbol, trade.order_id
        problem = intent.bracket_side_problem(price) or self._sizing.reversal_refusal(intent, held, price, order_id)
        if problem is not None:
            return self._refused(trade, problem)
        filled = floor.fillable(symbol, held.size, order_id)
        if filled <= 0.0 and _is_immediate(trade, intent):
            return self._refused(trade, reasons.VOLUME_CAP)
        self._limits.cancel_opposite(intent, trade.sign)
        fills = settle_exit(floor, trade, filled)
        if symbol in floor.account.state.holdings:
            return self._finish(trade, intent, fills, wanted - held.size)
        return self._enter(trade, intent, floor.account.available(), fills)

    def _enter(
        self, trade: Execution, intent: OrderIntent, available: float, fills: tuple[Fill, ...] = ()
    ) -> OrderResult:
        price = trade.price
        netted = sum([fill.size for fill in fills]) if fills and intent.is_exact else 0.0
        problem = intent.bracket_side_problem(price)
        whole = problem or self._sizing.opening(intent, available, price, False, netted=netted, order_id=trade.order_id)
        if isinstance(whole, str):
            return self._refused(trade, whole, fills)
        sized = self._sizing.fillable(whole, trade.symbol, price, trade.order_id)
        if sized.coins <= 0.0 and _is_immediate(trade, intent):
            return self._refused(trade, reasons.VOLUME_CAP, fills)
        self._limits.cancel_opposite(intent, trade.sign)
        fills += self._brackets.enter(trade, intent, sized)
        return self._finish(trade, intent, fills, whole.coins - sized.coins)

    def _refused(self, trade: Execution, reason: str, fills: tuple[Fill, ...] = ()) -> OrderResult:
        """Refuse the order; after a fill that is the rest of it."""
        order_id, event = trade.order_id, OrderEvent.REJECT
        if fills:
            self._floor.lives.move(order_id, OrderEvent.FILL_PART)
            event = OrderEvent.CANCEL
        return self._floor.reject(order_id, trade.symbol, reason, event, fills, trade.tag)

    def _finish(self, trade: Execution, intent: OrderIntent, fills: tuple[Fill, ...], left: float) -> OrderResult:
        """End an order that left nothing; what a volume cap left over works on, or is cancelled with terms "ioc"."""
        floor, order_id = self._floor, trade.order_id
        if left:
            left = floor.instrument(trade.symbol).nearest_size(left)
        if fills and intent.handling.group:
            filled = sum([fill.size for fill in fills])
            self._groups.filled(order_id, intent, filled / (filled + max(left, 0.0)))
        if left <= 0.0:
            floor.lives.move(order_id, OrderEvent.FILL)
            return OrderResult(order_id, OrderState.FILLED, fills=fills)
        if _is_immediate(trade, intent):
            return self._refused(trade, reasons.VOLUME_CAP, fills)
        if fills:
            floor.lives.move(order_id, OrderEvent.FILL_PART)
        self._limits.work(order_id, intent, trade.sign, left)
        return OrderResult(order_id, OrderState.RESTING, fills=fills)


def _is_immediate(trade: Execution, intent: OrderIntent) -> bool:
    """Tell whether what a volume cap leaves of an order is cancelled, and does not work on."""
    return intent.terms == "ioc" and intent.limit(trade.sign) is not None


def _closes(intent: OrderIntent, held: Holding | None) -> bool:
    """Tell whether there is anything that a closing order may close."""
    return held is not None and intent.handling.closes in (0, held.sign)
