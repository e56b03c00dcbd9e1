"""What the recorder keeps of each message until its line is made: a few references, nothing worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..account import AccountState, Closing
from ..contract import Order
from ..exchange import OrderEvent, OrderState, Touch
from ..kernel import Fill, TriggerEvent
from ..program import WarmUpCase


class Decided(NamedTuple):
    """A decision at a trigger, and what was too short for it."""

    trigger: TriggerEvent
    values: tuple[Any, ...]
    case: WarmUpCase | None


class Asked(NamedTuple):
    """A decision that a process of one's own has submitted, or that an order of its own kind trades as."""

    values: tuple[Any, ...]
    process: str
    trigger: TriggerEvent | None
    order_id: int | None


@dataclass(slots=True, eq=False)
class Moved:
    """What has happened to an order, where it stands since, and how it shows, where that is known."""

    order_id: int
    event: OrderEvent | None
    state: OrderState
    grounds: Grounds | None
    view: Order | None = None


class Grounds(NamedTuple):
    """The touch that has moved an order, and the span that it was found in: from `start_ms` to `end_ms`, at the end of
    a pause if it `resumes`, of marks if the order watches `marks`. `own`: the order is of a kind of one's own.
    """

    touch: Touch
    start_ms: int
    end_ms: int
    resumes: bool
    marks: bool
    own: bool


class Filled(NamedTuple):
    """A fill, the account after it, what an exit has closed, the price before slippage, and why it came. `at_open`: of
    a liquidation, whether it came at an instant, and not inside of a kline.
    """

    fill: Fill
    state: AccountState
    closing: Closing | None
    before: float
    grounds: Grounds | None
    at_open: bool = False


class Said(NamedTuple):
    """A message of any other kind, and the account after it, where that may have changed."""

    message: Any
    state: AccountState | None


class Told(NamedTuple):
    """A message of a kind of one's own, as plain values."""

    name: str
    fields: dict[str, Any]


What = Decided | Asked | Moved | Filled | Said | Told
#: A message: its instant, how many triggers were handled before it, the place of the entry that led to it (for a place
#: below 0 the trigger -1 - place; None: nothing did), what it is, and whether a decision of the instant itself has
#: caused it.
Entry = tuple[int, int, int | None, What, bool]
