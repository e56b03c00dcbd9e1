"""What became of a submitted decision."""

from __future__ import annotations

from typing import NamedTuple

from ..kernel import Fill
from .lifecycle import OrderState


class OrderResult(NamedTuple):
    """What became of a submitted decision: where its order stands (filled, waiting for its kline, resting at its limit,
    in flight to the exchange, or rejected), its fills so far, and the reason when (part of) it was rejected.
    """

    order_id: int
    status: OrderState
    reason: str = ""
    fills: tuple[Fill, ...] = ()
