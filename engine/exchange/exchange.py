"""The execution simulator: takes decisions as orders and fills them, at once or when what is pending comes due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from typing import NamedTuple

from simpy import Event

from ..account import VirtualAccount
from ..config import BacktestConfig
from ..contract import Decision, Order
from ..errors import SimulationError
from ..kernel import (
    Alarm,
    Bus,
    Clock,
    ExchangePaused,
    ExchangeResumed,
    Fill,
    Liquidated,
    Moment,
    OrderSubmitted,
    Phase,
    RiskLimitHit,
    TriggerEvent,
)
from ..market import MarketHistory
from ..venue import VenueRules
from ..venue.models import CompleteModels
from . import reasons
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .in_flight import OrderInFlight
from .intent import OrderIntent, judge
from .lifecycle import OrderEvent, OrderLives, OrderResult, OrderState
from .limit_desk import LimitDesk
from .liquidation import Breach, breach_now
from .market_desk import MarketDesk
from .pending import PendingOrder
from .risk_limits import RiskLimits
from .settlement import Settlement
from .sizing import Sizing
from .venue_desk import VenueDesk


class _Submission(NamedTuple):
    decision: Decision
    trigger: TriggerEvent | None
    decided_at: int
    sent: OrderInFlight | None = None


class ExecutionSimulator:
    """The exchange of one account. Orders queue and are granted in order of time; within an instant in the order
    of submission.

    ``result = yield exchange.submit(decision)`` gives the submitting process its `OrderResult`. What is pending is
    settled by the order watcher, which sleeps on `alarm` until the next instant at which something is due.
    """

    def __init__(
        self,
        clock: Clock,
        bus: Bus,
        market: MarketHistory,
        account: VirtualAccount,
        config: BacktestConfig,
        name: str,
        models: CompleteModels,
        rules: VenueRules,
    ) -> None:
        self._clock, self._bus, self._account, self._config = clock, bus, account, config
        self._name = name
        clock.register(name)
        self._symbols = frozenset(config.symbols)
        self._halted = self._pause_reason = ""
        self._is_over = False
        self.rules = rules
        self._floor = floor = TradingFloor(clock, bus, market, account, config, models, rules)
        self.margins = floor.margins
        self._risk = RiskLimits(clock, bus, account, config, floor.pending.views, floor.price_at)
        settlement, sizing = Settlement(floor), Sizing(floor, self._risk)
        self._brackets = BracketDesk(floor, settlement)
        self._limits = LimitDesk(floor, settlement, sizing, self._brackets)
        self._market = MarketDesk(floor, settlement, sizing, self._brackets, self._limits)
        self._venue = VenueDesk(floor, settlement, lambda: self._settle(closes_only=True))
        self._rounds = {symbol for symbol in config.symbols if floor.instrument(symbol).rounds_prices}
        #: Rings when something pending is due.
        self.alarm: Alarm = floor.pending.alarm
        #: All fills so far; how many orders were refused or cancelled, by reason; where every order stands.
        self.fills: list[Fill] = floor.fills
        self.rejections: Counter[str] = floor.rejections
        self.lives: OrderLives = floor.lives
        #: What the venue closed, and what the account's own limits refused.
        self.liquidations: list[Liquidated] = self._venue.liquidations
        self.risk_hits: list[RiskLimitHit] = self._risk.hits
        #: When the last pause ended (epoch ms): klines that opened earlier are not seen any more.
        self.resumed_at = 0
        self.orders_submitted = 0
        #: Returns everything that is pending now, oldest first; a bracket shows as one order for each leg.
        self.open_orders: Callable[[], tuple[Order, ...]] = floor.pending.views
        #: Each is asked about every decision and its time (epoch ms); a text that it returns is why that is refused.
        self.checks: list[Callable[[Decision, int], str | None]] = []

    @property
    def shortfall(self) -> float:
        """By how much (USD) equity stood below zero after a liquidation."""
        return self._venue.shortfall

    @property
    def ambiguous_klines(self) -> int:
        """How many klines touched both legs of a bracket after opening between them."""
        return len(self._brackets.ambiguous)

    def reject_orders(self, reason: str) -> None:
        """Reject every order that arrives from now on with `reason`; what is pending stays."""
        self._halted = reason

    def accept_orders(self) -> None:
        """Undo `reject_orders`."""
        self._halted = ""

    @property
    def paused_at(self) -> int | None:
        """Since when the exchange has been paused (epoch ms); None when it is not."""
        return self._floor.pending.paused_at

    def pause(self, reason: str) -> None:
        """Stand still until `resume`: nothing fills, and every order that arrives is rejected with `reason`.

        The klines of the pause are not seen: nothing triggers, trails or liquidates in them. What a kline had touched
        that closed when the pause began still fills at that instant. Funding goes on. Raises `SimulationError` when the
        exchange is paused already.
        """
        if self.paused_at is not None:
            raise SimulationError(f"the exchange has been paused since {self.paused_at} already")
        self._pause_reason = reason or reasons.PAUSED
        self._floor.pause()
        self._bus.publish(ExchangePaused(self._clock.now(), reason))

    def resume(self) -> None:
        """Go on after a pause. The price of now is judged first (a stop that it has gapped over fills at it), then the
        klines that open from now on. Raises `SimulationError` when the exchange is not paused.
        """
        began = self.paused_at
        if began is None:
            raise SimulationError("the exchange is not paused: there is nothing to resume")
        self._pause_reason = ""
        self.resumed_at = self._clock.now()
        self._floor.resume()
        self._bus.publish(ExchangeResumed(self.resumed_at, began))

    def submit(self, decision: Decision, trigger: TriggerEvent | None = None, at_ms: int | None = None) -> Event:
        """Queue a decision as an order that arrives at `at_ms` (default: now) and return the event of its result.

        Raises `SimulationError` when that time has passed.
        """
        now = self._clock.now()
        moment = self._clock.at(
            now if at_ms is None else at_ms,
            Phase.ORDERS,
            self._clock.rank(self._name),
            _Submission(decision, trigger, now),
        )
        moment.callbacks.append(self._arrive)
        return moment

    def send(self, decision: Decision, trigger: TriggerEvent | None, delay_ms: int) -> OrderResult:
        """Send a decision that arrives `delay_ms` later, as it is now; nobody waits for it."""
        now = self._clock.now()
        order_id = self._floor.next_id()
        self._floor.lives.move(order_id, OrderEvent.SEND)
        order = OrderInFlight(order_id, copy(decision), trigger, now)
        self._floor.pending.put(order)
        moment = self._clock.at(
            now + delay_ms, Phase.ORDERS, self._clock.rank(self._name), _Submission(order.decision, trigger, now, order)
        )
        moment.callbacks.append(self._arrive)
        return OrderResult(order_id, OrderState.IN_FLIGHT)

    def delay_ms(self) -> int:
        """Return how long a decision that is sent now takes to arrive."""
        return self._floor.models.latency.delay_ms(self._clock.now())

    def _arrive(self, event: Event) -> None:
        assert isinstance(event, Moment)
        event._value = self._take(event._value)

    def _take(self, submission: _Submission) -> OrderResult | None:
        decision, trigger, decided_at, sent = submission
        floor, now = self._floor, self._clock.now()
        if sent is not None:
            if sent not in floor.pending:
                return None
            floor.pending.remove(sent)
        order_id = floor.next_id() if sent is None else sent.order_id
        self.orders_submitted += 1
        self._bus.publish(OrderSubmitted(now, order_id, str(decision.symbol), decision.action()))
        refusal = (
            (self._is_over and reasons.END_OF_RUN)
            or self._pause_reason
            or self._halted
            or next(filter(None, (check(decision, now) for check in self.checks)), "")
            or self._risk.refusal(decision)
        )
        if refusal:
            return floor.reject(order_id, str(decision.symbol), refusal)
        intent = judge(decision, self._config, self._symbols, trigger, decided_at)
        if isinstance(intent, str):
            return floor.reject(order_id, str(decision.symbol), intent)
        return self._judged(order_id, intent)

    def _judged(self, order_id: int, intent: OrderIntent) -> OrderResult:
        floor, symbol = self._floor, intent.symbol
        held = self._account.state.holdings.get(symbol)
        if intent.sign == 0 and held is None:
            return floor.reject(order_id, symbol, reasons.NOTHING_TO_CLOSE)
        if intent.leverage > floor.instrument(symbol).max_leverage:
            return floor.reject(order_id, symbol, reasons.VENUE_LEVERAGE)
        if symbol in self._rounds:
            intent = intent.rounded(floor.instrument(symbol))
        self._limits.cancel_opposite(symbol, intent.sign or -held.sign)  # type: ignore[union-attr]
        if self._config.execution_price != "close":
            return self._market.wait(order_id, intent)
        price = floor.trade_price(symbol)
        if price is None:
            return floor.reject(order_id, symbol, reasons.STALE_PRICE)
        return self._market.trade(order_id, intent, price)

    def settle_funding(self, symbol: str, rate: float) -> None:
        """Settle funding on an open position: a long pays rate x notional when `rate` is positive."""
        self._venue.settle_funding(symbol, rate)

    def liquidate(self, breach: Breach) -> None:
        """Close the positions of a breach at its prices, after the brackets that the same kline reached before; do
        nothing in a pause.
        """
        if not self._is_over and self._floor.pending.may_act(breach.at_open):
            self._venue.liquidate(breach)

    def breach_now(self) -> Breach | None:
        """Return whether the account stands at or below its maintenance margin at the prices of now."""
        floor, now = self._floor, self._clock.now()
        state = self._account.state
        prices = {symbol: floor.price_at(symbol, now) for symbol in state.holdings}
        return breach_now(state, floor.margins, prices, now)

    # What is pending.

    @property
    def changes(self) -> int:
        """How often something pending was put or filled: a watcher sees by it that its ring has moved something."""
        return self._floor.pending.changes + len(self._floor.fills)

    def next_id(self) -> int:
        """Return the id of a new order, for a kind of order of one's own."""
        return self._floor.next_id()

    def place(self, order: PendingOrder) -> None:
        """Put a pending order of any kind: it is watched from now on, and filled when it is touched.

        Its `order_id` comes from `next_id`. Raises `SimulationError` in a pause, and when it is there already.
        """
        if self.paused_at is not None:
            raise SimulationError(f"order {order.order_id} cannot be placed: {self._pause_reason}")
        if order in self._floor.pending:
            raise SimulationError(f"order {order.order_id} is pending already")
        self._floor.lives.move(order.order_id, OrderEvent.ARM)
        self._floor.watch(order)

    def watch(self, order: PendingOrder) -> None:
        """Find anew what happens next to a pending order, from now on."""
        self._floor.watch(order)

    def cancel(self, order: PendingOrder, reason: str) -> None:
        """Cancel a pending order; where that counts as a rejection, for this reason."""
        self._floor.cancel(order, reason)

    def execute(self, order: PendingOrder, decision: Decision, price: float) -> OrderResult:
        """Let an order that was touched trade as a decision does, at `price` (USD, before slippage). It is pending no
        more.
        """
        self._floor.pending.remove(order)
        intent = judge(decision, self._config, self._symbols, None, self._clock.now())
        if isinstance(intent, str):
            return self._floor.reject(order.order_id, order.symbol, intent, OrderEvent.CANCEL)
        return self._market.trade(order.order_id, intent, price)

    def settle(self) -> None:
        """Do everything that is due now, in the order of `PendingOrders`."""
        if not self._is_over:
            self._settle()

    def _settle(self, closes_only: bool = False) -> None:
        for order, touch in self._floor.pending.due_now(closes_only):
            order.fill(touch)

    def finish(self) -> None:
        """End the run: nothing fills any more. Orders in flight, waiting or resting are cancelled and counted as
        rejections; the exits of positions stay as they are.
        """
        self._is_over = True
        for order in self._floor.pending:
            if order.is_counted:
                self._floor.cancel(order, reasons.END_OF_RUN)
