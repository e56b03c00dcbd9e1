"""What became of a submitted decision."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..kernel import Fill


class OrderResult(NamedTuple):
    """What became of a submitted decision: its fills so far, and the reason when (part of) it was rejected.

    "waiting" is for its kline, "resting" at its limit, "in flight" to the exchange.
    """

    order_id: int
    status: Literal["filled", "waiting", "resting", "in flight", "rejected"]
    reason: str = ""
    fills: tuple[Fill, ...] = ()
