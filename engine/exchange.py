"""The execution simulator: takes decisions as orders and fills them, at once or when what is pending comes due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from simpy import Event

from . import order_intent as reasons
from .account import VirtualAccount
from .bracket import Bracket
from .bracket_desk import BracketDesk
from .bus import Bus
from .clock import Alarm, Clock, Moment, Phase
from .config import BacktestConfig
from .decision import Decision
from .liquidation import Breach
from .margin import MarginRules
from .market_history import MarketHistory
from .messages import Fill, OrderRejected, OrderSubmitted, TriggerEvent
from .order_intent import OrderIntent, judge
from .order_result import OrderResult
from .pending_orders import PendingOrders
from .settlement import Settlement
from .venue_actions import VenueActions
from .views import Order
from .waiting_order import WaitingOrder

#: An available balance of less than this share of equity is the rounding of none: margins that use up everything.
ROUNDING = 1e-12


class _Submission(NamedTuple):
    decision: Decision
    trigger: TriggerEvent | None
    decided_at: int


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
    ) -> None:
        self._clock, self._bus, self._market, self._account, self._config = clock, bus, market, account, config
        self._name = name
        clock.register(name)
        self._symbols = frozenset(config.symbols)
        self._halted = ""
        self._is_over = False
        self.margins = MarginRules(isolated=config.margin_mode == "isolated")
        self._pending = PendingOrders(clock, config)
        self._settlement = Settlement(clock, bus, account, self._pending)
        self._brackets = BracketDesk(clock, market, account, config, self._pending, self._settlement)
        self._venue = VenueActions(
            clock, bus, market, account, config, self.margins, self._pending, self._settlement, self._brackets
        )
        self.rejections: Counter[str] = Counter()
        self.orders_submitted = 0
        self.checks: list[Callable[[Decision, int], str | None]] = []

    @property
    def alarm(self) -> Alarm:
        """Rings when something pending is due."""
        return self._pending.alarm

    @property
    def fills(self) -> list[Fill]:
        """All fills so far."""
        return self._settlement.fills

    @property
    def liquidations(self) -> int:
        """How many positions the venue closed."""
        return self._venue.liquidations

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

    def _arrive(self, event: Event) -> None:
        assert isinstance(event, Moment)
        event._value = self._take(event._value)

    def _take(self, submission: _Submission) -> OrderResult:
        decision, trigger, decided_at = submission
        now = self._clock.now()
        order_id = self._settlement.next_id()
        self.orders_submitted += 1
        self._bus.publish(OrderSubmitted(now, order_id, str(decision.symbol), decision.action()))
        refusal = (
            (self._is_over and reasons.END_OF_RUN)
            or self._halted
            or next(filter(None, (check(decision, now) for check in self.checks)), "")
        )
        if refusal:
            return self._reject(order_id, str(decision.symbol), refusal)
        intent = judge(decision, self._config, self._symbols, trigger, decided_at)
        if isinstance(intent, str):
            return self._reject(order_id, str(decision.symbol), intent)
        problem = self._position_problem(intent)
        if problem is not None:
            return self._reject(order_id, intent.symbol, problem)
        if self._config.execution_price != "close":
            return self._wait(order_id, intent)
        history = self._market.symbols[intent.symbol]
        price = history.trade_price(now, self._config.mark_stale_ms, self._config.stale_ms)
        if price is None:
            return self._reject(order_id, intent.symbol, reasons.STALE_PRICE)
        return self._trade(order_id, intent, price)

    def _position_problem(self, intent: OrderIntent) -> str | None:
        held = self._account.state.holdings.get(intent.symbol)
        closing_sign = 0 if held is None else -held.sign
        if intent.would_rest(intent.sign or closing_sign):
            return reasons.NO_RESTING_ORDERS
        return reasons.NOTHING_TO_CLOSE if intent.sign == 0 and held is None else None

    def _reject(self, order_id: int, symbol: str, reason: str, fills: tuple[Fill, ...] = ()) -> OrderResult:
        self.rejections[reason] += 1
        self._bus.publish(OrderRejected(self._clock.now(), order_id, symbol, reason))
        return OrderResult(order_id, "rejected", reason, fills)

    def _trade(self, order_id: int, intent: OrderIntent, price: float) -> OrderResult:
        held = self._account.state.holdings.get(intent.symbol)
        if intent.sign == 0:
            if held is None:
                return self._reject(order_id, intent.symbol, reasons.NOTHING_TO_CLOSE)
            trade_sign = -held.sign
        else:
            trade_sign = intent.sign
        fill_price = price * (1.0 + trade_sign * self._config.slippage_percent / 100.0)
        if not intent.limit_met(trade_sign, fill_price):
            return self._reject(order_id, intent.symbol, reasons.LIMIT_NOT_MET)
        if intent.sign == 0:
            assert held is not None
            size = held.size if intent.portion == 1.0 else held.size * intent.portion
            return OrderResult(order_id, "filled", fills=(self._close(order_id, intent, size, fill_price),))
        problem = intent.bracket_side_problem(fill_price)
        if problem is not None:
            return self._reject(order_id, intent.symbol, problem)
        fills: tuple[Fill, ...] = ()
        if held is not None and held.sign != intent.sign:
            fills = (self._close(order_id, intent, held.size, fill_price),)
        return self._open(order_id, intent, fill_price, fills)

    def _open(self, order_id: int, intent: OrderIntent, price: float, fills: tuple[Fill, ...]) -> OrderResult:
        available = self._account.available()
        if available <= ROUNDING * self._account.equity():
            return self._reject(order_id, intent.symbol, reasons.NO_BALANCE, fills)
        fee_rate = self._config.fee_rate
        affordable = available / (1.0 / intent.leverage + fee_rate / 100.0)
        notional = min(available * intent.portion * intent.leverage, affordable)
        fill = self._settlement.enter(order_id, intent, notional, price, fee_rate)
        self._brackets.add(intent, fill.size)
        return OrderResult(order_id, "filled", fills=(*fills, fill))

    def _close(self, order_id: int, intent: OrderIntent, size: float, price: float) -> Fill:
        fee_rate = self._config.fee_rate
        return self._settlement.exit(order_id, intent.symbol, size, price, fee_rate, "decision", intent.origin)

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
        self._pending.put(WaitingOrder(order_id, intent, now, index), due, at_open)
        return OrderResult(order_id, "waiting")

    def settle(self) -> None:
        """Do everything that is due now, in the order of `PendingOrders`."""
        if self._is_over:
            return
        for item, touch in self._pending.due_now():
            if isinstance(item, Bracket):
                assert touch is not None
                self._brackets.fill(item, touch)
            else:
                self._fill_waiting(item)

    def _fill_waiting(self, order: WaitingOrder) -> None:
        self._pending.remove(order)
        if order.kline is None:
            self._reject(order.order_id, order.symbol, reasons.NO_PRICE)
            return
        price = order.price(self._market.symbols[order.symbol], self._config.execution_price)
        self._trade(order.order_id, order.intent, price)

    def finish(self) -> None:
        """End the run: nothing fills any more. Orders that still wait for their kline are cancelled and counted as
        rejections; the brackets stay as they are.
        """
        self._is_over = True
        for order in self._pending.items(WaitingOrder):
            self._pending.remove(order)
            self._reject(order.order_id, order.symbol, reasons.END_OF_RUN)

    def open_orders(self) -> tuple[Order, ...]:
        """Return everything that is pending now, oldest first; a bracket shows as one order for each leg."""
        return self._pending.views()
