"""The liquidation watcher: closes positions that the account can no longer carry."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import PERIOD_MS, ExchangeResumed, Fill, FundingPaid, Phase, Simulation
from engine.account import AccountState
from engine.exchange import Breach, Survey, breach_now, survey

FIRST_BLOCK_MS = 4 * PERIOD_MS["1d"]
LARGEST_BLOCK_MS = 16 * FIRST_BLOCK_MS


def liquidation_watcher(sim: Simulation) -> Generator[Event, Any, None]:
    """Sleep until the account changes or the level is reached.

    The level is searched for in growing blocks of klines; when a block holds none the search goes on at its end. In a
    pause of the exchange there is nothing to watch; at its end the prices of that instant are judged first.
    """
    alarm, progress = sim.alarm(Phase.LIQUIDATION), sim.progress()
    search = _Search(sim)

    def look_again(_: ExchangeResumed) -> None:
        search.after_pause = True
        alarm.ring()

    sim.bus.listen(Fill, lambda _: alarm.ring() if sim.account.state.holdings else None)
    sim.bus.listen(FundingPaid, lambda paid: None if search.bears(paid.amount) else alarm.ring())
    sim.bus.listen(ExchangeResumed, look_again)
    while not sim.is_over:
        if sim.exchange.paused_at is None:
            search.follow(sim.account.state)
            if search.state.holdings and search.due_ms <= sim.end_ms:
                alarm.set(search.due_ms)
        yield alarm.wait()
        progress.check(sim.account.state, search.due_ms, sim.exchange.paused_at)
        if search.is_due():
            if search.breach is not None:
                sim.exchange.venue.liquidate(search.breach)
            elif sim.exchange.paused_at is None:
                search.go_on()


class _Search:
    """The search for the next breach: it is at `due_ms`, or the search must go on there."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self.state = sim.account.state
        self._stable = self._length = 0
        self._slack = 0.0
        self.due_ms = 0
        self.breach: Breach | None = None
        self.after_pause = False

    def is_due(self) -> bool:
        """Whether what was found last is due now, and nothing has happened that it did not know of."""
        known = self.state is self._sim.account.state and not self.after_pause
        return known and bool(self.state.holdings) and self._sim.now >= self.due_ms

    def follow(self, state: AccountState) -> None:
        """Search anew if the account is another one, or after a pause of the exchange."""
        before, self.state = self.state, state
        again, self.after_pause = self.after_pause, False
        if not state.holdings or (state is before and not again):
            return
        sim = self._sim
        self._stable = self._stable if _same_positions(before, state) else sim.now
        self._length = FIRST_BLOCK_MS
        # The kline that is under way, or closes now, counts whole for positions that have been the same all through it.
        under_way = sim.now - 1 - (sim.now - 1) % PERIOD_MS[sim.config.base_period]
        self._look(max(under_way, self._stable, sim.exchange.resumed_at))
        at_once = breach_now(state, sim.exchange.margins, sim.price, sim.now) if again else None
        if at_once is not None:
            self.breach, self.due_ms = at_once, at_once.due_ms

    def bears(self, amount: float) -> bool:
        """Tell whether the klines that were searched bear a funding payment: then there is nothing to search anew."""
        if self.breach is not None or self._sim.now >= self.due_ms or self._slack + min(amount, 0.0) <= 0.0:
            return False
        self._slack += min(amount, 0.0)
        self.state = self._sim.account.state
        return True

    def go_on(self) -> None:
        """Search the next block, a longer one."""
        self._length = min(4 * self._length, LARGEST_BLOCK_MS)
        self._look(self.due_ms)

    def _look(self, since: int) -> None:
        until = min(since + self._length, self._sim.end_ms + 1)
        self._slack, self.breach = _next_breach(self._sim, since, until)
        self.due_ms = until if self.breach is None else self.breach.due_ms


def _same_positions(one: AccountState, other: AccountState) -> bool:
    """Tell whether nothing but funding lies between two states."""
    if len(one.holdings) != len(other.holdings):
        return False
    pairs = ((one.holdings.get(symbol), held) for symbol, held in other.holdings.items())
    return all(a is not None and (a.size, a.entry_price) == (b.size, b.entry_price) for a, b in pairs)


def _next_breach(sim: Simulation, since: int, until: int) -> Survey:
    """Return the first breach that is not over yet: at an open that has passed nothing is liquidated any more."""
    while True:
        found = survey(sim.account.state, sim.exchange.margins, sim.market, since, until)
        if found.breach is None or found.breach.due_ms >= sim.now:
            return found
        since = found.breach.opened_ms + 1
