"""An account as its fills and postings tell it: nothing here asks the account what it holds or has available."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine import Fill, Simulation


class Part(NamedTuple):
    """A position: signed coins, entry price, and the margin and the funding balance of what is open."""

    size: float
    entry: float
    margin: float
    funding: float


NOTHING = Part(0.0, 0.0, 0.0, 0.0)


class Moment(NamedTuple):
    """The account after a fill (None: before the first one)."""

    fill: Fill | None
    cash: float
    parts: Mapping[str, Part]

    @property
    def used(self) -> float:
        """What stands behind the positions one by one: their margins and funding balances."""
        return math.fsum(part.margin + part.funding for part in self.parts.values())

    @property
    def free(self) -> float:
        """Cash that stands behind no position; below 0 by what of the margins was never paid in."""
        return self.cash - self.used

    def unrealized(self, prices: Mapping[str, float | None]) -> float:
        known = [(part, prices[name]) for name, part in self.parts.items()]
        return math.fsum(part.size * (price - part.entry) for part, price in known if price)


def retold(sim: Simulation) -> Iterator[Moment]:
    """Yield the account before the first fill and after each, with what funding had paid until then."""
    cash, parts = sim.account.ledger.initial, {}
    postings = list(reversed(sim.account.ledger.postings))
    yield Moment(None, cash, {})
    for fill in sim.exchange.fills:
        while postings[-1].kind == "funding":
            paid = postings.pop()
            cash += paid.amount
            held = parts[paid.symbol]
            parts[paid.symbol] = held.replaced(funding=held.funding + paid.amount)
        kinds = ["fee"] if fill.purpose == "entry" else ["pnl", "fee", "shortfall_covered"]
        while postings and kinds and postings[-1].order_id == fill.order_id and postings[-1].kind in kinds:
            kinds = kinds[kinds.index(postings[-1].kind) + 1 :]
            cash += postings.pop().amount
        parts[fill.symbol] = _after(parts.get(fill.symbol, NOTHING), fill)
        yield Moment(fill, cash, dict(parts))
    assert {each.kind for each in postings} <= {"funding"}


def _after(held: Part, fill: Fill) -> Part:
    size = held.size + fill.sign * fill.size
    if fill.purpose == "entry":
        entry = (held.entry * abs(held.size) + fill.price * fill.size) / abs(size)
        return Part(size, entry, held.margin + fill.margin, held.funding)
    left = size / held.size
    return NOTHING if left <= 1e-12 else Part(size, held.entry, held.margin * left, held.funding * left)
