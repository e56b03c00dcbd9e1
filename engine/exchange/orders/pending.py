"""What is pending at the exchange, and the next instant at which something of it is due."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, ClassVar, NamedTuple
from weakref import ref

from ...config import BacktestConfig
from ...contract import OpenOrders, Order
from ...errors import SimulationError
from ...kernel import Alarm, Clock
from ...market import WatchColumns
from ...venue import Instrument
from .touch import Touch

#: What ends orders: ("position", symbol), ("group", name), or (a sign, symbol) of the decision that cancels them, and
#: what decisions may name: ("decisions", symbol), ("tag", symbol, tag).
End = tuple[str | int, ...]
#: So often may one order be due at one instant.
MOST_AT_ONCE = 1_000


class Ahead(NamedTuple):
    """What lies ahead of an order now: the spans [start, stop) of its symbol, which nothing has happened in yet."""

    spans: WatchColumns
    start: int
    stop: int
    now_ms: int


class PendingOrder(ABC):
    """An order to which something may happen later. A new kind of order is a subclass: put it with `exchange.place`.

    Orders of one symbol that are due together are settled by their `age`, older ones first. An order that
    `is_counted` is cancelled at the end of the run, and its cancellation is a rejection with a reason; the others, the
    exits of positions, go without a word. One that `rests_at_venue` goes with a liquidation of its account where the
    venue's rules say so; one that `works_on` is what a volume cap has left of an order that takes. One that
    `may_be_cancelled` is when a decision asks for that by symbol, tag or id.
    """

    __slots__ = ()
    order_id: int
    is_counted: ClassVar[bool] = True
    rests_at_venue: ClassVar[bool] = True
    works_on: ClassVar[bool] = False
    may_be_cancelled: ClassVar[bool] = False

    @property
    @abstractmethod
    def symbol(self) -> str:
        """What is traded."""

    @abstractmethod
    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return what first happens to the order, from now on in the spans that lie ahead; None when nothing does."""

    @abstractmethod
    def fill(self, touch: Touch) -> None:
        """Let that happen, now: it is no longer pending by itself, but still among the pending orders."""

    @abstractmethod
    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it: mostly one, a bracket shows one for each leg."""

    def leg_ids(self) -> Collection[int]:
        """Return the ids whose lives end when the order is cancelled."""
        return (self.order_id,)

    def opposes(self, sign: int) -> bool:
        """Tell whether a decision to buy (+1) or to sell (-1) cancels the order; asked when the order is put."""
        return False

    @property
    def watches_marks(self) -> bool:
        """Whether the order is watched in the mark price: the spans that lie ahead are those of marks."""
        return False

    @property
    def goes_with_position(self) -> bool:
        """Whether the order is cancelled when its symbol's position is gone; asked when the order is put."""
        return False

    @property
    def asks(self) -> tuple[float, str]:
        """How much it asks for, and what that is; told where another of its group has filled a part."""
        return 0.0, "coins"

    def scale(self, share: float, instrument: Instrument) -> bool:
        """Let it ask for a share of what it has asked for, as another of its group has filled the rest; tell whether
        that is anything. One that cannot is cancelled: by default none can.
        """
        return False

    def ends(self) -> list[End]:
        """Return what will end it; asked when the order is put."""
        symbol = self.symbol
        ends: list[End] = [(sign, symbol) for sign in (1, -1) if self.opposes(sign)]
        if self.goes_with_position:
            ends.append(("position", symbol))
        if self.group:
            ends.append(("group", self.group))
        if self.may_be_cancelled:
            ends.append(("decisions", symbol))
            if self.tag:
                ends.append(("tag", symbol, self.tag))
        return ends

    def has_lost(self, sign: int) -> bool:
        """Tell whether the position that is gone, of direction `sign`, is the one that the order goes with."""
        return True

    @property
    def tag(self) -> str:
        """What the decision behind it calls the order."""
        return ""

    @property
    def group(self) -> str:
        """The name of the orders of which one that fills cancels the others; asked when the order is put."""
        return ""

    @property
    def expires_at(self) -> int | None:
        """When what is left of the order is cancelled (epoch ms); None: never."""
        return None

    def id_at(self, touch: Touch) -> int:
        """Return the id of what of the order a touch happens to: the order's own, or that of a leg."""
        return self.order_id

    @property
    def age(self) -> int:
        """Its place among the orders of its symbol that are due together: lower ones are older."""
        return self.order_id


@dataclass(slots=True, eq=False)
class DeskOrder(PendingOrder):
    """An order of one of the desks: what happens to it is done there, by `at_touch`."""

    order_id: int
    at_touch: Callable[[Any, Touch], None]

    def fill(self, touch: Touch) -> None:
        """Let its desk do what there is to do."""
        self.at_touch(self, touch)


#: An entry of the queue, in the order in which it is settled: when it is due, whether at an open, whether after the
#: others of its instant, the rank of its symbol, age and id of the order, the ticket, which counts while it is the
#: order's own, then the order and its touch. A named tuple would take seven times as long to make.
_Due = tuple[int, bool, bool, int, int, int, int, PendingOrder, Touch]


class PendingOrders:
    """Pending orders by age, and a queue of what happens to them: what klines that close have reached, then rests that
    work on, then what the price at the end of a pause does, then what an open brings; symbols in the order of the
    configuration, older orders first.

    `alarm` rings at the next instant at which something is due. What lies after the end of the run is never due. While
    `paused_at` is set nothing is due but what klines that closed until then had brought.
    """

    def __init__(self, clock: Clock, config: BacktestConfig) -> None:
        self.alarm = Alarm(clock)
        self.paused_at: int | None = None
        self._clock = clock
        self._end_ms = config.end_ms
        self._rank = {symbol: place for place, symbol in enumerate(config.symbols)}
        self._orders: dict[int, PendingOrder] = {}
        self._ended_by: dict[End, dict[int, PendingOrder]] = {}
        self._ends: dict[int, list[End]] = {}
        self._tickets: dict[int, int] = {}
        #: How often an order was put so far: a watcher sees by it that something has moved.
        self.changes = 0
        self._queue: list[_Due] = []
        self._views: tuple[Order, ...] | None = ()
        self._seen: Callable[[], OpenOrders | None] | None = None
        self._settled: dict[int, int] = {}
        self._counted_at = -1

    def put(self, order: PendingOrder, touch: Touch | None = None) -> None:
        """Keep an order, to which a touch happens next; None: nothing happens to it of itself. What was to happen to it
        before is forgotten.
        """
        self.keep_seen()
        order_id = order.order_id
        if self._orders.get(order_id) is not order:
            self._file(order)
        self.changes = self._tickets[order_id] = ticket = self.changes + 1
        if touch is not None and touch.due_ms <= self._end_ms:
            queue, rank, when = self._queue, self._rank[order.symbol], touch.due_ms
            entry = (when, touch.at_open, touch.is_later, rank, order.age, order_id, ticket, order, touch)
            heappush(queue, entry)
            if queue[0] is entry:  # else the alarm is set already
                self._set_alarm(when)

    def remove(self, order: PendingOrder) -> None:
        """Forget an order: nothing happens to it any more."""
        self.keep_seen()
        order_id = order.order_id
        del self._orders[order_id], self._tickets[order_id]
        self._take_out(order_id)

    def _take_out(self, order_id: int) -> None:
        for end in self._ends.pop(order_id, ()):
            there = self._ended_by[end]
            del there[order_id]
            if not there:  # tags and groups are many, and most of them are used once
                del self._ended_by[end]

    def _file(self, order: PendingOrder) -> None:
        order_id = order.order_id
        if order_id in self._orders:
            self._take_out(order_id)
        self._orders[order_id] = order
        self._ends[order_id] = ends = order.ends()
        for end in ends:
            self._ended_by.setdefault(end, {})[order_id] = order

    def get(self, order_id: int) -> PendingOrder | None:
        """Return the pending order of an id, or None."""
        return self._orders.get(order_id)

    def going_with_position(self, symbol: str) -> list[PendingOrder]:
        """Return the orders that are cancelled when the position of a symbol is gone, oldest first."""
        return _by_age(self._ended_by.get(("position", symbol)))

    def opposing(self, symbol: str, sign: int) -> list[PendingOrder]:
        """Return the orders of a symbol that a decision to buy (+1) or to sell (-1) cancels, oldest first."""
        return _by_age(self._ended_by.get((sign, symbol)))

    def of_decisions(self, symbol: str, order_id: int | None = None, tag: str = "") -> list[Any]:
        """Return the entry orders of a symbol, which decisions may cancel and amend, oldest first: of an id, of a tag,
        or all.
        """
        end: End = ("tag", symbol, tag) if tag else ("decisions", symbol)
        meant = self._ended_by.get(end)
        if order_id is None or not meant:
            return _by_age(meant)
        return [meant[order_id]] if order_id in meant else []

    def in_group(self, group: str) -> list[PendingOrder]:
        """Return the orders of a group, oldest first."""
        return _by_age(self._ended_by.get(("group", group)))

    def __contains__(self, order: PendingOrder) -> bool:
        return self._orders.get(order.order_id) is order

    def __iter__(self) -> Iterator[PendingOrder]:
        """Go through the orders, oldest first; they may be removed meanwhile."""
        return iter(_by_age(self._orders))

    def resume(self) -> None:
        """Go on after a pause. What was to happen is forgotten: every order must be put again."""
        self.paused_at = None
        self._queue.clear()

    def may_act(self, at_open: bool) -> bool:
        """Tell whether something may fill now: not in a pause, but for what a kline that closed at its beginning has
        brought.
        """
        return self.paused_at is None or (not at_open and self.paused_at == self._clock.now())

    def due_now(self, closes_only: bool = False) -> Iterator[tuple[PendingOrder, Touch]]:
        """Take what is due now (only at closes of klines, if so wanted) out of the queue, one by one; what becomes due
        meanwhile comes too. Then set the alarm to the next instant.
        """
        queue, now = self._queue, self._clock.now()
        while (first := self._first()) is not None:
            order, touch = first
            if touch.due_ms > now or (closes_only and touch.at_open):
                self._set_alarm(touch.due_ms)
                return
            if self.paused_at is not None and not self.may_act(touch.at_open):
                return
            heappop(queue)
            self.keep_seen()
            self._count(order, touch.due_ms, now)
            yield first

    def _count(self, order: PendingOrder, due_ms: int, now: int) -> None:
        """See to it that time moves: nothing is settled late, and nothing for ever at one instant."""
        order_id = order.order_id
        if due_ms < now:
            raise SimulationError(f"order {order_id}, due at {due_ms}, was settled only at {now}")
        if now != self._counted_at:
            self._counted_at = now
            self._settled.clear()
        count = self._settled[order_id] = self._settled.get(order_id, 0) + 1
        if count > MOST_AT_ONCE:
            what = f"{type(order).__name__} {order_id} in {order.symbol}"
            raise SimulationError(f"order {what} was due {MOST_AT_ONCE} times at {now}: it does not get on")

    def _first(self) -> tuple[PendingOrder, Touch] | None:
        """Return the first order of the queue whose entry still counts, and its touch."""
        queue, tickets = self._queue, self._tickets
        while queue:
            _, _, _, _, _, order_id, ticket, order, touch = queue[0]
            if tickets.get(order_id) == ticket:
                return order, touch
            heappop(queue)
        return None

    def _set_alarm(self, due_ms: int) -> None:
        """Set the alarm to when the first entry that counts is due."""
        if self.paused_at is None or due_ms >= self._clock.now():
            self.alarm.set(due_ms)

    def touches_inside(self, due_ms: int) -> list[tuple[PendingOrder, Touch]]:
        """Return the orders that are touched inside of the klines that close at `due_ms`."""
        self.keep_seen()
        return [
            (order, touch)
            for *_, order_id, ticket, order, touch in self._queue
            if touch.due_ms == due_ms and touch.is_inside and self._tickets.get(order_id) == ticket
        ]

    def views(self) -> tuple[Order, ...]:
        """Return everything that is pending as a strategy sees it, oldest first."""
        if self._views is None:
            self._views = tuple(view for order in self for view in order.views())
        return self._views

    def seen(self) -> tuple[Order, ...] | OpenOrders:
        """Return the same, to be read later if at all: working it out takes time for each order."""
        if self._views is not None:
            return self._views
        seen = None if self._seen is None else self._seen()
        if seen is None:
            seen = OpenOrders(self.views)
            self._seen = ref(seen)
        return seen

    def keep_seen(self) -> None:
        """Let whoever has seen what is pending read it as it is now: something of it is about to change."""
        seen = None if self._seen is None else self._seen()
        if seen is not None:
            seen.looked_up()
        self._seen = self._views = None


def _by_age(orders: dict[int, PendingOrder] | None) -> list[PendingOrder]:
    return [orders[order_id] for order_id in sorted(orders)] if orders else []
