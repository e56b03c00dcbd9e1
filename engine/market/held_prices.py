"""What is kept of the market when a run is over: the prices of what its account held, for as long as it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .known_prices import KnownPrices
from .series import TimeColumn

#: The instants (epoch ms) from which on, and those until which, something was so.
Range = tuple[TimeColumn, TimeColumn]


class HeldPrices:
    """The prices of each symbol in its `ranges`, each with both of its ends, in which there was a position in it.

    In memory these are views on the columns of the market, which take nothing while that is there; copies and pickles
    hold the prices of the ranges alone, 8 bytes for each kline and mark.
    """

    def __init__(self, prices: Mapping[str, KnownPrices], ranges: Mapping[str, Range]) -> None:
        self._prices, self._ranges = dict(prices), dict(ranges)

    def __reduce__(self) -> tuple[Any, ...]:
        cut = {symbol: each.within(*self._ranges[symbol]) for symbol, each in self._prices.items()}
        return HeldPrices, (cut, self._ranges)

    def of(self, symbol: str) -> KnownPrices:
        """Return the prices of a symbol that was held."""
        return self._prices[symbol]

    def at(self, symbol: str, time_ms: int) -> float:
        """Return the price of a symbol at an instant at which it was held; 0.0 where none was known, or of another."""
        prices = self._prices.get(symbol)
        return 0.0 if prices is None else prices.at(time_ms)
