"""The ledger: every change of cash is a posting, and cash is their sum."""

from __future__ import annotations

from typing import Literal, NamedTuple

PostingKind = Literal["pnl", "fee", "funding"]


class Posting(NamedTuple):
    """One change of cash in USD: price PnL of a closing fill, a fee (negative), or funding (received +)."""

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
        """Add postings; they must not be older than the last one."""
        for posting in postings:
            self.cash += posting.amount
        self.postings.extend(postings)

    def total(self, kind: PostingKind) -> float:
        """Return the sum of the postings of a kind, in USD."""
        return sum(posting.amount for posting in self.postings if posting.kind == kind)
