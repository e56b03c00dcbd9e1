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
from ..kernel import Alarm, Bus, Clock, Fill, Liquidated, Moment, OrderSubmitted, Phase, RiskLimitHit, TriggerEvent
from ..market import MarketHistory
from ..venue import VenueRules
from ..venue.models import CompleteModels
from . import reasons
from .bracket import Bracket
from .bracket_desk import BracketDesk
from .floor import TradingFloor
from .in_flight import OrderInFlight
from .intent import OrderIntent, judge
from .lifecycle import OrderEvent, OrderLives
from .limit_desk import RestingDesk
from .limit_order import RestingOrder
from .liquidation import Breach
from .market_desk import MarketDesk
from .order_result import OrderResult
from .pending import PendingItem
from .risk_limits import RiskLimits
from .settlement import Settlement
from .sizing import Sizing
from .venue_desk import VenueActions
from .waiting import WaitingOrder


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
        self._clock, self._bus, self._market, self._account, self._config = clock, bus, market, account, config
        self._name = name
        clock.register(name)
        self._symbols = frozenset(config.symbols)
        self._halted = ""
        self._is_over = False
        self.rules = rules
        self._floor = floor = TradingFloor(clock, bus, market, account, config, models, rules)
        self.margins = floor.margins
        self._risk = RiskLimits(clock, bus, account, config, floor.pending.views, self._price_at)
        self._settlement = Settlement(floor)
        sizing = Sizing(floor, self._risk)
        self._brackets = BracketDesk(floor, self._settlement)
        self._resting = RestingDesk(floor, self._settlement, sizing, self._brackets)
        self._desk = MarketDesk(floor, self._settlement, sizing, self._brackets, self._resting)
        self._venue = VenueActions(
            floor, self._settlement, self._brackets, self._resting, lambda: self._settle(closes_only=True)
        )
        self._rounds = {symbol for symbol in config.symbols if floor.instrument(symbol).rounds_prices}
        self.orders_submitted = 0
        #: Returns everything that is pending now, oldest first; a bracket shows as one order for each leg.
        self.open_orders: Callable[[], tuple[Order, ...]] = floor.pending.views
        self.checks: list[Callable[[Decision, int], str | None]] = []

    def _price_at(self, symbol: str, time_ms: int) -> float:
        return self._market.symbols[symbol].price(time_ms, self._config.mark_stale_ms) or 0.0

    @property
    def alarm(self) -> Alarm:
        """Rings when something pending is due."""
        return self._floor.pending.alarm

    @property
    def fills(self) -> list[Fill]:
        """All fills so far."""
        return self._floor.fills

    @property
    def rejections(self) -> Counter[str]:
        """How many orders were refused or cancelled, by reason."""
        return self._floor.rejections

    @property
    def lives(self) -> OrderLives:
        """Where every order stands."""
        return self._floor.lives

    @property
    def liquidations(self) -> list[Liquidated]:
        """What the venue closed."""
        return self._venue.liquidations

    @property
    def shortfall(self) -> float:
        """By how much (USD) equity stood below zero after a liquidation."""
        return self._venue.shortfall

    @property
    def risk_hits(self) -> list[RiskLimitHit]:
        """What the risk limits refused."""
        return self._risk.hits

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
        self._floor.pending.keep(order)
        moment = self._clock.at(
            now + delay_ms,
            Phase.ORDERS,
            self._clock.rank(self._name),
            _Submission(order.decision, trigger, now, order),
        )
        moment.callbacks.append(self._arrive)
        return OrderResult(order_id, "in flight")

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
            if sent.cancelled:
                return None
            floor.pending.remove(sent)
        order_id = floor.next_id() if sent is None else sent.order_id
        self.orders_submitted += 1
        self._bus.publish(OrderSubmitted(now, order_id, str(decision.symbol), decision.action()))
        refusal = (
            (self._is_over and reasons.END_OF_RUN)
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
        self._resting.cancel_opposite(intent, intent.sign or -held.sign)  # type: ignore[union-attr]
        if self._config.execution_price != "close":
            return self._wait(order_id, intent)
        history = self._market.symbols[symbol]
        price = history.trade_price(self._clock.now(), self._config.mark_stale_ms, self._config.stale_ms)
        if price is None:
            return floor.reject(order_id, symbol, reasons.STALE_PRICE)
        return self._desk.trade(order_id, intent, price)

    def settle_funding(self, symbol: str, rate: float) -> None:
        """Settle funding on an open position: a long pays rate x notional when `rate` is positive."""
        self._venue.settle_funding(symbol, rate)

    def liquidate(self, breach: Breach) -> None:
        """Close the positions of a breach at its prices, after the brackets that the same kline reached before."""
        if not self._is_over:
            self._venue.liquidate(breach)

    # What is pending.

    def _wait(self, order_id: int, intent: OrderIntent) -> OrderResult:
        now = self._clock.now()
        series = self._market.symbols[intent.symbol].base
        index: int | None = series.first_opening(now)
        due, at_open = now + self._config.stale_ms, True
        if index is not None and index < len(series.columns) and series.columns.open_ms[index] <= due:
            at_open = self._config.execution_price == "open"
            due = int(series.columns.open_ms[index]) + (0 if at_open else series.period_ms)
        else:
            index = None
        self._floor.lives.move(order_id, OrderEvent.WAIT)
        self._floor.pending.put(WaitingOrder(order_id, intent, now, index), due, at_open)
        return OrderResult(order_id, "waiting")

    def settle(self) -> None:
        """Do everything that is due now, in the order of `PendingOrders`."""
        if not self._is_over:
            self._settle()

    def _settle(self, closes_only: bool = False) -> None:
        for item, touch in self._floor.pending.due_now(closes_only):
            if isinstance(item, Bracket):
                assert touch is not None
                self._brackets.fill(item, touch)
            elif isinstance(item, RestingOrder):
                assert touch is not None
                self._resting.fill(item, touch)
            elif isinstance(item, WaitingOrder):
                self._fill_waiting(item)

    def _fill_waiting(self, order: WaitingOrder) -> None:
        floor = self._floor
        floor.pending.remove(order)
        if order.kline is None:
            floor.reject(order.order_id, order.symbol, reasons.NO_PRICE)
            return
        price = order.price(self._market.symbols[order.symbol], self._config.execution_price)
        self._desk.trade(order.order_id, order.intent, price, order.kline)

    def finish(self) -> None:
        """End the run: nothing fills any more. Orders in flight, waiting or resting are cancelled and counted as
        rejections; the brackets stay as they are.
        """
        self._is_over = True
        kinds: tuple[type[PendingItem], ...] = (OrderInFlight, WaitingOrder, RestingOrder)
        for kind in kinds:
            for order in self._floor.pending.items(kind):
                self._floor.pending.remove(order)
                self._floor.reject(order.age, order.symbol, reasons.END_OF_RUN, OrderEvent.CANCEL)
