"""What is pending at the exchange, and the next instant at which something of it is due."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, ClassVar, NamedTuple
from weakref import ref

from ...config import BacktestConfig
from ...contract import OpenOrders, Order
from ...errors import SimulationError
from ...kernel import Alarm, Clock
from ...market import WatchColumns
from .touch import Touch

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

    def leg_ids(self) -> Sequence[int]:
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


class _Due(NamedTuple):
    """An entry of the queue, in the order in which it is settled; it counts while its `ticket` is the order's own."""

    due_ms: int
    at_open: bool
    is_later: bool
    rank: int
    age: int
    order_id: int
    ticket: int
    order: PendingOrder
    touch: Touch


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
        #: Orders by what will end them: ("position", symbol), ("group", name), or (a sign, symbol) of the decision that
        #: cancels them.
        self._ended_by: dict[Hashable, dict[int, PendingOrder]] = {}
        self._ends: dict[int, list[Hashable]] = {}
        self._tickets: dict[int, int] = {}
        self._ticket = 0
        self._queue: list[_Due] = []
        self._views: tuple[Order, ...] | None = ()
        self._seen: Callable[[], OpenOrders | None] = lambda: None
        self._settled: dict[int, int] = {}
        self._counted_at = -1

    @property
    def changes(self) -> int:
        """How often an order was put so far: a watcher sees by it that something has moved."""
        return self._ticket

    def put(self, order: PendingOrder, touch: Touch | None = None) -> None:
        """Keep an order, to which a touch happens next; None: nothing happens to it of itself. What was to happen to it
        before is forgotten.
        """
        self.keep_seen()
        if self._orders.get(order.order_id) is not order:
            self._file(order)
        self._ticket += 1
        self._tickets[order.order_id] = self._ticket
        if touch is not None and touch.due_ms <= self._end_ms:
            when = touch.due_ms, touch.at_open, touch.is_later
            order_id, ticket = order.order_id, self._ticket
            entry = _Due(*when, self._rank[order.symbol], order.age, order_id, ticket, order, touch)
            heappush(self._queue, entry)
            if self._queue[0] is entry:  # else the alarm is set already
                self._set_alarm(entry)

    def remove(self, order: PendingOrder) -> None:
        """Forget an order: nothing happens to it any more."""
        self.keep_seen()
        del self._orders[order.order_id], self._tickets[order.order_id]
        self._take_out(order)

    def _take_out(self, order: PendingOrder) -> None:
        for end in self._ends.pop(order.order_id, ()):
            there = self._ended_by[end]
            del there[order.order_id]
            if not there:  # tags and groups are many, and most of them are used once
                del self._ended_by[end]

    def _file(self, order: PendingOrder) -> None:
        if order.order_id in self._orders:
            self._take_out(order)
        self._orders[order.order_id] = order
        self._ends[order.order_id] = ends = _ends(order)
        for end in ends:
            self._ended_by.setdefault(end, {})[order.order_id] = order

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
        end = ("tag", symbol, tag) if tag else ("decisions", symbol)
        meant = self._ended_by.get(end)
        if order_id is None or not meant:
            return _by_age(meant)
        return [meant[order_id]] if order_id in meant else []

    def in_group(self, group: str) -> list[Any]:
        """Return the entry orders of a group, oldest first."""
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
        while (entry := self._first()) is not None and entry.due_ms <= now and not (closes_only and entry.at_open):
            if not self.may_act(entry.at_open):
                return
            heappop(queue)
            self.keep_seen()
            self._count(entry, now)
            yield entry.order, entry.touch
        self._set_alarm(entry)

    def _count(self, entry: _Due, now: int) -> None:
        """See to it that time moves: nothing is settled late, and nothing for ever at one instant."""
        if entry.due_ms < now:
            raise SimulationError(f"order {entry.order_id}, due at {entry.due_ms}, was settled only at {now}")
        if now != self._counted_at:
            self._counted_at = now
            self._settled.clear()
        count = self._settled[entry.order_id] = self._settled.get(entry.order_id, 0) + 1
        if count > MOST_AT_ONCE:
            what = f"{type(entry.order).__name__} {entry.order_id} in {entry.order.symbol}"
            raise SimulationError(f"order {what} was due {MOST_AT_ONCE} times at {now}: it does not get on")

    def _first(self) -> _Due | None:
        """Return the first entry that still counts."""
        queue, tickets = self._queue, self._tickets
        while queue and tickets.get(queue[0].order_id) != queue[0].ticket:
            heappop(queue)
        return queue[0] if queue else None

    def _set_alarm(self, entry: _Due | None) -> None:
        """Set the alarm to the first entry that counts."""
        if entry is not None and (self.paused_at is None or entry.due_ms >= self._clock.now()):
            self.alarm.set(entry.due_ms)

    def touches_inside(self, due_ms: int) -> list[tuple[PendingOrder, Touch]]:
        """Return the orders that are touched inside of the klines that close at `due_ms`."""
        self.keep_seen()
        return [
            (entry.order, entry.touch)
            for entry in self._queue
            if entry.due_ms == due_ms and entry.touch.is_inside and self._tickets.get(entry.order_id) == entry.ticket
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
        seen = self._seen()
        if seen is None:
            seen = OpenOrders(self.views)
            self._seen = ref(seen)
        return seen

    def keep_seen(self) -> None:
        """Let whoever has seen what is pending read it as it is now: something of it is about to change."""
        seen = self._seen()
        if seen is not None:
            seen.looked_up()
            self._seen = lambda: None
        self._views = None


def _ends(order: PendingOrder) -> list[Hashable]:
    symbol = order.symbol
    ends: list[Hashable] = [(sign, symbol) for sign in (1, -1) if order.opposes(sign)]
    if order.goes_with_position:
        ends.append(("position", symbol))
    if order.group:
        ends.append(("group", order.group))
    if order.may_be_cancelled:
        ends.append(("decisions", symbol))
        if order.tag:
            ends.append(("tag", symbol, order.tag))
    return ends


def _by_age(orders: dict[int, PendingOrder] | None) -> list[PendingOrder]:
    return [orders[order_id] for order_id in sorted(orders)] if orders else []
