"""Margins: what a position must keep, and the price at which it no longer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..venue import DEFAULT_MAX_LEVERAGE, Instrument
from .changes import AccountState
from .position import Holding

PriceOf = Callable[[str], float]

_UNKNOWN = Instrument("")


@dataclass(frozen=True)
class MarginRules:
    """The margin rules of a run: cross (the account stands for all positions) or isolated (each for itself).
    `max_leverage` bounds what a decision may ask for; what positions must keep is the instruments' affair.
    """

    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    isolated: bool = False
    max_leverage: int = DEFAULT_MAX_LEVERAGE

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument of a symbol; one of 50x without steps where none is known."""
        return self.instruments.get(symbol, _UNKNOWN)

    def maintenance(self, state: AccountState, price_of: PriceOf) -> float:
        """Return the maintenance margin of all positions at the given prices, in USD."""
        return sum(self._maintenance(each, _price(each, price_of)) for each in state.holdings.values())

    def _maintenance(self, held: Holding, price: float) -> float:
        return self.instrument(held.symbol).maintenance_margin(held.size * price)

    def cushion(self, state: AccountState, symbol: str, price_of: PriceOf) -> float:
        """Return what stands behind one position beside its own profit and maintenance margin, in USD: its own margin
        and funding (isolated), or cash and the profit of the others less their maintenance margins (cross).
        """
        if self.isolated:
            return state.holdings[symbol].margin + state.holdings[symbol].funding
        others = [each for name, each in state.holdings.items() if name != symbol]
        return state.cash + sum(
            each.unrealized(_price(each, price_of)) - self._maintenance(each, _price(each, price_of)) for each in others
        )

    def liquidation_price(self, state: AccountState, symbol: str, price_of: PriceOf) -> float | None:
        """Return the price at which a position would be liquidated, all other prices unchanged; None when no positive
        price does.

        Solves cushion + sign x size x (P - entry) = rate x size x P - deduction for each tier of notional and takes
        the solution that lies in its tier and nearest to the market.
        """
        held, cushion = state.holdings[symbol], self.cushion(state, symbol, price_of)
        tiers = self.instrument(symbol).tiers
        ends = [tier.notional_from for tier in tiers[1:]] + [float("inf")]
        found = []
        for tier, end in zip(tiers, ends, strict=True):
            price = (held.sign * held.size * held.entry_price - cushion - tier.deduction) / (
                held.size * (held.sign - tier.maintenance_rate)
            )
            if price > 0.0 and tier.notional_from <= price * held.size < end:
                found.append(price)
        return max(found, default=None) if held.sign > 0 else min(found, default=None)


def _price(held: Holding, price_of: PriceOf) -> float:
    return price_of(held.symbol) or held.entry_price
