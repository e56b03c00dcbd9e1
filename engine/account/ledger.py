"""The ledger: every change of cash is a posting, and cash is their sum."""

from __future__ import annotations

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
    """All postings in the order they were made; `cash` = `initial` + their sum, added in that order."""

    __slots__ = ("cash", "initial", "postings")

    def __init__(self, initial: float) -> None:
        self.initial = initial
        self.cash = initial
        self.postings: list[Posting] = []

    def post(self, postings: tuple[Posting, ...]) -> None:
        """Add postings. One that is older than the one before it, or an amount that is no finite number, is a
        `SimulationError`, and nothing is added.
        """
        last = self.postings[-1].timestamp if self.postings else postings[0].timestamp
        cash = self.cash
        for posting in postings:
            if posting.timestamp < last:
                raise SimulationError(f"a {posting.kind} at {posting.timestamp} came after a posting at {last}")
            last = posting.timestamp
            cash += posting.amount
        if not isfinite(cash):
            raise SimulationError(f"cash would be {cash!r} after {postings!r}")
        self.cash = cash
        self.postings.extend(postings)

    def amounts(self) -> dict[PostingKind, list[float]]:
        """Return the amounts of the postings of each kind, in USD."""
        found: dict[PostingKind, list[float]] = {kind: [] for kind in get_args(PostingKind)}
        for posting in self.postings:
            found[posting.kind].append(posting.amount)
        return found

    def total(self, kind: PostingKind) -> float:
        """Return the sum of the postings of a kind, in USD."""
        return sum(self.amounts()[kind], 0.0)
