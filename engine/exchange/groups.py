"""Groups of orders of which one that fills, or triggers, cancels the others."""

from __future__ import annotations

from collections.abc import Sequence

from .. import reasons
from .floor import ROUNDING, TradingFloor
from .orders import OrderIntent, PendingOrder


class Groups:
    """Cancels, or cuts down, what an order of a group leaves to the others."""

    def __init__(self, floor: TradingFloor) -> None:
        self._floor = floor
        #: The klines, by symbol and close, that touched two orders of a group: the older one has filled.
        self.ambiguous: set[tuple[str, int]] = set()

    def filled(self, order_id: int, intent: OrderIntent, share: float) -> None:
        """Let the others of its group, if it has one, go without the share of an order that has filled: all of them
        are cancelled when it is whole.
        """
        group = intent.handling.group
        if not group or share <= 0.0:
            return
        others = [each for each in self._floor.pending.in_group(group) if each.order_id != order_id]
        if others:
            self._note_touched(others)
        for other in others:
            self._floor.pending.keep_seen()
            if share >= 1.0 - ROUNDING or not self._cut_down(other, 1.0 - share):
                self._floor.cancel(other, reasons.GROUP_FILLED)

    def _cut_down(self, order: PendingOrder, share: float) -> bool:
        """Let an order ask for a share of what it has asked for; tell whether it can, and that is anything."""
        before, unit = order.asks
        if not order.scale(share, self._floor.instrument(order.symbol)):
            return False
        self._floor.resized(order.order_id, "group-share", before, order.asks[0], unit)
        return True

    def _note_touched(self, others: Sequence[PendingOrder]) -> None:
        """Note the klines that close now and have touched others of the group as well: what came first is unknown."""
        due_ms = self._floor.clock.now()
        for other, _ in self._floor.pending.touches_inside(due_ms):
            if other in others:
                self.ambiguous.add((other.symbol, due_ms))
