"""What each fill of a venue does to a position: opens it, reduces it, or turns it round, which is two fills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from .money_of_run import TradedFill

#: Less than this share of a fill is a rounding of decimals.
_LEAST = Fraction(1, 10**9)


@dataclass
class Positions:
    """The positions that fills, in order of time, make; `before` is by symbol what must have been held before them."""

    before: dict[str, Fraction] = field(default_factory=dict)
    _held: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def begin(self, symbol: str, size: Fraction) -> None:
        """Take what is held of a symbol before its first fill."""
        if size:
            self.before[symbol] = self._held[symbol, ""] = size

    def taken(self, fill: TradedFill, of: str, reduces: bool | None, realized: bool) -> Iterable[TradedFill]:
        """Return a fill as the one or two that it is. `of` names one of several positions of its symbol ("LONG",
        "SHORT" in hedge mode), `reduces` is what the venue tells (None: nothing), and it has `realized` a profit or
        not.
        """
        held = self._held.get((fill.symbol, of), Fraction(0))
        closable = abs(held) if held * fill.sign < 0 else Fraction(0)
        if reduces is None:
            reduces = realized if not closable else None
        if reduces and fill.size - closable > fill.size * _LEAST:  # what was held before the file begins
            carried = -fill.sign * (fill.size - closable)
            self.before[fill.symbol] = self.before.get(fill.symbol, Fraction(0)) + carried
            held += carried
        left = held + fill.sign * fill.size
        self._held[fill.symbol, of] = Fraction(0) if abs(left) <= fill.size * _LEAST else left
        if reduces is not None:
            return (fill._replace(reduces=reduces),)
        opened = fill.size - closable
        if opened <= fill.size * _LEAST:
            return (fill._replace(reduces=True),)
        parts = ((closable, True), (opened, False))
        return (
            fill._replace(size=size, fee=fill.fee * size / fill.size, reduces=closes) for size, closes in parts if size
        )
