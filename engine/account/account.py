"""The virtual account: cash, positions and closed trades. It changes in whole steps only, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..contract import ExitReason
from ..errors import SimulationError
from ..kernel import Clock
from .ledger import Ledger, Posting
from .position import Holding, Origin
from .trade_record import BacktestTradeRecord


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

    Every change computes the new state aside, checks it, and commits it in one step; a change that is older than
    the last one raises `SimulationError`. `price_of(symbol)` is the last known price now.
    """

    def __init__(
        self, clock: Clock, initial_balance: float, price_of: Callable[[str], float], check_always: bool = False
    ) -> None:
        self._check_always = check_always
        self._clock = clock
        self._price_of = price_of
        self.ledger = Ledger(initial_balance)
        self.state = AccountState(initial_balance, {})
        self.changes: list[StateChange] = []
        self.trades: list[BacktestTradeRecord] = []

    def equity(self) -> float:
        """Return the equity now, in USD, marked at the last known prices."""
        return self.state.equity(self._price_of)

    def available(self) -> float:
        """Return equity - used margin now, in USD; it may be negative."""
        return self.equity() - self.state.used_margin()

    def enter(
        self,
        symbol: str,
        sign: int,
        size: float,
        price: float,
        fee: float,
        margin: float,
        order_id: int,
        origin: Origin,
    ) -> Holding:
        """Apply an entry fill (a new position, or more of one in the same direction) and return the position."""
        now = self._clock.now()
        held = self.state.holdings.get(symbol)
        if held is None:
            holding = Holding(symbol, sign, size, price, margin, fee, 0.0, now, origin)
        elif held.sign == sign:
            holding = held.added(size, price, margin, fee)
        else:
            raise SimulationError(f"an entry fill in {symbol} against the open {held.side} position")
        holdings = {**self.state.holdings, symbol: holding}
        self._commit(now, holdings, (Posting(now, "fee", symbol, -fee, order_id),))
        return holding

    def exit(
        self, symbol: str, size: float, price: float, fee: float, why: ExitReason, order_id: int, origin: Origin | None
    ) -> BacktestTradeRecord:
        """Apply a closing fill of `size` coins and return its record; `origin` is the closing decision, if any."""
        now = self._clock.now()
        held = self.state.holdings[symbol]
        share = held.share(size)
        size = held.size if share == 1.0 else size
        gross = held.sign * size * (price - held.entry_price)
        rest = held.without(size)
        holdings = {name: each for name, each in self.state.holdings.items() if name != symbol}
        if rest is not None:
            holdings = {**self.state.holdings, symbol: rest}
        postings = (Posting(now, "pnl", symbol, gross, order_id), Posting(now, "fee", symbol, -fee, order_id))
        self._commit(now, holdings, postings)
        trade = _record(held, share, size, price, gross, fee, why, now, self.equity(), origin)
        self.trades.append(trade)
        return trade

    def fund(self, symbol: str, amount: float) -> None:
        """Apply a funding payment on an open position: `amount` in USD, received +."""
        now = self._clock.now()
        held = self.state.holdings[symbol]
        holdings = {**self.state.holdings, symbol: held._replace(funding=held.funding + amount)}
        self._commit(now, holdings, (Posting(now, "funding", symbol, amount, 0),))

    def _commit(self, now: int, holdings: Mapping[str, Holding], postings: tuple[Posting, ...]) -> None:
        if self.changes and now < self.changes[-1].timestamp:
            raise SimulationError(f"a fill at {now} came after one at {self.changes[-1].timestamp}")
        self.ledger.post(postings)
        self.state = AccountState(self.ledger.cash, holdings)
        self.changes.append(StateChange(now, self.state))
        if self._check_always:
            self.check()

    def check(self) -> None:
        """Check the laws of the account: cash is initial plus all postings, sizes and margins are positive."""
        cash = self.ledger.initial
        for posting in self.ledger.postings:
            cash += posting.amount
        if cash != self.state.cash:
            raise SimulationError(f"cash is {self.state.cash!r}, but the ledger says {cash!r}")
        for each in self.state.holdings.values():
            if not (each.size > 0.0 and each.margin > 0.0 and each.entry_price > 0.0):
                raise SimulationError(f"position in {each.symbol} is not positive: {each!r}")


def _record(
    held: Holding,
    share: float,
    size: float,
    price: float,
    gross: float,
    exit_fee: float,
    why: ExitReason,
    now: int,
    equity_after: float,
    closing: Origin | None,
) -> BacktestTradeRecord:
    notional = size * held.entry_price
    fee = held.entry_fees * share + exit_fee
    funding = held.funding * share
    pnl = gross - fee + funding
    opened, closed = held.origin.trigger, closing.trigger if closing is not None else None
    return BacktestTradeRecord(
        timestamp=held.origin.decided_at,
        trigger_type=opened.trigger_type if opened is not None else "",
        symbol=held.symbol,
        operation=held.origin.operation,
        side="long" if held.sign > 0 else "short",
        entry_price=held.entry_price,
        size=size,
        leverage=held.leverage,
        exit_price=price,
        exit_timestamp=now,
        exit_reason=why,
        pnl=pnl,
        gross_pnl=gross,
        pnl_percent=100.0 * pnl / notional if notional > 0.0 else 0.0,
        fee=fee,
        funding=funding,
        equity_after=equity_after,
        reason=held.origin.reason,
        pool_name=opened.pool_name if opened is not None else "",
        triggered_signals=_signal_names(opened),
        exit_trigger_type=closed.trigger_type if closed is not None else "",
        exit_pool_name=closed.pool_name if closed is not None else "",
        exit_decision_reason=closing.reason if closing is not None else "",
    )


def _signal_names(trigger: object) -> tuple[str, ...]:
    signals = getattr(trigger, "triggered_signals", ())
    return tuple(str(signal.get("signal_name", "")) for signal in signals)
