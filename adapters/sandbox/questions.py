"""What is said to a program at a trigger: only what has changed since the last one, as plain values.

`Questions` writes it in the parent, `Answers` reads it in the worker.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from engine import HistoricalDataProvider, MarketData, Order, TriggerEvent
from engine.account import AccountState, Holding, MarginRules
from engine.contract import OpenOrders, RegimeInfo
from engine.kernel import Origin
from engine.plain_values import plain
from engine.program import RECENT_TRADES, Asked, ClosedTrade, ViewedRun, view_at

from .frame import INSTANT, INSTANT_BYTES, framed

Message = tuple[Any, ...]
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
        self._orders: tuple[Order, ...] = ()
        self._trades = 0
        self._symbol = ""

    def framed(self, asked: Asked) -> bytes:
        """Return the message of a question, framed; what is None in it is as it was at the last one. Of a scheduled
        trigger at which nothing else is new its instant says all.
        """
        at, trigger, symbol, state, trades, seen, _, _ = asked
        orders = seen.looked_up() if isinstance(seen, OpenOrders) else seen
        if (
            state is self._state
            and len(trades) == self._trades
            and symbol == self._symbol
            and (orders is self._orders or not (orders or self._orders))
            and _all_but_time(trigger) == _SCHEDULED_FACTS
        ):
            return _instant(INSTANT_BYTES, at)
        event, self._symbol = _event(trigger), symbol
        account = self._account(state)
        news = self._new_trades(trades), self._changed_orders(orders)
        return framed(marshal.dumps(("ask", at, event, symbol, *account, *news)))

    def _account(self, state: AccountState) -> tuple[float | None, list[Message] | None]:
        before, self._state = self._state, state
        if state is before:
            return None, None
        if before is not None and state.holdings is before.holdings:
            return state.cash, None
        return state.cash, [(*each[:8], each.risk) for each in state.holdings.values()]

    def _new_trades(self, trades: Sequence[ClosedTrade]) -> list[Message] | None:
        known, self._trades = self._trades, len(trades)
        if self._trades == known:
            return None
        return [TradeFacts.of(each) for each in trades[max(known, self._trades - RECENT_TRADES) :]]

    def _changed_orders(self, orders: tuple[Order, ...]) -> list[Any] | None:
        """Return for each order its place at the last question, or all of it when it is new or was changed."""
        before, self._orders = self._orders, orders
        if orders is before or (not orders and not before):
            return None
        places = {order: place for place, order in enumerate(before)}
        changed = [places.get(order, order) for order in orders]
        return [each if type(each) is int else tuple(each) for each in changed]  # type: ignore[arg-type]


#: A scheduled trigger: of its time a program is told by the market data.
_SCHEDULED = TriggerEvent(0, "scheduled")
_all_but_time = attrgetter(*(name for name in TriggerEvent.NAMES if name != "timestamp"))
_SCHEDULED_FACTS = _all_but_time(_SCHEDULED)


def _event(trigger: TriggerEvent) -> Any:
    """Return a trigger as plain values; of a scheduled one nothing but that it is one has to be said."""
    if _all_but_time(trigger) == _SCHEDULED_FACTS:
        return None
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
    """Makes of messages what a program gets. `provider` answers what it asks of the market."""

    def __init__(self, provider: HistoricalDataProvider, margins: MarginRules) -> None:
        self._run, self._state = ViewedRun(provider, [], margins), AccountState(0.0, {})
        self._orders: tuple[Order, ...] = ()
        self._symbol = ""

    def data(self, message: Message | int) -> MarketData:
        """Return what the program gets at a trigger."""
        at, trigger = (message, _SCHEDULED) if type(message) is int else self._take(message)
        self._run.provider.now = at
        return view_at(self._run, at, trigger, self._symbol, self._state, self._orders)

    def _take(self, message: Any) -> tuple[int, TriggerEvent]:
        """Take what is new, and return the instant and the trigger."""
        _, at, event, self._symbol, cash, holdings, trades, orders = message
        if cash is not None:
            self._state = AccountState(cash, self._state.holdings if holdings is None else _holdings(holdings))
        if trades is not None:
            known = [*self._run.trades, *map(TradeFacts._make, trades)][-RECENT_TRADES:]
            self._run = replace(self._run, trades=known)  # those before keep theirs
        if orders is not None:
            self._orders = tuple(self._orders[each] if type(each) is int else Order._make(each) for each in orders)
        return at, _SCHEDULED if event is None else _trigger(at, event)


def _holdings(values: list[Message]) -> dict[str, Holding]:
    return {each[0]: Holding._make((*each[:8], _NO_ORIGIN, each[8])) for each in values}


def _trigger(at: int, event: Any) -> TriggerEvent:
    kind, symbol, pool_id, pool_name, logic, signals, regime = event
    found = None if regime is None else RegimeInfo(*regime)
    return TriggerEvent(at, kind, symbol, pool_id, pool_name, logic, tuple(signals), found)
