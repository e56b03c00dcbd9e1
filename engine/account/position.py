"""An open position as the account keeps it, and how fills change it. Immutable: a fill makes a new one."""

from __future__ import annotations

from typing import NamedTuple

from ..kernel import TriggerEvent

#: A closing fill of at least this share of a position closes all of it.
WHOLE = 1.0 - 1e-12


class Origin(NamedTuple):
    """The decision behind an order: when it was taken, what it asked for and why, and the trigger before it."""

    decided_at: int
    operation: str
    reason: str
    trigger: TriggerEvent | None


class Holding(NamedTuple):
    """An open position. `sign` is +1 for a long, -1 for a short; `size` in coins; `margin`, `entry_fees` and
    `funding` in USD and only of what is still open; `origin` is the decision of the first entry.
    """

    symbol: str
    sign: int
    size: float
    entry_price: float
    margin: float
    entry_fees: float
    funding: float
    opened_at: int
    origin: Origin

    @property
    def side(self) -> str:
        """Return "long" or "short"."""
        return "long" if self.sign > 0 else "short"

    @property
    def leverage(self) -> float:
        """Return entry notional / margin."""
        return self.size * self.entry_price / self.margin

    def unrealized(self, price: float) -> float:
        """Return the profit in USD if the position were marked at `price`."""
        return self.sign * self.size * (price - self.entry_price)

    def added(self, size: float, price: float, margin: float, fee: float) -> Holding:
        """Return the position after an entry in the same direction: entry price weighted by size."""
        total = self.size + size
        average = (self.size * self.entry_price + size * price) / total
        return self._replace(
            size=total, entry_price=average, margin=self.margin + margin, entry_fees=self.entry_fees + fee
        )

    def share(self, size: float) -> float:
        """Return which share of the position a closing fill of `size` takes; 1.0 when it takes all."""
        return 1.0 if size >= WHOLE * self.size else size / self.size

    def without(self, size: float) -> Holding | None:
        """Return what is left after `size` coins are closed, or None."""
        share = self.share(size)
        if share == 1.0:
            return None
        rest = 1.0 - share
        return self._replace(
            size=self.size - size,
            margin=self.margin * rest,
            entry_fees=self.entry_fees * rest,
            funding=self.funding * rest,
        )
