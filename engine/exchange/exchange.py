"""The execution simulator: takes decisions as orders and fills them, at once or when what is pending comes due."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from simpy import Event

from .. import reasons
from ..config import BacktestConfig
from ..contract import Decision, Order
from ..errors import SimulationError
from ..instants import utc_text
from ..kernel import (
    Alarm,
    AskedFunctions,
    ExchangePaused,
    ExchangeResumed,
    Moment,
    OrderSubmitted,
    Phase,
    TriggerEvent,
    is_reason,
)
from ..plain_values import shown
from ..venue.models import CompleteModels
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .groups import Groups
from .lifecycle import OrderEvent, OrderResult, OrderState
from .limit_desk import LimitDesk
from .market_desk import MarketDesk
from .orders import REQUESTS, OrderInFlight, OrderIntent, PendingOrder, judge, judge_request
from .request_desk import RequestDesk
from .risk_limits import RiskLimits
from .sizing import Sizing
from .venue_desk import VenueDesk


@dataclass(eq=False, repr=False)
class ExecutionSimulator(TradingFloor):
    """The exchange of one account, known to its clock as `name`. Orders queue and are granted in order of time; within
    an instant in the order of submission.

    ``result = yield exchange.submit(decision)`` gives the submitting process its `OrderResult`. What is pending is
    settled by the order watcher, which sleeps on `alarm` until the next instant at which something is due.
    """

    name: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock.register(self.name)
        self._halted = self._pause_reason = ""
        self._priority = -1  # of orders that arrive: known when the first does
        #: What the account's own limits refused, what exits and groups did, and what the venue does by itself.
        self.risk = RiskLimits(self)
        self.brackets = BracketDesk(self)
        self.venue = VenueDesk(self)
        self.groups = Groups(self)
        sizing = Sizing(self, self.risk)
        self._limits = LimitDesk(self, sizing, self.brackets, self.groups)
        self._market = MarketDesk(self, sizing, self.brackets, self._limits, self.groups)
        self._requests = RequestDesk(self, self.brackets, self._limits)
        #: Rings when something pending is due.
        self.alarm: Alarm = self.pending.alarm
        #: When the last pause ended (epoch ms): klines that opened earlier are not seen any more.
        self.resumed_at = 0
        self.orders_submitted = 0
        #: When the decision was made (epoch ms) of the order that is being taken just now; None at other times.
        self.acts_for: int | None = None
        #: Returns everything that is pending now, oldest first; a bracket shows as one order for each leg.
        self.open_orders: Callable[[], tuple[Order, ...]] = self.pending.views
        #: Each is asked about every decision and its time (epoch ms); a text that it returns is why that is refused.
        self.checks = AskedFunctions[Callable[[Decision, int], str | None]](
            "sim.exchange.checks", "(decision, now_ms)", "a reason as a text, or None", is_reason
        )

    def configure(self, config: BacktestConfig, models: CompleteModels) -> None:
        """Let a configuration with these models hold from now on; see `Simulation.configure`."""
        self.config, self.models = config, models
        self.risk.follow()

    def reject_orders(self, reason: str) -> None:
        """Reject every order that arrives from now on with `reason`; what is pending stays."""
        if not isinstance(reason, str) or not reason:
            raise SimulationError(
                f"reject_orders: {shown(reason)} is no reason: give a text, which orders come back with"
            )
        self._halted = reason

    def accept_orders(self) -> None:
        """Undo `reject_orders`."""
        self._halted = ""

    @property
    def paused_at(self) -> int | None:
        """Since when the exchange has been paused (epoch ms); None when it is not."""
        return self.pending.paused_at

    @property
    def pause_reason(self) -> str:
        """Why the exchange is paused, "" when it is not."""
        return self._pause_reason

    def pause(self, reason: str) -> None:
        """Stand still until `resume`: nothing fills, and every order that arrives is rejected with `reason`.

        The klines of the pause are not seen: nothing triggers, trails or liquidates in them. What a kline had touched
        that closed when the pause began still fills at that instant. Funding goes on. Raises `SimulationError` when the
        exchange is paused already.
        """
        if not isinstance(reason, str):
            raise SimulationError(f"pause: {shown(reason)} is no reason: give a text, which orders come back with")
        if self.paused_at is not None:
            raise SimulationError(
                f"the exchange has been paused since {utc_text(self.paused_at)} already: resume() comes first"
            )
        self._pause_reason = reason or reasons.PAUSED
        self.pending.paused_at = self.clock.now()
        self.bus.publish(ExchangePaused(self.clock.now(), reason))

    def resume(self) -> None:
        """Go on after a pause. The price of now is judged first (a stop that it has gapped over fills at it), then the
        klines that open from now on. Raises `SimulationError` when the exchange is not paused.
        """
        began, now = self.paused_at, self.clock.now()
        if began is None:
            raise SimulationError("the exchange is not paused: there is nothing to resume, pause(reason) comes first")
        self._pause_reason, self.resumed_at, self.is_resuming = "", now, True
        self.pending.resume()
        for symbol in self.config.symbols:
            price = self.trade_price(symbol)
            self.keep_spans(symbol, False, self.spans(symbol).without(began, now, price))
            if self.watches_marks(symbol):
                marks, seen = self.spans(symbol, marks=True), self.margin_price(symbol, now)
                self.keep_spans(symbol, True, marks.without(began, now, price, seen))
        for order in self.pending:
            if order.symbol in self.config.symbols:  # an order in flight may name anything
                self.watch(order)
        self.bus.publish(ExchangeResumed(now, began))

    def submit(
        self,
        decision: Decision,
        trigger: TriggerEvent | None = None,
        at_ms: int | None = None,
        reduce_only: bool = False,
    ) -> Event:
        """Queue a decision as an order that arrives at `at_ms` (default: now) and return the event of its result.

        With `reduce_only` it closes what is held the other way, and opens nothing. Raises `SimulationError` when that
        time has passed, and for what is no `Decision`.
        """
        if not isinstance(decision, Decision):
            raise SimulationError(
                f"submit: {shown(decision)} is no Decision: write Decision('buy', 'BTC', "
                "target_portion_of_balance=0.5, leverage=1), and submit several one by one"
            )
        if trigger is not None and not isinstance(trigger, TriggerEvent):
            raise SimulationError(f"submit: trigger {shown(trigger)} is no TriggerEvent: leave it out")
        now = self.clock.now()
        return self._arrival(now if at_ms is None else at_ms, OrderInFlight(0, decision, trigger, now, reduce_only))

    def send(
        self, decision: Decision, trigger: TriggerEvent | None, delay_ms: int, reduce_only: bool = False
    ) -> OrderResult:
        """Send a decision that arrives `delay_ms` later, as it is now; nobody waits for it. `reduce_only` is as in
        `submit`.
        """
        now = self.clock.now()
        order = OrderInFlight(self.next_id(), copy(decision), trigger, now, reduce_only)
        self.lives.move(order.order_id, OrderEvent.SEND)
        self.pending.put(order)
        self._arrival(now + delay_ms, order)
        return OrderResult(order.order_id, OrderState.IN_FLIGHT)

    def _arrival(self, at_ms: int, order: OrderInFlight) -> Event:
        if self._priority < 0:
            self._priority = self.clock.priority(Phase.ORDERS, self.name)
        moment = Moment(self.clock, self._priority, order)  # what `Clock.at` does, but for the priority
        moment.schedule(at_ms)
        moment.callbacks.append(self._arrive)
        return moment

    def _arrive(self, event: Event) -> None:
        assert isinstance(event, Moment)
        order = event._value
        self.acts_for = order.sent_at
        try:
            event._value = self._take(order)
        finally:
            self.acts_for = None

    def _take(self, order: OrderInFlight) -> OrderResult | None:
        """Take an order in; None when it was cancelled on its way."""
        if not order.order_id:
            order.order_id = self.next_id()
        elif order in self.pending:
            self.pending.remove(order)
        else:
            return None
        order_id, decision = order.order_id, order.decision
        self.orders_submitted += 1
        self.is_resuming = False
        if self.bus.hears(OrderSubmitted):
            self.bus.publish(OrderSubmitted(self.clock.now(), order_id, order.symbol, decision.action()))
        refusal = self._refusal(decision, order.reduce_only)
        if refusal:
            return self._refuse(order, refusal)
        operation = decision.action()
        if operation in REQUESTS:
            request = judge_request(decision, self.config)
            if isinstance(request, str):
                return self._refuse(order, request)
            return self._requests.carry_out(order_id, request)
        intent = judge(decision, operation, self.config, order.trigger, order.sent_at)
        if order.reduce_only and not isinstance(intent, str):
            intent = self._reducing(intent)
        return self._refuse(order, intent) if isinstance(intent, str) else self._judged(order_id, intent)

    def _refuse(self, order: OrderInFlight, reason: str) -> OrderResult:
        """Reject an order for what its decision says, or for when it comes."""
        return self.reject(order.order_id, order.symbol, reason, tag=order.tag)

    def _refusal(self, decision: Decision, reduces_only: bool) -> str | None:
        """Return why no decision, or not this one, is taken now, or a false value."""
        refusal: str | None = (self.is_over and reasons.END_OF_RUN) or self._pause_reason or self._halted
        if not refusal and self.checks:
            now = self.clock.now()
            refusal = next(filter(None, (check(decision, now) for check in self.checks)), "")
        asks_limits = self.risk.refuses_decisions and not reduces_only
        return refusal or (self.risk.refusal(decision) if asks_limits else None)

    def _reducing(self, intent: OrderIntent) -> OrderIntent | str:
        held = self.account.state.holdings.get(intent.symbol)
        is_opposite = held is not None and held.sign == -intent.sign
        return intent.closing() if is_opposite else reasons.NOTHING_TO_CLOSE

    def _judged(self, order_id: int, intent: OrderIntent) -> OrderResult:
        symbol, instrument = intent.symbol, self.instrument(intent.symbol)
        held = self.account.state.holdings.get(symbol)
        if intent.sign == 0 and held is None and not intent.may_come_first:
            return self._nothing_to_close(order_id, intent)
        if intent.leverage > instrument.max_leverage:
            self.resized(order_id, "most-leverage", intent.leverage, instrument.max_leverage, "x")
            return self.reject(order_id, symbol, reasons.VENUE_LEVERAGE, tag=intent.origin.tag)
        if instrument.rounds_prices:
            given, intent = intent, intent.rounded(instrument)
            for before, after in zip(given.prices, intent.prices, strict=True):
                if before is not None and after is not None and before != after:
                    self.resized(order_id, "whole-ticks", before, after, "USD a coin")
            if 0.0 in intent.prices:
                return self.reject(order_id, symbol, reasons.BAD_PRICE, tag=intent.origin.tag)
        result = self._placed(order_id, intent)
        if intent.handling.cancels and result.status is not OrderState.REJECTED:
            self._requests.cancel_working(symbol, order_id)
        return result

    def _placed(self, order_id: int, intent: OrderIntent) -> OrderResult:
        if intent.handling.trigger is None and self.config.execution_price != "close":
            return self._market.wait(order_id, intent)
        price = self.trade_price(intent.symbol)
        if price is None:
            return self.reject(order_id, intent.symbol, reasons.STALE_PRICE, tag=intent.origin.tag)
        if intent.handling.trigger is None:
            return self._market.trade(order_id, intent, price)
        return self._market.arm(order_id, intent, price)

    def _nothing_to_close(self, order_id: int, intent: OrderIntent) -> OrderResult:
        """Refuse a close without a position, unless it cancels the symbol's orders, and there are any."""
        if intent.handling.cancels and self._requests.cancel_working(intent.symbol, order_id):
            self.lives.move(order_id, OrderEvent.CARRY_OUT)
            return OrderResult(order_id, OrderState.CARRIED_OUT)
        return self.reject(order_id, intent.symbol, reasons.NOTHING_TO_CLOSE, tag=intent.origin.tag)

    @property
    def changes(self) -> int:
        """How often something pending was put or filled: a watcher sees by it that its ring has moved something."""
        return self.pending.changes + len(self.fills)

    def place(self, order: PendingOrder) -> None:
        """Put a pending order of any kind: it is watched from now on, and filled when it is touched.

        Its `order_id` comes from `next_id`. Raises `SimulationError` in a pause, and when it is there already.
        """
        if not callable(getattr(order, "next_touch", None)):
            raise SimulationError(f"place: {shown(order)} is no PendingOrder: submit(decision) takes a Decision")
        if self.paused_at is not None:
            raise SimulationError(f"order {order.order_id} cannot be placed: {self._pause_reason}")
        if order in self.pending:
            raise SimulationError(f"order {order.order_id} is pending already")
        self.lives.move(order.order_id, OrderEvent.ARM)
        self.watch(order)

    def execute(self, order: PendingOrder, decision: Decision, price: float) -> OrderResult:
        """Let an order that was touched trade as a decision does, at `price` (USD, before slippage). It is pending no
        more.
        """
        self.pending.remove(order)
        intent = judge(decision, decision.action(), self.config, None, self.clock.now())
        if isinstance(intent, str):
            return self.reject(order.order_id, order.symbol, intent, OrderEvent.CANCEL)
        return self._market.trade(order.order_id, intent, price)

    def finish(self) -> None:
        """End the run: nothing fills any more. Orders in flight, waiting or resting are cancelled and counted as
        rejections; the exits of positions stay as they are.
        """
        self.is_over = True
        for order in self.pending:
            if order.is_counted:
                self.cancel(order, reasons.END_OF_RUN)
