"""The ledger: every change of cash is a posting, and cash is their sum."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import isfinite
from typing import Literal, NamedTuple, get_args

from ..errors import SimulationError

PostingKind = Literal["pnl", "fee", "funding", "shortfall_covered"]


class Posting(NamedTuple):
    """One change of cash in USD: price PnL of a closing fill, a fee (negative), funding (received +), or what an
    isolated position lost beyond its margin and funding, which is covered (positive).
    """

    timestamp: int
    kind: PostingKind
    symbol: str
    amount: float
    order_id: int


class Ledger:
    """All postings in the order they were made; `cash` = `initial` + their sum, added in that order.

    They are kept in columns, a third of the memory of as many objects.
    """

    __slots__ = ("_amounts", "_kinds", "_order_ids", "_symbols", "_times", "cash", "initial")

    def __init__(self, initial: float) -> None:
        self.initial = initial
        self.cash = initial
        self._times, self._order_ids, self._amounts = array("q"), array("q"), array("d")
        self._kinds: list[PostingKind] = []
        self._symbols: list[str] = []

    @property
    def postings(self) -> list[Posting]:
        """All postings, made when they are asked for."""
        return self.since(0)

    def __len__(self) -> int:
        return len(self._times)

    def since(self, place: int) -> list[Posting]:
        """Return the postings from a place on."""
        columns = (self._times, self._kinds, self._symbols, self._amounts, self._order_ids)
        return list(map(Posting._make, zip(*(each[place:] for each in columns), strict=True)))

    def post(self, timestamp: int, symbol: str, order_id: int, amounts: Sequence[tuple[PostingKind, float]]) -> None:
        """Add what comes of one event, an amount in USD of each kind. One that is older than what was added last, or an
        amount that is no finite number, is a `SimulationError`, and nothing is added.
        """
        times = self._times
        if times and timestamp < times[-1]:
            raise SimulationError(f"a {amounts[0][0]} at {timestamp} came after a posting at {times[-1]}")
        cash = self.cash
        for _, amount in amounts:
            cash += amount
        if not isfinite(cash):
            raise SimulationError(f"cash would be {cash!r} after {amounts!r} in {symbol} at {timestamp}")
        self.cash = cash
        for kind, amount in amounts:
            times.append(timestamp)
            self._kinds.append(kind)
            self._symbols.append(symbol)
            self._amounts.append(amount)
            self._order_ids.append(order_id)

    def summed(self) -> float:
        """Return what cash must be: worked out again from the first posting on."""
        cash = self.initial
        for amount in self._amounts:
            cash += amount
        return cash

    def amounts(self) -> dict[PostingKind, list[float]]:
        """Return the amounts of the postings of each kind, in USD."""
        found: dict[PostingKind, list[float]] = {kind: [] for kind in get_args(PostingKind)}
        for kind, amount in zip(self._kinds, self._amounts, strict=True):
            found[kind].append(amount)
        return found

    def total(self, kind: PostingKind) -> float:
        """Return the sum of the postings of a kind, in USD."""
        return sum(self.amounts()[kind], 0.0)
