"""What is said to a program at a trigger: only what has changed since the last one, as plain values.

`Questions` writes it in the parent, `Answers` reads it in the worker.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from dataclasses import replace
from sys import getrefcount
from typing import Any, NamedTuple

import numpy as np

from engine import HistoricalDataProvider, MarketData, Order, TriggerEvent
from engine.account import AccountState, Holding, MarginRules
from engine.contract import AccountEvent, OpenOrders, RegimeInfo
from engine.kernel import Origin
from engine.plain_values import plain
from engine.program import RECENT_TRADES, Asked, ClosedTrade, ViewedRun, account_event, told_otherwise, view_at

from .frame import INSTANT, INSTANT_BYTES, framed

Message = tuple[Any, ...]
TakeOrders = Callable[[list[Message]], None]
#: Types that a message has as they are.
_SENT = frozenset((bool, int, float, str))
_NO_ORIGIN = Origin(0, "", "", None)
_instant = INSTANT.pack


class TradeFacts(NamedTuple):
    """What a program is told of a closed trade."""

    symbol: str
    side: str
    size: float
    exit_price: float
    exit_timestamp: int
    pnl: float

    @classmethod
    def of(cls, trade: ClosedTrade) -> Message:
        """Return them of a record, as plain values."""
        return trade.symbol, trade.side, trade.size, trade.exit_price, trade.exit_timestamp, trade.pnl


class Questions:
    """Makes of what a program is to be asked with the message that says it."""

    def __init__(self) -> None:
        self._state: AccountState | None = None
        self._trades = 0
        #: Those that were told last; None as long as the program has not asked for them.
        self._orders: tuple[Order, ...] | None = None

    def framed(self, asked: Asked) -> bytes:
        """Return the message of a question, framed; what is None in it is as it was at the last one. Of a scheduled
        trigger at which nothing else is new its instant says all.
        """
        at, trigger, state, trades, seen, _, _, news, sight = asked
        changed = None if self._orders is None else self._changed_orders(_looked_up(seen))
        # field by field: to compare all of them together takes three times as long
        is_scheduled = (
            trigger.trigger_type == _SCHEDULED.trigger_type
            and trigger.symbol == _SCHEDULED.symbol
            and trigger.pool_id is _SCHEDULED.pool_id
            and trigger.pool_name == _SCHEDULED.pool_name
            and trigger.pool_logic == _SCHEDULED.pool_logic
            and trigger.triggered_signals == _SCHEDULED.triggered_signals
            and trigger.market_regime is _SCHEDULED.market_regime
        )
        is_known = changed is None and not news and state is self._state and len(trades) == self._trades
        is_plain = sight == (at, at)
        if is_known and is_scheduled and is_plain:
            return _instant(INSTANT_BYTES, at)
        said = None if is_scheduled else _event(trigger), *self._account(state), self._new_trades(trades)
        events = [*map(tuple, map(account_event, news))]
        return framed(marshal.dumps(("ask", at, *said, changed, events, None if is_plain else sight)))

    def orders(self, asked: Asked) -> list[Message]:
        """Return the open orders of a question; from now on each question says what has changed of them."""
        self._orders = _looked_up(asked[4])
        return [tuple(each) for each in self._orders]

    def _account(self, state: AccountState) -> tuple[float | None, list[Message] | None]:
        before, self._state = self._state, state
        if state is before:
            return None, None
        if before is not None and state.holdings is before.holdings:
            return state.cash, None
        return state.cash, [(*each.values()[:8], each.risk) for each in state.holdings.values()]

    def _new_trades(self, trades: Sequence[ClosedTrade]) -> list[Message] | None:
        known, self._trades = self._trades, len(trades)
        if self._trades == known:
            return None
        return [TradeFacts.of(each) for each in trades[max(known, self._trades - RECENT_TRADES) :]]

    def _changed_orders(self, orders: tuple[Order, ...]) -> list[Any] | None:
        """Return for each order its place at the last question, or all of it when it is new or was changed; None where
        all are as they were.
        """
        before, self._orders = self._orders or (), orders
        if orders is before or (not orders and not before):
            return None
        places = {order: place for place, order in enumerate(before)}
        changed = [places.get(order, order) for order in orders]
        return [each if type(each) is int else tuple(each) for each in changed]  # type: ignore[arg-type]


def _looked_up(seen: tuple[Order, ...] | OpenOrders) -> tuple[Order, ...]:
    return seen.looked_up() if isinstance(seen, OpenOrders) else seen


#: A scheduled trigger: of its time a program is told by the market data.
_SCHEDULED = TriggerEvent(0, "scheduled")


def _event(trigger: TriggerEvent) -> Message:
    """Return a trigger as plain values, without its time."""
    regime = trigger.market_regime
    return (
        trigger.trigger_type,
        trigger.symbol,
        trigger.pool_id,
        trigger.pool_name,
        trigger.pool_logic,
        [sendable(each) for each in trigger.triggered_signals],
        None if regime is None else sendable(regime.values()),
    )


def sendable(value: Any) -> Any:
    """Return a value in types that a message has: numbers of numpy as Python's, of any other object what can be said
    of it.
    """
    kind = type(value)
    if value is None or kind in _SENT:
        return value
    if kind in (list, tuple):
        return [sendable(each) for each in value]
    if kind is dict:
        return {str(key): sendable(each) for key, each in value.items()}
    if isinstance(value, (np.generic, np.ndarray)):
        return sendable(value.tolist())
    return plain(value)


class Answers:
    """Makes of messages what a program gets. `provider` answers what it asks of the market, `ask_orders` hands over the
    open orders of the present trigger, and `keep_seen` is called at its end.
    """

    def __init__(
        self, provider: HistoricalDataProvider, margins: MarginRules, ask_orders: Callable[[TakeOrders], None]
    ) -> None:
        self._run, self._state, self._ask_orders = ViewedRun(provider, [], margins), AccountState(0.0, {}), ask_orders
        #: Those that were told first, and those of the present trigger: until then the same view, which asks for them.
        self._first_orders: tuple[Order, ...] | None = None
        self._orders: tuple[Order, ...] | OpenOrders = OpenOrders(self._look_up_orders)
        self._own_references = getrefcount(self._orders)

    def _look_up_orders(self) -> tuple[Order, ...]:
        if self._first_orders is None:
            self._ask_orders(self._take_orders)
            assert self._first_orders is not None
        return self._first_orders

    def _take_orders(self, orders: list[Message]) -> None:
        self._first_orders = self._orders = tuple(map(Order._make, orders))

    def keep_seen(self) -> None:
        """Look the orders up for a program that has kept the view of them, and may read it when there are others."""
        if self._first_orders is None and getrefcount(self._orders) > self._own_references:
            self._orders[:]

    def data(self, message: Message | int) -> MarketData:
        """Return what the program gets at a trigger."""
        at, trigger, news, sight = (message, _SCHEDULED, (), None) if type(message) is int else self._take(message)
        self._run.provider.now = at if sight is None else sight[0]
        data = view_at(self._run, at, trigger, self._state, self._orders, news)
        if sight is not None:
            told_otherwise(data, *sight)
        return data

    def _take(self, message: Any) -> tuple[int, TriggerEvent, Sequence[AccountEvent], tuple[int, int] | None]:
        """Take what is new, and return the instant, the trigger, what has happened, and up to when the market is known
        and what the clock shows where that is not the instant.
        """
        _, at, event, cash, holdings, trades, orders, events, sight = message
        if cash is not None:
            self._state = AccountState(cash, self._state.holdings if holdings is None else _holdings(holdings))
        if trades is not None:
            known = [*self._run.trades, *map(TradeFacts._make, trades)][-RECENT_TRADES:]
            self._run = replace(self._run, trades=known)  # those before keep theirs
        if orders is not None:
            before = self._orders
            self._orders = tuple(before[each] if type(each) is int else Order._make(each) for each in orders)
        news = [AccountEvent._make(each) for each in events]
        return at, _SCHEDULED if event is None else _trigger(at, event), news, sight


def _holdings(values: list[Message]) -> dict[str, Holding]:
    return {each[0]: Holding(*(*each[:8], _NO_ORIGIN, each[8])) for each in values}


def _trigger(at: int, event: Any) -> TriggerEvent:
    kind, symbol, pool_id, pool_name, logic, signals, regime = event
    found = None if regime is None else RegimeInfo(*regime)
    return TriggerEvent(at, kind, symbol, pool_id, pool_name, logic, tuple(signals), found)
