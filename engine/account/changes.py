"""An account between its changes, and all of these in order of time."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, overload

from ..kernel import Fact
from .position import Holding


class AccountState(Fact):
    """An account between two changes: `cash` in USD, and the open positions by symbol. `holdings` is never changed in
    place: a change makes a new mapping.
    """

    __slots__ = ("cash", "holdings")

    def __init__(self, cash: float, holdings: Mapping[str, Holding]) -> None:
        self.cash = cash
        self.holdings = holdings

    def used_margin(self) -> float:
        """Return the margin that the open positions use, in USD."""
        margin: float = 0
        for holding in self.holdings.values():
            margin += holding.margin
        return margin

    def equity(self, price_of: Callable[[str], float]) -> float:
        """Return cash plus the unrealised profit in USD at the given prices; a position without a price (0.0) yet is
        worth what was paid for it.
        """
        equity = self.cash
        for holding in self.holdings.values():
            equity += holding.unrealized(price_of(holding.symbol) or holding.entry_price)
        return equity


class StateChange(NamedTuple):
    """The account from `timestamp` on, until the next change."""

    timestamp: int
    state: AccountState


class StateChanges(Sequence[StateChange]):
    """The changes of an account in order of time, each made when it is looked at: `times` (epoch ms) and `states` are
    what they are made of.
    """

    __slots__ = ("states", "times")

    def __init__(self) -> None:
        self.times = array("q")
        self.states: list[AccountState] = []

    def append(self, timestamp: int, state: AccountState) -> None:
        """Add the change that came last."""
        self.times.append(timestamp)
        self.states.append(state)

    def before(self, time_ms: int) -> AccountState | None:
        """Return the account as it was just before an instant; None when nothing had changed it."""
        count = bisect_left(self.times, time_ms)
        return self.states[count - 1] if count else None

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, index: int) -> StateChange: ...
    @overload
    def __getitem__(self, index: slice) -> list[StateChange]: ...
    def __getitem__(self, index: int | slice) -> StateChange | list[StateChange]:
        if isinstance(index, slice):
            return list(map(StateChange, self.times[index], self.states[index]))
        return StateChange(self.times[index], self.states[index])
