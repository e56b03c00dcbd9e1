"""The recorder of a run: it stands where messages are published, orders move and what is pending is settled."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from simpy import Event, Process

from ..account import VirtualAccount
from ..contract import Decision, ExitReason, Order, decision_values
from ..exchange import ExecutionSimulator, OrderEvent, OrderLives, OrderResult, OrderState, PendingOrder, Touch
from ..exchange.orders import OrderInFlight, PendingOrders
from ..kernel import (
    Bus,
    Clock,
    ExchangePaused,
    ExchangeResumed,
    Fact,
    FaultActed,
    FaultBegan,
    FaultEnded,
    Fill,
    FundingPaid,
    Liquidated,
    OrderRejected,
    OrderSubmitted,
    RiskLimitHit,
    StrategyFailed,
    Subscription,
    TriggerEvent,
)
from ..plain_values import plain
from ..program import WarmUpCase
from .entries import ASKED, DECIDED, FILLED, JUDGED, MOVED, SAID, SIZED, TOLD, Entry, Grounds

#: What of an order as it shows a decision may change: limit, trigger, size.
_Told = tuple[float | None, float | None, float]
#: With these an order ends because of something else, and with these it begins to be pending.
_ENDS = frozenset((OrderEvent.CANCEL, OrderEvent.REJECT))
_BEGINS = frozenset((OrderEvent.SEND, OrderEvent.WAIT, OrderEvent.ARM, OrderEvent.REST))


class Recorder:
    """Keeps what happens in one run, message by message, with what has led to each.

    `current` is the place of what is being done just now, `latest` that of what was last noted of each order.
    """

    def __init__(self, clock: Clock, handled: array[int]) -> None:
        self._clock, self._env, self._handled = clock, clock.env, handled
        self.entries: list[Entry] = []
        self.current: int | None = None
        self.latest: dict[int, int] = {}
        #: For which wake-ups (epoch ms) the program has asked, and at which trigger.
        self.wakes: dict[int, int] = {}
        #: How orders show, by the places of their lines; and by their ids the last of these, and what is shown of it.
        self.views: dict[int, Order] = {}
        self._shown: dict[int, tuple[int, _Told | None]] = {}
        self._opened: dict[str, int] = {}
        self._faults: dict[str, int] = {}
        self._decision: tuple[Decision, int] | None = None
        self._sent: dict[int, int] = {}
        #: What was published outside of what an order does: when, by which process, and its place.
        self._said: tuple[int, Process | None, int] = (-1, None, 0)
        self._touched: tuple[PendingOrder, Touch] | None = None
        self._touched_id = 0
        self._grounds: Grounds | None = None
        self._inside: dict[int, tuple[PendingOrder, Touch]] = {}
        #: The last price that slippage was asked about, and what it made of it.
        self.slipped = (0.0, 0.0)
        self._last_fill = -1
        #: The orders of kinds of one's own that trade as decisions do.
        self._own: set[int] = set()
        self._account: VirtualAccount
        self._exchange: ExecutionSimulator

    def follow(self, exchange: ExecutionSimulator) -> None:
        """Note whose messages they are."""
        self._exchange, self._account = exchange, exchange.account

    def _note(self, cause: int | None, kind: int, *rest: object, own: bool = False) -> int:
        """Keep a message; return its place."""
        entries = self.entries
        entries.append((self._env._now, len(self._handled), cause, own, kind, *rest))
        return len(entries) - 1

    def _led(self) -> int | None:
        """Return what has led to what happens now: what is being done, or what the running process has just said."""
        if self.current is not None:
            return self.current
        at, process, place = self._said
        return place if at == self._env._now and process is self._env.active_process else None

    def _lead(self, place: int) -> None:
        """Let a message be what leads to the next ones."""
        if self.current is not None:
            self.current = place
        else:
            self._said = self._clock.now(), self._env.active_process, place

    # what the agent does

    def decide(self, trigger: TriggerEvent, decision: Decision, case: WarmUpCase | None) -> None:
        """Note a decision of the program before it is submitted or held; of a lone hold the trigger log knows."""
        place = self._note(-1 - len(self._handled), DECIDED, trigger, decision_values(decision), case)
        self._decision = decision, place

    def wake(self, time_ms: int) -> None:
        """Note that the program asks at the trigger of now to be woken at a time."""
        self.wakes.setdefault(time_ms, len(self._handled))

    # what is published

    def tell(self, message: object) -> None:
        """Note a message of a kind of one's own."""
        self._lead(self._note(self._led(), TOLD, type(message).__name__, _fields_of(message)))

    def submitted(self, message: OrderSubmitted) -> None:
        """Note that an order has arrived: it leads to what comes now."""
        self.current = self.latest[message.order_id] = self._note(self.current, SAID, message, None)

    def say(self, message: Any) -> None:
        """Note a message of any other kind that the engine knows."""
        kind = type(message)
        cause: int | None
        if kind is OrderRejected:
            cause = self.latest.get(message.order_id)
        elif kind is FundingPaid:
            cause = self._opened.get(message.symbol)
        elif kind is StrategyFailed:
            cause = -len(self._handled)
        else:
            cause = self._led_to(message)
        if kind is Liquidated:
            *filled, _ = self.entries[self._last_fill]
            self.entries[self._last_fill] = (*filled, message.at_open)
        own = self._exchange.acts_for == self._env._now
        place = self._note(cause, SAID, message, self._account.state, own=own)
        if kind not in (OrderRejected, FaultActed):  # what ends several orders, or acts on several, does so on each
            self._lead(place)

    def _led_to(self, message: Any) -> int | None:
        """Return what has led to a message; what a fault does without anything else is because it is on."""
        cause = self._led()
        if cause is None and isinstance(message, (FaultActed, FaultEnded)):
            cause = self._faults.get(message.fault)
        elif isinstance(message, FaultBegan):
            self._faults[message.fault] = len(self.entries)
        return cause

    def fill(self, fill: Fill) -> None:
        """Note a fill, when the account has changed by it."""
        account, exchange, order_id, symbol = self._account, self._exchange, fill.order_id, fill.symbol
        cause = self.latest.get(order_id)
        if cause is None:
            cause = self._opened.get(symbol)
        before, slipped = self.slipped
        if fill.is_maker or slipped != fill.price or fill.purpose == ExitReason.LIQUIDATION:
            before = fill.price
        state, is_entry = account.state, fill.purpose == "entry"
        closing = None if is_entry else account.trades.closings[-1]
        now, handled, grounds = self._env._now, len(self._handled), self._grounds_of(order_id)
        own = exchange.acts_for == now
        place = self._last_fill = len(self.entries)
        self.entries.append((now, handled, cause, own, FILLED, fill, state, closing, before, grounds, False))
        self._lead(place)
        if is_entry:
            self._opened.setdefault(symbol, place)
        elif symbol not in state.holdings:
            self._opened.pop(symbol, None)

    # what becomes of orders

    def move(self, order_id: int, event: OrderEvent, state: OrderState) -> None:
        """Note what has happened to an order, and where it stands since."""
        latest, entries = self.latest, self.entries
        cause = latest.get(order_id)
        if cause is None or event in _ENDS:
            led = self._led() if self.current is None else self.current
            cause = cause if led is None else led
        has_grounds = self._touched is not None or self._inside
        grounds = self._grounds_of(order_id) if has_grounds else None
        place = latest[order_id] = len(entries)
        entries.append((self._env._now, len(self._handled), cause, False, MOVED, order_id, event, state, grounds))
        if event in _BEGINS:
            self._shown[order_id] = place, None

    def resize(self, order_id: int, *what: object) -> None:
        """Note that an order asks for more than a rule allows; another order of its group may have led to that."""
        is_own = what[0] != "group-share"
        cause = self.latest.get(order_id) if is_own else self.current
        place = self.latest[order_id] = self._note(cause, SIZED, order_id, *what)
        if is_own and cause == self.current:
            self.current = place

    def judge(self, order_id: int, symbol: str, *what: object) -> None:
        """Note that the venue is to close a position, and why."""
        self.latest[order_id] = self._note(self._opened.get(symbol), JUDGED, order_id, symbol, *what)

    def put(self, order: PendingOrder) -> None:
        """Note how an order shows that is pending from now on, or that a decision has changed."""
        for view in order.views():
            order_id = view.order_id
            shown = self._shown.get(order_id)
            if shown is None:
                continue
            (place, before), told = shown, (view.price, view.trigger_price, view.size)
            if before is None:
                self.views[place] = view
            elif told != before and self._touched is None and self.current is not None:
                state = self._exchange.lives.state(order_id)
                amended = self.latest[order_id] = self._note(self.current, MOVED, order_id, None, state, None)
                self.views[amended] = view
            self._shown[order_id] = place, told

    def decision_of(self, given: Decision, trigger: TriggerEvent | None) -> int:
        """Return the place of a decision that is submitted: the program's, or else one that is noted now."""
        decided, self._decision = self._decision, None
        return decided[1] if decided is not None and decided[0] is given else self.ask(given, trigger, None)

    def submit(self, order: OrderInFlight, cause: int) -> None:
        """Note which decision an order comes of."""
        self._sent[id(order)] = cause

    def ask(self, decision: Decision, trigger: TriggerEvent | None, order_id: int | None) -> int:
        """Note a decision that is none of the program's: one that an order trades as, if it has an id."""
        process = self._env.active_process
        name = "" if process is None else process.name
        return self._note(self._led(), ASKED, decision_values(decision), name, trigger, order_id)

    def trade_as(self, order: PendingOrder, decision: Decision) -> None:
        """Note as which decision an order of a kind of one's own trades."""
        self._own.add(order.order_id)
        self._grounds = None
        self.latest[order.order_id] = self.ask(decision, None, order.order_id)

    def arrive(self, order: OrderInFlight) -> None:
        """Note that an order arrives: what comes now is because of it."""
        self.current = self._sent.pop(id(order), None)

    def leave(self) -> None:
        """Note that what was being done is done."""
        self.current = self._touched = None

    # why, and at which price

    def settle(self, order: PendingOrder, touch: Touch) -> None:
        """Note that what is due of an order is done now."""
        self._touched, self._grounds = (order, touch), None
        self._touched_id = order.id_at(touch)
        self.current = self.latest.get(self._touched_id)

    def see_inside(self, touched: list[tuple[PendingOrder, Touch]]) -> None:
        """Note what a kline touches before a liquidation in it: any of them may be filled now."""
        self._inside = {order.id_at(touch): (order, touch) for order, touch in touched}

    def _grounds_of(self, order_id: int) -> Grounds | None:
        if self._touched is not None and self._touched_id == order_id:
            if self._grounds is None:
                self._grounds = self._found(*self._touched)
            return self._grounds
        inside = self._inside.get(order_id) if self._inside else None
        return None if inside is None or inside[1].due_ms != self._env._now else self._found(*inside)

    def _found(self, order: PendingOrder, touch: Touch) -> Grounds:
        marks, own, place = order.watches_marks, order.order_id in self._own, touch.place
        if place < 0:
            return Grounds(touch, 0, 0, False, marks, own)
        spans = self._exchange.spans(order.symbol, marks)
        resumes = spans.resumed_ms >= 0 and spans.is_resumption(place)
        return Grounds(touch, spans.start_ms.item(place), spans.end(place), resumes, marks, own)


def _fields_of(message: object) -> dict[str, Any]:
    """Return what a message of one's own says, as plain values."""
    if is_dataclass(message):
        names: Any = [each.name for each in fields(message)]
    elif isinstance(message, Fact):
        names = message.NAMES
    else:
        names = getattr(message, "_fields", None) or [*getattr(message, "__dict__", ())]
    found = {str(name): plain(getattr(message, name)) for name in names}
    return found or {"text": plain(message)}


class RecordedBus(Bus):
    """A bus of which a recorder hears every message, before anybody else."""

    def __init__(self, clock: Clock, recorder: Recorder) -> None:
        super().__init__(clock)
        self.recorder = recorder
        said = (
            ExchangePaused,
            ExchangeResumed,
            FundingPaid,
            Liquidated,
            OrderRejected,
            RiskLimitHit,
            StrategyFailed,
            FaultActed,
            FaultBegan,
            FaultEnded,
        )
        self._noted: dict[type, Callable[[Any], None]] = {
            **dict.fromkeys(said, recorder.say),
            Fill: recorder.fill,
            OrderSubmitted: recorder.submitted,
            TriggerEvent: lambda trigger: None,  # of these the trigger log knows
        }

    def publish(self, message: object) -> None:
        """Deliver a message at once, when it is noted."""
        noted = self._noted.get(type(message))
        if noted is not None:
            noted(message)
        elif not isinstance(message, TriggerEvent):
            self.recorder.tell(message)
        super().publish(message)

    def hears(self, message_type: type[Any]) -> bool:
        """Tell whether anybody would get a message of the type: the recorder does."""
        return True

    def _only_reader(self, announcement: Any) -> Subscription[Any] | None:
        return super()._only_reader(announcement) if announcement.message_type is TriggerEvent else None


class RecordedLives(OrderLives):
    """The state of every order of a run that is recorded."""

    __slots__ = ("_recorder",)

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def move(self, order_id: int, event: OrderEvent) -> None:
        """Let an event happen to an order, and note it."""
        super().move(order_id, event)
        self._recorder.move(order_id, event, self._states[order_id])


class RecordedOrders(PendingOrders):
    """What is pending in a run that is recorded."""

    def __init__(self, clock: Clock, config: Any, recorder: Recorder) -> None:
        super().__init__(clock, config)
        self._recorder = recorder

    def put(self, order: PendingOrder, touch: Touch | None = None) -> None:
        """Keep an order, and note how it shows."""
        self._recorder.put(order)
        super().put(order, touch)

    def due_now(self, closes_only: bool = False) -> Iterator[tuple[PendingOrder, Touch]]:
        """Take what is due now out of the queue, one by one, and note each."""
        recorder = self._recorder
        for order, touch in super().due_now(closes_only):
            recorder.settle(order, touch)
            yield order, touch
        recorder.leave()

    def touches_inside(self, due_ms: int) -> list[tuple[PendingOrder, Touch]]:
        """Return the orders that are touched inside of the klines that close at `due_ms`."""
        found = super().touches_inside(due_ms)
        self._recorder.see_inside(found)
        return found


class RecordedExchange(ExecutionSimulator):
    """The exchange of a run that is recorded: its bus knows the recorder."""

    bus: RecordedBus

    def __post_init__(self) -> None:
        super().__post_init__()
        self._cause: int | None = None
        self._worths: tuple[Mapping[str, float], float, float] | None = None
        self.bus.recorder.follow(self)

    def _books(self) -> tuple[PendingOrders, OrderLives]:
        recorder = self.bus.recorder
        return RecordedOrders(self.clock, self.config, recorder), RecordedLives(recorder)

    def resized(self, order_id: int, rule: str, asked: float, allowed: float, unit: str = "coins") -> None:
        """Note that an order asks for more than a rule allows."""
        if order_id:
            self.bus.recorder.resize(order_id, rule, asked, allowed, unit)

    def liquidates(self, order_id: int, symbol: str, prices: Mapping[str, float]) -> None:
        """Note that the venue is to close a position, and what stood against which maintenance margin: of several that
        are closed together, before the first of them was.
        """
        if self._worths is None or self._worths[0] is not prices:
            self._worths = prices, *self._worth(symbol, prices)
        fees = self.fee_percent(symbol), self.instrument(symbol).liquidation_fee
        self.bus.recorder.judge(order_id, symbol, *self._worths[1:], dict(prices), fees)

    def _worth(self, symbol: str, prices: Mapping[str, float]) -> tuple[float, float]:
        """Return what an account, or an isolated position, is worth at some prices, and its maintenance margin."""
        now, state, worth = self.clock.now(), self.account.state, 0.0
        if self.margins.isolated:
            held = [state.holdings[symbol]]
            worth = held[0].margin + held[0].funding
        else:
            held, worth = [*state.holdings.values()], state.cash
        maintenance = 0.0
        for each in held:
            price = prices.get(each.symbol) or self.margin_price(each.symbol, now) or each.entry_price
            worth += each.unrealized(price)
            maintenance += self.instrument(each.symbol).maintenance_margin(each.size * price)
        return worth, maintenance

    def slipped(self, symbol: str, sign: int, size: float, price: float) -> float:
        """Return at what price an order that takes fills now, and note it."""
        after = super().slipped(symbol, sign, size, price)
        self.bus.recorder.slipped = price, after
        return after

    def send(
        self, decision: Decision, trigger: TriggerEvent | None, delay_ms: int, reduce_only: bool = False
    ) -> OrderResult:
        """Send a decision that arrives later."""
        recorder = self.bus.recorder
        before = recorder.current
        recorder.current = self._cause = recorder.decision_of(decision, trigger)
        try:
            return super().send(decision, trigger, delay_ms, reduce_only)
        finally:
            recorder.current, self._cause = before, None

    def execute(self, order: PendingOrder, decision: Decision, price: float) -> OrderResult:
        """Let an order of one's own kind trade as a decision does."""
        recorder = self.bus.recorder
        recorder.trade_as(order, decision)
        return super().execute(order, decision, price)

    def _arrival(self, at_ms: int, order: OrderInFlight) -> Event:
        recorder, cause = self.bus.recorder, self._cause
        recorder.submit(order, recorder.decision_of(order.decision, order.trigger) if cause is None else cause)
        return super()._arrival(at_ms, order)

    def _take(self, order: OrderInFlight) -> OrderResult | None:
        recorder = self.bus.recorder
        recorder.arrive(order)
        try:
            return super()._take(order)
        finally:
            recorder.leave()
