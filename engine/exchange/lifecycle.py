"""The life of an order as a table: state x event -> state. Code, README diagram and a property test use this one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from ..errors import SimulationError
from ..kernel import Fill


class OrderState(StrEnum):
    """Where an order stands; the last four are final. One that cancels or amends others is carried out."""

    NEW = "new"
    IN_FLIGHT = "in flight"
    WAITING = "waiting"
    ARMED = "armed"
    RESTING = "resting"
    PARTLY_FILLED = "partly filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    CARRIED_OUT = "carried out"


class OrderEvent(StrEnum):
    """What happens to an order."""

    SEND = "send"
    WAIT = "wait"
    ARM = "arm"
    REST = "rest"
    FILL_PART = "fill part"
    FILL = "fill"
    CANCEL = "cancel"
    REJECT = "reject"
    CARRY_OUT = "carry out"


S, E = OrderState, OrderEvent
NEW = S.NEW  # Python 3.11 takes three times as long to read a member of its enum

_TRADED: Mapping[OrderEvent, OrderState] = {
    E.REST: S.RESTING,
    E.FILL_PART: S.PARTLY_FILLED,
    E.FILL: S.FILLED,
    E.REJECT: S.REJECTED,
}
_TAKEN = {**_TRADED, E.ARM: S.ARMED, E.CARRY_OUT: S.CARRIED_OUT}

#: A market order goes from new to filled; with latency it is in flight first; with execution_price "open" or "vwap" it
#: waits for its kline; what a limit or a volume cap leaves over rests; a leg of a bracket, and an order with a trigger,
#: are armed until they are touched.
LIFE: Mapping[OrderState, Mapping[OrderEvent, OrderState]] = {
    S.NEW: {**_TAKEN, E.SEND: S.IN_FLIGHT, E.WAIT: S.WAITING},
    S.IN_FLIGHT: {**_TAKEN, E.WAIT: S.WAITING, E.CANCEL: S.CANCELLED},
    S.WAITING: {**_TRADED, E.CANCEL: S.CANCELLED},
    S.ARMED: {E.REST: S.RESTING, E.FILL_PART: S.ARMED, E.FILL: S.FILLED, E.CANCEL: S.CANCELLED, E.REJECT: S.REJECTED},
    S.RESTING: {E.FILL_PART: S.RESTING, E.FILL: S.FILLED, E.CANCEL: S.CANCELLED},
    S.PARTLY_FILLED: {E.REST: S.RESTING, E.FILL_PART: S.PARTLY_FILLED, E.FILL: S.FILLED, E.CANCEL: S.CANCELLED},
    S.FILLED: {},
    S.CANCELLED: {},
    S.REJECTED: {},
    S.CARRIED_OUT: {},
}


class OrderLives:
    """The state of every order of a run."""

    __slots__ = ("_states",)

    def __init__(self) -> None:
        self._states: dict[int, OrderState] = {}

    def state(self, order_id: int) -> OrderState:
        """Return where an order stands."""
        return self._states.get(order_id, NEW)

    def move(self, order_id: int, event: OrderEvent) -> None:
        """Let an event happen to an order; `SimulationError` names order, state and event when it cannot."""
        states = self._states
        state = states.get(order_id, NEW)
        after = LIFE[state].get(event)
        if after is None:
            raise SimulationError(f"order {order_id} is {state}: it cannot {event}")
        states[order_id] = after


class OrderResult(NamedTuple):
    """What became of a submitted decision: where its order stands (filled, waiting for its kline, resting at its limit,
    in flight to the exchange, or rejected), its fills so far, and the reason when (part of) it was rejected.
    """

    order_id: int
    status: OrderState
    reason: str = ""
    fills: tuple[Fill, ...] = ()
