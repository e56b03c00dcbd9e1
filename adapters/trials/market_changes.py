"""What trials do to their market before they run."""

from __future__ import annotations

from dataclasses import dataclass

from engine import MarketHistory


@dataclass(frozen=True, slots=True)
class Until:
    """Leaves of a market what is known at `end_ms`: a run that ends there cannot have been told of what comes later."""

    end_ms: int

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return that part, on the same memory."""
        return market.until(self.end_ms)
