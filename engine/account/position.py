"""An open position as the account keeps it, and how fills change it. Immutable: a fill makes a new one."""

from __future__ import annotations

from math import inf
from typing import Literal

from ..errors import SimulationError
from ..kernel import Fact, Fill, Origin

#: A closing fill of at least this share of a position closes all of it.
WHOLE = 1.0 - 1e-12


class Holding(Fact):
    """An open position. `sign` is +1 for a long, -1 for a short; `size` in coins; `margin`, `entry_fees` and
    `funding` in USD and only of what is still open; `origin` is the decision of the first entry. `risk` is what it
    would lose between its entries and the first stop of each, in USD; None when an entry had no stop.
    """

    __slots__ = (
        "entry_fees",
        "entry_price",
        "funding",
        "margin",
        "opened_at",
        "origin",
        "risk",
        "sign",
        "size",
        "symbol",
    )

    def __init__(
        self,
        symbol: str,
        sign: int,
        size: float,
        entry_price: float,
        margin: float,
        entry_fees: float,
        funding: float,
        opened_at: int,
        origin: Origin,
        risk: float | None = None,
    ) -> None:
        self.symbol = symbol
        self.sign = sign
        self.size = size
        self.entry_price = entry_price
        self.margin = margin
        self.entry_fees = entry_fees
        self.funding = funding
        self.opened_at = opened_at
        self.origin = origin
        self.risk = risk

    @property
    def side(self) -> Literal["long", "short"]:
        """The direction in words."""
        return "long" if self.sign > 0 else "short"

    @property
    def leverage(self) -> float:
        """Return entry notional / margin."""
        return self.size * self.entry_price / self.margin

    def check(self) -> None:
        """Raise `SimulationError` unless size, entry price and margin are positive numbers."""
        if not (0.0 < self.size < inf and 0.0 < self.entry_price < inf and 0.0 < self.margin < inf):
            raise SimulationError(f"position in {self.symbol} is not positive: {self!r}")

    def unrealized(self, price: float) -> float:
        """Return the profit in USD if the position were marked at `price`."""
        return self.sign * self.size * (price - self.entry_price)

    @classmethod
    def opened(cls, fill: Fill) -> Holding:
        """Return the position that an entry fill opens."""
        if fill.origin is None:
            raise SimulationError(f"the entry fill of order {fill.order_id} has no decision behind it")
        sign, size, price, risk = fill.sign, fill.size, fill.price, fill.risk
        return cls(fill.symbol, sign, size, price, fill.margin, fill.fee, 0.0, fill.timestamp, fill.origin, risk)

    def added(self, fill: Fill) -> Holding:
        """Return the position after an entry in the same direction: entry price weighted by size."""
        if fill.sign != self.sign:
            raise SimulationError(f"an entry fill in {self.symbol} against the open {self.side} position")
        total = self.size + fill.size
        average = (self.size * self.entry_price + fill.size * fill.price) / total
        margin, fees = self.margin + fill.margin, self.entry_fees + fill.fee
        risk = None if self.risk is None or fill.risk is None else self.risk + fill.risk
        return self.replaced(size=total, entry_price=average, margin=margin, entry_fees=fees, risk=risk)

    def funded(self, amount: float) -> Holding:
        """Return the position after a funding payment: `amount` in USD, received +."""
        whole = self.symbol, self.sign, self.size, self.entry_price, self.margin, self.entry_fees
        return Holding(*whole, self.funding + amount, self.opened_at, self.origin, self.risk)

    def share(self, size: float) -> float:
        """Return which share of the position a closing fill of `size` takes; 1.0 when it takes all."""
        return 1.0 if size >= WHOLE * self.size else size / self.size

    def without(self, size: float) -> Holding | None:
        """Return what is left after `size` coins are closed, or None."""
        share = self.share(size)
        if share == 1.0:
            return None
        rest = 1.0 - share
        return self.replaced(
            size=self.size - size,
            margin=self.margin * rest,
            entry_fees=self.entry_fees * rest,
            funding=self.funding * rest,
            risk=None if self.risk is None else self.risk * rest,
        )
