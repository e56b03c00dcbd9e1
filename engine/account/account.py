"""The virtual account: cash, positions and closed trades. It changes in whole steps only, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..errors import SimulationError
from ..kernel import Fill
from ..venue import Instrument
from .ledger import Ledger, Posting, PostingKind
from .position import Holding
from .trade_record import BacktestTradeRecord

if TYPE_CHECKING:  # the sandbox's processes need no clock
    from ..kernel import Clock


class AccountState(NamedTuple):
    """An account between two changes. `holdings` is never changed in place: a change makes a new mapping."""

    cash: float
    holdings: Mapping[str, Holding]

    def used_margin(self) -> float:
        """Return the margin that the open positions use, in USD."""
        return sum(holding.margin for holding in self.holdings.values())

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


class VirtualAccount:
    """Cash, positions, ledger and closed trades of one strategy.

    Every change works the new state out aside, checks it, and commits it in one step: what breaks a law of the account
    (older than the last change, a position that is not positive, cash that is no number) raises `SimulationError` and
    changes nothing. `price_of(symbol)` is the price that margin is judged at now. Sizes stay whole steps of their
    `instruments`, where those have steps. With `bounds_losses` (isolated margin) a position loses at most its margin
    and funding, fees of its exits included: what is beyond is a posting `shortfall_covered`.
    """

    def __init__(
        self,
        clock: Clock,
        initial_balance: float,
        price_of: Callable[[str], float],
        instruments: Mapping[str, Instrument] | None = None,
        bounds_losses: bool = False,
    ) -> None:
        self._clock = clock
        self._price_of = price_of
        self._instruments = instruments or {}
        self._bounds_losses = bounds_losses
        self.ledger = Ledger(initial_balance)
        self.state = AccountState(initial_balance, {})
        self.changes: list[StateChange] = []
        self.trades: list[BacktestTradeRecord] = []

    def equity(self) -> float:
        """Return the equity now, in USD, marked at the prices that margin is judged at."""
        return self.state.equity(self._price_of)

    def available(self) -> float:
        """Return equity - used margin now, in USD; it may be negative."""
        return self.equity() - self.state.used_margin()

    def apply(self, fill: Fill) -> None:
        """Apply a fill: an entry opens a position or adds to it, any other closes it, all or in part, and leaves a
        record of the trade.
        """
        if fill.purpose == "entry":
            self._enter(fill)
        else:
            self._exit(fill)

    def _enter(self, fill: Fill) -> None:
        held = self.state.holdings.get(fill.symbol)
        holding = Holding.opened(fill) if held is None else held.added(fill)
        self._commit(fill.symbol, holding, (_posting(fill, "fee", -fill.fee),))

    def _exit(self, fill: Fill) -> None:
        held = self.state.holdings.get(fill.symbol)
        if held is None or held.sign == fill.sign:
            raise SimulationError(f"a closing {fill.side} in {fill.symbol} without a position to close")
        gross = held.sign * fill.size * (fill.price - held.entry_price)
        covered = self._covered(held, fill, gross)
        postings = [_posting(fill, "pnl", gross), _posting(fill, "fee", -fill.fee)]
        if covered > 0.0:
            postings.append(_posting(fill, "shortfall_covered", covered))
        self._commit(fill.symbol, held.without(fill.size), tuple(postings))
        self.trades.append(BacktestTradeRecord.of(held, fill, gross, covered, self.equity()))

    def _covered(self, held: Holding, fill: Fill, gross: float) -> float:
        """Return by how much (USD) a closing fill loses more than its share of margin and funding, where it may not."""
        if not self._bounds_losses:
            return 0.0
        return max(fill.fee - gross - (held.margin + held.funding) * held.share(fill.size), 0.0)

    def fund(self, symbol: str, amount: float) -> None:
        """Apply a funding payment on an open position: `amount` in USD, received +."""
        held = self.state.holdings[symbol]
        posting = Posting(self._clock.now(), "funding", symbol, amount, 0)
        self._commit(symbol, held._replace(funding=held.funding + amount), (posting,))

    def _commit(self, symbol: str, held: Holding | None, postings: tuple[Posting, ...]) -> None:
        """Check a change of one symbol's position, and make it."""
        now = self._clock.now()
        if postings[0].timestamp != now:
            raise SimulationError(f"a change of the account is dated {postings[0].timestamp}, but it is {now}")
        if self.ledger.cash != self.state.cash:
            raise SimulationError(f"cash is {self.state.cash!r}, but the ledger says {self.ledger.cash!r}")
        if held is not None:
            instrument = self._instruments.get(symbol)
            size = held.size if instrument is None else instrument.nearest_size(held.size)
            if size != held.size:
                held = held._replace(size=size)
            held.check()
        self.ledger.post(postings)
        holdings = dict(self.state.holdings)
        if held is not None:
            holdings[symbol] = held
        else:
            del holdings[symbol]
        self.state = AccountState(self.ledger.cash, holdings)
        self.changes.append(StateChange(now, self.state))

    def check(self) -> None:
        """Check the laws of the whole account: cash is initial plus all postings, every position is positive."""
        cash = self.ledger.initial
        for posting in self.ledger.postings:
            cash += posting.amount
        if cash != self.state.cash:
            raise SimulationError(f"cash is {self.state.cash!r}, but the ledger says {cash!r}")
        for each in self.state.holdings.values():
            each.check()


def _posting(fill: Fill, kind: PostingKind, amount: float) -> Posting:
    return Posting(fill.timestamp, kind, fill.symbol, amount, fill.order_id)
