"""The liquidation watcher: closes positions that the account can no longer carry."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from simpy import Event

from engine import PERIOD_MS, ExchangeResumed, Fill, FundingPaid, Phase, Simulation
from engine.account import AccountState
from engine.exchange import Breach, Search, breaches_at, slack_ahead, survey
from engine.kernel import Alarm

FIRST_BLOCK_MS = PERIOD_MS["1d"]
LARGEST_BLOCK_MS = 64 * FIRST_BLOCK_MS


def liquidation_watcher(sim: Simulation) -> Generator[Event, Any, None]:
    """Sleep until the level is reached.

    At each fill it is asked whether anything that lies ahead reaches the level at all. If so it is searched for, in
    growing blocks of what margin is judged on; when a block holds none the search goes on at its end. In a pause of the
    exchange there is nothing to watch; at its end the prices of that instant are judged first.
    """
    alarm, progress = sim.alarm(Phase.LIQUIDATION), sim.progress()
    search = _Search(sim, alarm)

    def look_again(_: ExchangeResumed) -> None:
        search.after_pause = True
        alarm.ring()

    sim.bus.listen(Fill, search.follow)
    sim.bus.listen(FundingPaid, lambda paid: None if search.bears(paid.amount) else alarm.ring())
    sim.bus.listen(ExchangeResumed, look_again)
    while not sim.is_over:
        search.follow()
        yield alarm.wait()
        progress.check(sim.account.state, search.due_ms, sim.exchange.paused_at)
        if search.is_due():
            if search.breaches:
                sim.exchange.venue.liquidate(search.breaches)
            elif sim.exchange.paused_at is None:
                search.go_on()


class _Search:
    """The search for the next breaches: they are at `due_ms`, or the search must go on there."""

    def __init__(self, sim: Simulation, alarm: Alarm) -> None:
        self._sim, self._alarm = sim, alarm
        self.state = sim.account.state
        self._stable: dict[str, int] = {}
        self._length = 0
        self._slack = 0.0
        self.due_ms = 0
        self._judged_ms = -1
        self.breaches: Sequence[Breach] = ()
        self.after_pause = False

    def is_due(self) -> bool:
        """Whether what was found last is due now, and nothing has happened that it did not know of."""
        known = self.state is self._sim.account.state and not self.after_pause
        return known and bool(self.state.holdings) and self._sim.now >= self.due_ms

    def follow(self, _: Fill | None = None) -> None:
        """Set the alarm to what is due next, but in a pause of the exchange."""
        if self._sim.exchange.pending.paused_at is not None:
            return
        self._search()
        if self.state.holdings and self.due_ms <= self._sim.end_ms:
            self._alarm.set(self.due_ms)

    def _search(self) -> None:
        """Search anew if the account is another one, or after a pause of the exchange. After a pause, and when funding
        was paid, the prices of the instant are judged too: no price has led there.
        """
        state = self._sim.account.state
        before, self.state = self.state, state
        again, self.after_pause = self.after_pause, False
        if not state.holdings or (state is before and not again):
            return
        sim, now = self._sim, self._sim.clock.now()
        changed = _changed(before, state)
        if changed:
            self._stable.update(dict.fromkeys(changed if sim.exchange.margins.isolated else state.holdings, now))
        self._length = FIRST_BLOCK_MS
        self._look(now)
        if again or not changed:
            self._judged_ms = now
        if self._judged_ms == now:
            self._judge(now, comes_first=again)

    def _judge(self, now: int, comes_first: bool) -> None:
        sim, exchange = self._sim, self._sim.exchange
        found = breaches_at(self.state, exchange.margins, exchange.margin_spans, sim.margin_price, now)
        if found and (comes_first or self.due_ms > now or not self.breaches):
            self.breaches, self.due_ms = found, now

    def bears(self, amount: float) -> bool:
        """Tell whether what was searched bears a funding payment: then there is nothing to search anew."""
        if self.breaches or self._sim.now >= self.due_ms or self._slack + min(amount, 0.0) <= 0.0:
            return False
        self._slack += min(amount, 0.0)
        self.state = self._sim.account.state
        return True

    def go_on(self) -> None:
        """Search the next block, a longer one."""
        self._length = min(4 * self._length, LARGEST_BLOCK_MS)
        self._look(self._sim.now)

    def _look(self, now: int) -> None:
        sim, state = self._sim, self.state
        exchange = sim.exchange
        slack = slack_ahead(state, exchange.margins, exchange.margin_spans, now)
        if slack > 0.0:  # mostly: nothing of what the market does to its end is bad enough
            self._slack, self.breaches, self.due_ms = slack, (), sim.end_ms + 1
            return
        until = min(now + self._length, sim.end_ms + 1)
        since = {symbol: max(self._stable[symbol], exchange.resumed_at) for symbol in state.holdings}
        found = survey(state, exchange.margins, exchange.margin_spans, Search(since, now, until))
        self._slack, self.breaches = found
        self.due_ms = self.breaches[0].due_ms if self.breaches else until


def _changed(one: AccountState, other: AccountState) -> list[str]:
    """Return the symbols of which something but funding lies between two states."""
    if not one.holdings:  # mostly
        return list(other.holdings)
    return [symbol for symbol in {**one.holdings, **other.holdings} if not _same(one, other, symbol)]


def _same(one: AccountState, other: AccountState, symbol: str) -> bool:
    a, b = one.holdings.get(symbol), other.holdings.get(symbol)
    return a is b or (a is not None and b is not None and (a.size, a.entry_price) == (b.size, b.entry_price))
