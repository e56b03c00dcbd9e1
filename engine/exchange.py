"""The execution simulator: takes decisions as orders, fills them, and keeps what is pending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from simpy import Event

from . import order_intent as reasons
from .account import VirtualAccount
from .bracket import Bracket, Touch, next_touch
from .bus import Bus
from .clock import Alarm, Clock, Moment, Phase
from .config import BacktestConfig
from .decision import Decision
from .errors import SimulationError
from .holding import Origin
from .liquidation import Breach, find_breach
from .margin import MarginRules
from .market_history import MarketHistory, SymbolHistory
from .messages import (
    ExitReason,
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    TriggerEvent,
)
from .order_intent import OrderIntent, judge
from .views import Order
from .watch_columns import WatchColumns

#: An available balance of less than this share of equity is the rounding of none: margins that use up everything.
ROUNDING = 1e-12


class OrderResult(NamedTuple):
    """What became of a submitted decision: its fills so far, and the reason when (part of) it was rejected."""

    order_id: int
    status: Literal["filled", "waiting", "rejected"]
    reason: str = ""
    fills: tuple[Fill, ...] = ()


@dataclass(slots=True)
class WaitingOrder:
    """An order that fills at a later kline: at its open, or at its volume-weighted price when it closes."""

    order_id: int
    intent: OrderIntent
    submitted_at: int
    kline: int | None
    cancelled: bool = False


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
        self._symbol_rank = {symbol: place for place, symbol in enumerate(config.symbols)}
        self._last_id = 0
        self._halted = ""
        self._is_over = False
        self._pending: dict[int, Bracket | WaitingOrder] = {}
        self._due: list[tuple[int, bool, int, int, Bracket | WaitingOrder, Touch | None]] = []
        self._views: tuple[Order, ...] | None = ()
        self._ambiguous: set[tuple[str, int]] = set()
        self._end_ms = config.end_ms
        self.alarm = Alarm(clock)
        self.fills: list[Fill] = []
        self.rejections: Counter[str] = Counter()
        self.orders_submitted = 0
        self.margins = MarginRules(isolated=config.margin_mode == "isolated")
        self.liquidations = 0
        self.checks: list[Callable[[Decision, int], str | None]] = []

    @property
    def ambiguous_klines(self) -> int:
        """How many klines touched both legs of a bracket after opening between them."""
        return len(self._ambiguous)

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
        order_id = self._next_id()
        self.orders_submitted += 1
        self._bus.publish(OrderSubmitted(now, order_id, str(decision.symbol), decision.action()))
        refusal = (
            (self._is_over and reasons.END_OF_RUN)
            or self._halted
            or next(filter(None, (check(decision, now) for check in self.checks)), "")
        )
        if refusal:
            return self._reject(order_id, str(decision.symbol), refusal)
        intent = judge(decision, self._config, self._symbol_rank, trigger, decided_at)
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

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

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
        fill_price = self._slipped(price, trade_sign)
        if not intent.limit_met(trade_sign, fill_price):
            return self._reject(order_id, intent.symbol, reasons.LIMIT_NOT_MET)
        if intent.sign == 0:
            assert held is not None
            size = held.size if intent.portion == 1.0 else held.size * intent.portion
            return OrderResult(
                order_id, "filled", fills=(self._close(order_id, intent.symbol, size, fill_price, intent.origin),)
            )
        problem = intent.bracket_side_problem(fill_price)
        if problem is not None:
            return self._reject(order_id, intent.symbol, problem)
        fills: tuple[Fill, ...] = ()
        if held is not None and held.sign != intent.sign:
            fills = (self._close(order_id, intent.symbol, held.size, fill_price, intent.origin),)
        return self._open(order_id, intent, fill_price, fills)

    def _open(self, order_id: int, intent: OrderIntent, price: float, fills: tuple[Fill, ...]) -> OrderResult:
        available = self._account.available()
        if available <= ROUNDING * self._account.equity():
            return self._reject(order_id, intent.symbol, reasons.NO_BALANCE, fills)
        fee_share = self._config.fee_rate / 100.0
        notional = min(available * intent.portion * intent.leverage, available / (1.0 / intent.leverage + fee_share))
        size, fee, margin = notional / price, notional * fee_share, notional / intent.leverage
        self._account.enter(intent.symbol, intent.sign, size, price, fee, margin, order_id, intent.origin)
        fill = self._publish_fill(order_id, intent.symbol, intent.sign, size, price, fee, "entry")
        if intent.take_profit is not None or intent.stop_loss is not None:
            self._add_bracket(intent, size)
        return OrderResult(order_id, "filled", fills=(*fills, fill))

    def _close(self, order_id: int, symbol: str, size: float, price: float, origin: Origin) -> Fill:
        return self._exit(order_id, symbol, size, price, self._config.fee_rate, "decision", origin)

    def _exit(
        self,
        order_id: int,
        symbol: str,
        size: float,
        price: float,
        fee_rate: float,
        why: ExitReason,
        origin: Origin | None,
    ) -> Fill:
        held = self._account.state.holdings[symbol]
        if held.share(size) == 1.0:
            size = held.size
        fee = size * price * fee_rate / 100.0
        self._account.exit(symbol, size, price, fee, why, order_id, origin)
        if symbol not in self._account.state.holdings:
            self._cancel_brackets(symbol)
        return self._publish_fill(order_id, symbol, -held.sign, size, price, fee, why)

    # What the venue does by itself: funding and liquidation.

    def settle_funding(self, symbol: str, rate: float) -> None:
        """Settle funding on an open position: a long pays rate x notional at the mark price when `rate` is positive."""
        held = self._account.state.holdings[symbol]
        now = self._clock.now()
        price = self._market.symbols[symbol].price(now, self._config.mark_stale_ms) or held.entry_price
        amount = -held.sign * held.size * price * rate
        self._account.fund(symbol, amount)
        self._bus.publish(FundingPaid(now, symbol, rate, price, amount))

    def liquidate(self, breach: Breach) -> None:
        """Close the positions of a breach at its prices, after the brackets that the same kline reached before."""
        if self._is_over:
            return
        found: Breach | None = breach
        while found is not None and self._settle_nearer(found):
            again = find_breach(self._account.state, self.margins, self._market, breach.opened_ms, breach.opened_ms + 1)
            found = again if again is not None and again.due_ms == breach.due_ms else None
        if found is None:
            return
        for symbol, price in found.prices.items():
            self._liquidate_position(symbol, price, found.at_open)

    def _settle_nearer(self, breach: Breach) -> bool:
        """Fill the due bracket that lies nearest to the open, if it is nearer than the liquidation; tell whether."""
        if breach.at_open:
            return False
        nearest: tuple[float, int, Bracket, Touch] | None = None
        for due, at_open, _, age, item, touch in self._due:
            if due != breach.due_ms or at_open or touch is None or item.cancelled or not isinstance(item, Bracket):
                continue
            if item.symbol not in breach.prices or touch.rest:
                continue
            klines = self._market.symbols[item.symbol].base
            opened = klines.columns.open.item(klines.first_opening(breach.opened_ms))
            distance = abs(touch.price - opened)
            if distance < abs(breach.prices[item.symbol] - opened):
                candidate = (distance, age, item, touch)
                nearest = candidate if nearest is None or candidate[:2] < nearest[:2] else nearest
        if nearest is None:
            return False
        self._fill_bracket(nearest[2], nearest[3])
        return True

    def _liquidate_position(self, symbol: str, price: float, at_open: bool) -> None:
        held = self._account.state.holdings[symbol]
        fee_rate = self._config.fee_rate + self.margins.instrument(symbol).liquidation_fee
        fill = self._exit(self._next_id(), symbol, held.size, price, fee_rate, "liquidation", None)
        self.liquidations += 1
        equity = self._account.equity()
        self._bus.publish(Liquidated(fill.timestamp, symbol, fill.size, price, at_open, equity))

    def _publish_fill(
        self,
        order_id: int,
        symbol: str,
        sign: int,
        size: float,
        price: float,
        fee: float,
        purpose: Literal["entry", "decision", "tp", "sl", "liquidation"],
    ) -> Fill:
        fill = Fill(self._clock.now(), order_id, symbol, "buy" if sign > 0 else "sell", size, price, fee, purpose)
        self.fills.append(fill)
        self._bus.publish(fill)
        return fill

    def _slipped(self, price: float, sign: int) -> float:
        return price * (1.0 + sign * self._config.slippage_percent / 100.0)

    # What is pending: brackets, and orders that wait for their kline.

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
        order = WaitingOrder(order_id, intent, now, index)
        self._put(order_id, order, due, at_open, intent.symbol, None)
        return OrderResult(order_id, "waiting")

    def _add_bracket(self, intent: OrderIntent, size: float) -> None:
        tp_id, sl_id = self._next_id(), self._next_id()
        bracket = Bracket(
            tp_id,
            sl_id,
            intent.symbol,
            intent.sign,
            size,
            intent.take_profit,
            intent.stop_loss,
            intent.limit_tp,
            intent.limit_sl,
            self._clock.now(),
        )
        self._watch(bracket, self._spans(intent.symbol).first_from(bracket.active_from))

    def _spans(self, symbol: str) -> WatchColumns:
        return self._market.symbols[symbol].watch(self._config.watch_period)

    def _watch(self, bracket: Bracket, start: int) -> None:
        """Find what happens next to a bracket from span `start` on, and wait for it."""
        spans, config = self._spans(bracket.symbol), self._config
        stop = spans.first_after(self._end_ms)
        touch = next_touch(bracket, spans, start, stop, config.intrabar, config.fill_on == "through")
        if touch is None:
            self._pending[bracket.tp_id] = bracket
            self._views = None
        else:
            self._put(bracket.tp_id, bracket, touch.due_ms, touch.at_open, bracket.symbol, touch)

    def _put(
        self, age: int, item: Bracket | WaitingOrder, due: int, at_open: bool, symbol: str, touch: Touch | None
    ) -> None:
        self._pending[age] = item
        self._views = None
        if due <= self._end_ms:
            heappush(self._due, (due, at_open, self._symbol_rank[symbol], age, item, touch))
            self.alarm.set(self._due[0][0])

    def settle(self) -> None:
        """Do everything that is due now: what happens at the close of a kline before what happens at an open,
        symbols in the order of the configuration, older orders first.
        """
        if self._is_over:
            return
        due, now = self._due, self._clock.now()
        while due and due[0][0] <= now:
            when, _, _, _, item, touch = heappop(due)
            if item.cancelled:
                continue
            if when < now:
                raise SimulationError(f"an order due at {when} was settled only at {now}")
            if isinstance(item, WaitingOrder):
                self._fill_waiting(item)
            else:
                assert touch is not None
                self._fill_bracket(item, touch)
        while due and due[0][4].cancelled:
            heappop(due)
        if due:
            self.alarm.set(due[0][0])

    def _fill_waiting(self, order: WaitingOrder) -> None:
        del self._pending[order.order_id]
        self._views = None
        if order.kline is None:
            self._reject(order.order_id, order.intent.symbol, reasons.NO_PRICE)
            return
        price = _waiting_price(self._market.symbols[order.intent.symbol], order.kline, self._config.execution_price)
        self._trade(order.order_id, order.intent, price)

    def _fill_bracket(self, bracket: Bracket, touch: Touch) -> None:
        if touch.rest:
            bracket.stop_rests = True
            self._watch(bracket, touch.place)
            return
        if touch.ambiguous:
            self._ambiguous.add((bracket.symbol, touch.place))
        self._remove(bracket)
        limit = bracket.limit_tp if touch.kind == "tp" else bracket.limit_sl
        order_id = bracket.tp_id if touch.kind == "tp" else bracket.sl_id
        price = touch.price if limit else self._slipped(touch.price, -bracket.sign)
        fee_rate = self._config.maker_fee if limit else self._config.fee_rate
        size = min(bracket.size, self._account.state.holdings[bracket.symbol].size)
        self._exit(order_id, bracket.symbol, size, price, fee_rate, touch.kind, None)

    def _remove(self, bracket: Bracket) -> None:
        bracket.cancelled = True
        del self._pending[bracket.tp_id]
        self._views = None

    def _cancel_brackets(self, symbol: str) -> None:
        for item in list(self._pending.values()):
            if isinstance(item, Bracket) and item.symbol == symbol:
                self._remove(item)

    def finish(self) -> None:
        """End the run: nothing fills any more. Orders that still wait for their kline are cancelled and counted as
        rejections; the brackets stay as they are.
        """
        self._is_over = True
        for item in list(self._pending.values()):
            if isinstance(item, WaitingOrder):
                item.cancelled = True
                del self._pending[item.order_id]
                self._reject(item.order_id, item.intent.symbol, reasons.END_OF_RUN)
        self._views = None

    def open_orders(self) -> tuple[Order, ...]:
        """Return everything that is pending now, oldest first; a bracket shows as one order for each leg."""
        if self._views is None:
            self._views = tuple(view for item in self._pending.values() for view in _order_views(item))
        return self._views


def _waiting_price(history: SymbolHistory, place: int, execution: str) -> float:
    """Return the open of a kline, or its volume-weighted price: from the 15-second rows in it, else (H + L + C) / 3."""
    klines = history.base.columns
    if execution == "open":
        return klines.open.item(place)
    opened = klines.open_ms.item(place)
    traded = history.flow.vwap_between(opened, opened + klines.period_ms)
    if traded is not None:
        return traded
    return (klines.high.item(place) + klines.low.item(place) + klines.close.item(place)) / 3.0


def _order_views(item: Bracket | WaitingOrder) -> list[Order]:
    if isinstance(item, WaitingOrder):
        return [_waiting_view(item)]
    side: Literal["Buy", "Sell"] = "Sell" if item.sign > 0 else "Buy"
    direction = "Close Long" if item.sign > 0 else "Close Short"
    legs = (
        (item.tp_id, "Take Profit", item.take_profit, item.limit_tp),
        (item.sl_id, "Stop", item.stop_loss, item.limit_sl),
    )
    return [
        Order(
            order_id,
            item.symbol,
            side,
            direction,
            f"{name} {'Limit' if limit else 'Market'}",
            item.size,
            trigger if limit else None,
            trigger,
            True,
            item.active_from,
        )
        for order_id, name, trigger, limit in legs
        if trigger is not None
    ]


def _waiting_view(order: WaitingOrder) -> Order:
    intent = order.intent
    side: Literal["Buy", "Sell"] = "Buy" if intent.sign > 0 else "Sell"
    direction = {1: "Open Long", -1: "Open Short", 0: "Close"}[intent.sign]
    limit = intent.max_price if intent.sign > 0 else intent.min_price
    return Order(
        order.order_id, intent.symbol, side, direction, "Market", 0.0, limit, None, intent.sign == 0, order.submitted_at
    )
