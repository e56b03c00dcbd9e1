"""The virtual account: cash, positions and closed trades. It changes in whole steps only, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..errors import SimulationError
from ..kernel import Fill
from ..venue import Instrument
from .changes import AccountState, StateChanges
from .ledger import Ledger, PostingKind
from .position import Holding
from .trade_record import Closing
from .trade_records import TradeRecords

if TYPE_CHECKING:  # the sandbox's processes need no clock
    from ..kernel import Clock


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
        self.changes = StateChanges()
        self.trades = TradeRecords()

    def equity(self) -> float:
        """Return the equity now, in USD, marked at the prices that margin is judged at."""
        state = self.state
        return state.equity(self._price_of) if state.holdings else state.cash

    def available(self) -> float:
        """Return equity - used margin now, in USD; it may be negative."""
        state = self.state
        return self.equity() - state.used_margin() if state.holdings else state.cash

    def apply(self, fill: Fill) -> None:
        """Apply a fill: an entry opens a position or adds to it, any other closes it, all or in part, and leaves a
        record of the trade.
        """
        held = self.state.holdings.get(fill.symbol)
        if fill.purpose == "entry":
            holding = Holding.opened(fill) if held is None else held.added(fill)
            self._commit(fill.symbol, holding, fill.timestamp, fill.order_id, (("fee", -fill.fee),))
        else:
            self._exit(held, fill)

    def _exit(self, held: Holding | None, fill: Fill) -> None:
        if held is None or held.sign == fill.sign:
            raise SimulationError(f"a closing {fill.side} in {fill.symbol} without a position to close")
        closing = Closing(held, fill, self._bounds_losses)
        amounts: tuple[tuple[PostingKind, float], ...] = (("pnl", closing.gross), ("fee", -fill.fee))
        if closing.covered:
            amounts = (*amounts, ("shortfall_covered", closing.covered))
        left = None if closing.share == 1.0 else held.without(fill.size)
        self._commit(fill.symbol, left, fill.timestamp, fill.order_id, amounts)
        closing.equity_after = self.equity()
        self.trades.append(closing)

    def fund(self, symbol: str, amount: float) -> None:
        """Apply a funding payment on an open position: `amount` in USD, received +."""
        held = self.state.holdings[symbol]
        self._commit(symbol, held.funded(amount), self._clock.now(), 0, (("funding", amount),))

    def _commit(
        self,
        symbol: str,
        held: Holding | None,
        timestamp: int,
        order_id: int,
        amounts: tuple[tuple[PostingKind, float], ...],
    ) -> None:
        """Check a change of one symbol's position, and make it."""
        now, ledger = self._clock.now(), self.ledger
        if timestamp != now:
            raise SimulationError(f"a change of the account is dated {timestamp}, but it is {now}")
        if ledger.cash != self.state.cash:
            raise SimulationError(f"cash is {self.state.cash!r}, but the ledger says {ledger.cash!r}")
        if held is not None:
            instrument = self._instruments.get(symbol)
            size = held.size if instrument is None else instrument.nearest_size(held.size)
            if size != held.size:
                held = held.replaced(size=size)
            held.check()
        ledger.post(timestamp, symbol, order_id, amounts)
        holdings = dict(self.state.holdings)
        if held is not None:
            holdings[symbol] = held
        else:
            del holdings[symbol]
        self.state = AccountState(ledger.cash, holdings)
        self.changes.append(now, self.state)

    def check(self) -> None:
        """Check the laws of the whole account: cash is initial plus all postings, every position is positive."""
        cash = self.ledger.summed()
        if cash != self.state.cash:
            raise SimulationError(f"cash is {self.state.cash!r}, but the ledger says {cash!r}")
        for each in self.state.holdings.values():
            each.check()
