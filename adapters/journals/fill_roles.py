"""What each fill of a venue does to a position: opens it, reduces it, or turns it round, which is two fills."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from .money_of_run import Position, TradedFill, share_of

#: Less than this share of a fill is a rounding of decimals.
_LEAST = Fraction(1, 10**9)


@dataclass
class Positions:
    """The positions that fills, in order of time, make; `before` is what must have been held of each
    before them; `holes` are where rows are missing: before which time, of which symbol, and what these had bought."""

    before: dict[Position, Fraction] = field(default_factory=dict)
    holes: list[tuple[int, str, Fraction]] = field(default_factory=list)
    _held: dict[Position, Fraction] = field(default_factory=dict)
    _opened: dict[Position, int] = field(default_factory=dict)

    def stands_at(self, at: int, symbol: str, size: Fraction) -> None:
        """Take what is held of a symbol before a fill: before its first one, or else where rows are missing."""
        key = symbol, ""
        held = self._held.get(key)
        if held is None and size:
            self.before[key] = size
        elif held is not None and abs(held - size) > _LEAST * max(abs(held), abs(size)):
            self.holes.append((at, symbol, size - held))
        self._held[key] = size

    def taken(self, fill: TradedFill, of: str, reduces: bool | None, realized: bool) -> Iterable[TradedFill]:
        """Return a fill as the one or two that it is. `of` names one of several positions of its symbol ("LONG",
        "SHORT" in hedge mode), `reduces` is what the venue tells (None: nothing), and it has `realized` a profit or
        not.
        """
        fill, key = fill._replace(position=of), (fill.symbol, of)
        held = self._held.get(key, Fraction(0))
        closable = abs(held) if held * fill.sign < 0 else Fraction(0)
        if reduces is None:
            reduces = realized if not closable else None
        if reduces and fill.size - closable > fill.size * _LEAST:
            held += self._carried(fill, key, -fill.sign * (fill.size - closable))
        if reduces is False:
            self._opened.setdefault(key, fill.sign)
        left = held + fill.sign * fill.size
        self._held[key] = Fraction(0) if abs(left) <= fill.size * _LEAST else left
        if reduces is not None:
            return (fill._replace(reduces=reduces),)
        opened = fill.size - closable
        if opened <= fill.size * _LEAST:
            return (fill._replace(reduces=True),)
        if not closable:
            return (fill,)
        fee = share_of(fill.fee, closable, fill.size)
        closing = fill._replace(size=closable, fee=fee, reduces=True)
        return closing, fill._replace(size=opened, fee=fill.fee - fee)

    def _carried(self, fill: TradedFill, key: Position, size: Fraction) -> Fraction:
        """Take what a fill closes beyond what is known: held before the file begins, or where the first that is there
        has opened the other side, from rows that are missing.
        """
        if self._opened.get(key, 0) * size < 0:
            self.holes.append((fill.at, fill.symbol, size))
        else:
            self.before[key] = self.before.get(key, Fraction(0)) + size
        return size
