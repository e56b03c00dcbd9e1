"""What is pending at the exchange, and the next instant at which something of it is due."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TypeVar

from ..config import BacktestConfig
from ..contract import Order
from ..errors import SimulationError
from ..kernel import Alarm, Clock
from .bracket import Bracket, Touch
from .in_flight import OrderInFlight
from .limit_order import RestingOrder
from .waiting import WaitingOrder

PendingItem = Bracket | WaitingOrder | RestingOrder | OrderInFlight
T = TypeVar("T", bound=PendingItem)


class PendingOrders:
    """Pending items by age, and a queue of what happens to them: what a kline's close brings before what an open
    brings, symbols in the order of the configuration, older items first.

    `alarm` rings at the next instant at which something is due. What lies after the end of the run is never due.
    """

    def __init__(self, clock: Clock, config: BacktestConfig) -> None:
        self.alarm = Alarm(clock)
        self._clock = clock
        self._end_ms = config.end_ms
        self._rank = {symbol: place for place, symbol in enumerate(config.symbols)}
        self._items: dict[int, PendingItem] = {}
        self._due: list[tuple[int, bool, int, int, PendingItem, Touch | None]] = []
        self._views: tuple[Order, ...] | None = ()

    def keep(self, item: PendingItem) -> None:
        """Keep an item to which nothing happens of itself."""
        self._items[item.age] = item
        self._views = None

    def put(self, item: PendingItem, due: int, at_open: bool, touch: Touch | None = None) -> None:
        """Keep an item to which something happens at `due`, at a kline's open or not."""
        self._items[item.age] = item
        self._views = None
        if due <= self._end_ms:
            heappush(self._due, (due, at_open, self._rank[item.symbol], item.age, item, touch))
            self.alarm.set(self._due[0][0])

    def remove(self, item: PendingItem) -> None:
        """Forget an item: nothing happens to it any more."""
        item.cancelled = True
        del self._items[item.age]
        self._views = None

    def items(self, kind: type[T], symbol: str | None = None) -> list[T]:
        """Return the items of a kind (of one symbol), oldest first."""
        return [
            item
            for item in self._items.values()
            if isinstance(item, kind) and (symbol is None or item.symbol == symbol)
        ]

    def due_now(self, closes_only: bool = False) -> Iterator[tuple[PendingItem, Touch | None]]:
        """Take what is due now (only at closes of klines, if so wanted) out of the queue, one by one; what becomes due
        meanwhile comes too. Then set the alarm to the next instant.
        """
        due, now = self._due, self._clock.now()
        while due and due[0][0] <= now and not (closes_only and due[0][1]):
            when, _, _, _, item, touch = heappop(due)
            if item.cancelled:
                continue
            if when < now:
                raise SimulationError(f"an order due at {when} was settled only at {now}")
            yield item, touch
        while due and due[0][4].cancelled:
            heappop(due)
        if due:
            self.alarm.set(due[0][0])

    def touches_inside(self, due_ms: int) -> list[tuple[Bracket | RestingOrder, Touch]]:
        """Return the brackets and limit orders that are touched inside of the klines that close at `due_ms`."""
        return [
            (item, touch)
            for due, at_open, _, _, item, touch in self._due
            if due == due_ms and not at_open and touch is not None and not item.cancelled
            if isinstance(item, (Bracket, RestingOrder))
        ]

    def views(self) -> tuple[Order, ...]:
        """Return everything that is pending as a strategy sees it, oldest first."""
        if self._views is None:
            self._views = tuple(view for item in self._items.values() for view in item.views())
        return self._views
