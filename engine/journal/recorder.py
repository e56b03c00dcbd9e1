"""The recorder of a run: it stands where messages are published, orders move and what is pending is settled."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from simpy import Event

from ..account import VirtualAccount
from ..contract import ActionType, Decision, decision_values
from ..exchange import ExecutionSimulator, OrderEvent, OrderLives, OrderResult, PendingOrder, Touch
from ..exchange.orders import OrderInFlight, PendingOrders
from ..kernel import (
    Bus,
    Clock,
    ExchangePaused,
    ExchangeResumed,
    Fact,
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
from ..market import WatchColumns
from ..plain_values import plain
from ..program import WarmUpCase
from .entries import Asked, Decided, Entry, Filled, Grounds, Moved, Said, Told

_NO_SPAN = (0, 0, False)


class Recorder:
    """Keeps what happens in one run, message by message, with what has led to each.

    `current` is the place of what is being done just now, `latest` that of what was last noted of each order.
    """

    def __init__(self, clock: Clock, handled: array[int]) -> None:
        self._clock, self._handled = clock, handled
        self.entries: list[Entry] = []
        self.current: int | None = None
        self.latest: dict[int, int] = {}
        #: For which wake-ups (epoch ms) the program has asked, and at which trigger.
        self.wakes: dict[int, int] = {}
        self._views: dict[int, Moved] = {}
        self._opened: dict[str, int] = {}
        self._decision: tuple[Decision, int] | None = None
        self._sent: dict[int, int] = {}
        self._touched: tuple[PendingOrder, Touch] | None = None
        self._inside: dict[int, tuple[PendingOrder, Touch]] = {}
        self._slipped = (0.0, 0.0)
        self._account: VirtualAccount
        self._exchange: ExecutionSimulator

    def follow(self, exchange: ExecutionSimulator) -> None:
        """Note whose messages they are."""
        self._exchange, self._account = exchange, exchange.account

    def note(self, cause: int | None, what: Any, own: bool = False) -> int:
        """Keep a message; return its place."""
        place = len(self.entries)
        self.entries.append(Entry(self._clock.now(), len(self._handled), cause, what, own))
        return place

    # what the agent does

    def decide(self, trigger: TriggerEvent, decision: Decision, case: WarmUpCase | None, count: int) -> None:
        """Note a decision of the program, one of so many, before it is submitted. Of a lone one to hold the trigger log
        knows.
        """
        if count == 1 and decision.action() == ActionType.HOLD:
            return
        what = Decided(trigger, decision_values(decision), case)
        self._decision = decision, self.note(-1 - len(self._handled), what)

    def wake(self, time_ms: int) -> None:
        """Note that the program asks at the trigger of now to be woken at a time."""
        self.wakes.setdefault(time_ms, len(self._handled))

    # what is published

    def publish(self, message: object) -> None:
        """Note a message of any kind but a trigger: of these the trigger log knows."""
        kind = type(message)
        if kind is Fill:
            self._fill(message)  # type: ignore[arg-type]
        elif kind in _OF_THE_ENGINE:
            self._say(message)
        else:
            self.current = self.note(self.current, Told(kind.__name__, _fields_of(message)))

    def _say(self, message: Any) -> None:
        kind, cause = type(message), self.current
        if kind is FundingPaid or kind is Liquidated:
            cause = self._opened.get(message.symbol, cause)
        if kind is StrategyFailed:
            cause = -len(self._handled)
        own = self._exchange.acts_for == self._clock.now()
        place = self.note(cause, Said(message, self._account.state), own)
        if kind is OrderSubmitted:
            self.current = self.latest[message.order_id] = place

    def _fill(self, fill: Fill) -> None:
        account, order_id, symbol = self._account, fill.order_id, fill.symbol
        is_entry = fill.purpose == "entry"
        cause = self.latest.get(order_id)
        if cause is None:
            cause = self._opened.get(symbol, self.current)
        before, slipped = self._slipped
        if fill.is_maker or slipped != fill.price or fill.purpose == "liquidation":
            before = fill.price
        closing = None if is_entry else account.trades.closings[-1]
        what = Filled(fill, account.state, closing, before, self._grounds_of(order_id))
        place = self.note(cause, what, self._exchange.acts_for == self._clock.now())
        self.current = place
        if is_entry:
            self._opened.setdefault(symbol, place)
        elif symbol not in account.state.holdings:
            self._opened.pop(symbol, None)

    # what becomes of orders

    def move(self, order_id: int, event: OrderEvent | None) -> None:
        """Note what has happened to an order."""
        cause = self.latest.get(order_id)
        if cause is None or event is OrderEvent.CANCEL or event is OrderEvent.REJECT:
            cause = cause if self.current is None else self.current
        what = Moved(order_id, event, self._exchange.lives.state(order_id), self._grounds_of(order_id))
        self.latest[order_id] = self.note(cause, what)
        self._views.setdefault(order_id, what)

    def put(self, order: PendingOrder) -> None:
        """Note how an order shows that is pending from now on, or that was changed."""
        touched = self._touched
        is_settled = touched is not None and touched[0] is order
        for view in order.views():
            moved = self._views.get(view.order_id)
            if moved is None:
                continue
            if moved.view is None:
                moved.view = view
            elif not is_settled and (view.price, view.trigger_price, view.size) != (
                moved.view.price,
                moved.view.trigger_price,
                moved.view.size,
            ):
                amended = Moved(view.order_id, None, moved.state, None, view)
                self.latest[view.order_id] = self.note(self.current, amended)
                self._views[view.order_id] = amended

    def decision_of(self, given: Decision, trigger: TriggerEvent | None) -> int:
        """Return the place of a decision that is submitted: the program's, or else one that is noted now."""
        decided, self._decision = self._decision, None
        return decided[1] if decided is not None and decided[0] is given else self.ask(given, trigger, None)

    def submit(self, order: OrderInFlight, cause: int) -> None:
        """Note which decision an order comes of."""
        self._sent[id(order)] = cause

    def ask(self, decision: Decision, trigger: TriggerEvent | None, order_id: int | None) -> int:
        """Note a decision that is none of the program's: one that an order trades as, if it has an id."""
        process = self._clock.env.active_process
        name = "" if process is None else process.name
        return self.note(self.current, Asked(decision_values(decision), name, trigger, order_id))

    def arrive(self, order: OrderInFlight) -> None:
        """Note that an order arrives: what comes now is because of it."""
        self.current = self._sent.pop(id(order), None)

    def leave(self) -> None:
        """Note that what was being done is done."""
        self.current = self._touched = None

    # why, and at which price

    def settle(self, order: PendingOrder, touch: Touch) -> None:
        """Note that what is due of an order is done now."""
        self._touched = order, touch
        self.current = self.latest.get(order.id_at(touch))

    def see_inside(self, touched: list[tuple[PendingOrder, Touch]]) -> None:
        """Note what a kline touches before a liquidation in it: any of them may be filled now."""
        self._inside = {order.id_at(touch): (order, touch) for order, touch in touched}

    def slip(self, before: float, after: float) -> None:
        """Note what slippage makes of a price."""
        self._slipped = before, after

    def _grounds_of(self, order_id: int) -> Grounds | None:
        found = self._touched
        if found is None or found[0].id_at(found[1]) != order_id:
            found = self._inside.get(order_id)
            if found is None or found[1].due_ms != self._clock.now():
                return None
        order, touch = found
        marks = order.watches_marks
        if touch.place < 0:
            return Grounds(touch, *_NO_SPAN, marks)
        return Grounds(touch, *_span(self._exchange.spans(order.symbol, marks), touch.place), marks)


def _span(spans: WatchColumns, place: int) -> tuple[int, int, bool]:
    return spans.start_ms.item(place), spans.end_ms.item(place), spans.is_resumption(place)


#: Of these the journal has lines of their own; of any other kind it tells the fields.
_OF_THE_ENGINE = frozenset(
    (
        ExchangePaused,
        ExchangeResumed,
        FundingPaid,
        Liquidated,
        OrderRejected,
        OrderSubmitted,
        RiskLimitHit,
        StrategyFailed,
    )
)


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

    def publish(self, message: object) -> None:
        """Deliver a message at once, and note it."""
        if not isinstance(message, TriggerEvent):
            self.recorder.publish(message)
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
        self._recorder.move(order_id, event)


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
        self.bus.recorder.follow(self)

    def _books(self) -> tuple[PendingOrders, OrderLives]:
        recorder = self.bus.recorder
        return RecordedOrders(self.clock, self.config, recorder), RecordedLives(recorder)

    def slipped(self, symbol: str, sign: int, size: float, price: float) -> float:
        """Return at what price an order that takes fills now, and note it."""
        after = super().slipped(symbol, sign, size, price)
        self.bus.recorder.slip(price, after)
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
        recorder.latest[order.order_id] = recorder.ask(decision, None, order.order_id)
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
