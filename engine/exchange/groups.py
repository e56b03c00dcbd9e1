"""Groups of orders of which one that fills, or triggers, cancels the others."""

from __future__ import annotations

from .. import reasons
from .floor import ROUNDING, TradingFloor
from .orders import OrderIntent


class Groups:
    """Cancels, or cuts down, what an order of a group leaves to the others."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor

    def filled(self, order_id: int, intent: OrderIntent, share: float) -> None:
        """Let the others of its group, if it has one, go without the share of an order that has filled: all of them
        are cancelled when it is whole.
        """
        group = intent.handling.group
        if not group or share <= 0.0:
            return
        for other in self._floor.pending.in_group(group):
            if other.order_id == order_id:
                continue
            self._floor.pending.keep_seen()
            is_whole, (before, unit) = share >= 1.0 - ROUNDING, other.asks
            if is_whole or not other.scale(1.0 - share, self._floor.instrument(other.symbol)):
                self._floor.cancel(other, reasons.GROUP_FILLED)
            else:
                self._floor.resized(other.order_id, "group-share", before, other.asks[0], unit)
