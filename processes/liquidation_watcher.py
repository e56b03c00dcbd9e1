"""The liquidation watcher: closes positions that the account can no longer carry."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import PERIOD_MS, AccountState, Fill, FundingPaid, Phase, Simulation, find_breach

DAY_MS = PERIOD_MS["1d"]
FIRST_BLOCK_MS = DAY_MS
LARGEST_BLOCK_MS = 32 * DAY_MS


def liquidation_watcher(sim: Simulation) -> Generator[Event, Any, None]:
    """Sleep until the account changes or the level is reached.

    The level is searched for in growing blocks of klines; when a block holds none the search goes on at its end.
    """
    alarm = sim.alarm(Phase.LIQUIDATION)
    for message in (Fill, FundingPaid):
        sim.bus.listen(message, lambda _: alarm.ring())
    seen: AccountState | None = None
    since, length = 0, 0
    while not sim.is_over:
        state = sim.account.state
        if not state.holdings:
            yield alarm.wait()
            continue
        if state is not seen:
            since, length = _search_from(sim, seen, state), FIRST_BLOCK_MS
            seen = state
        until = min(since + length, sim.end_ms + 1)
        breach = find_breach(state, sim.exchange.margins, sim.market, since, until)
        due = until if breach is None else max(breach.due_ms, sim.now)
        if due <= sim.end_ms:
            alarm.set(due)
        yield alarm.wait()
        if sim.account.state is not state or sim.now < due:
            continue
        if breach is None:
            since, length = until, min(4 * length, LARGEST_BLOCK_MS)
        else:
            sim.exchange.liquidate(breach)


def _search_from(sim: Simulation, before: AccountState | None, state: AccountState) -> int:
    """Return from which opening time on klines count: from now on, but where only funding was paid the kline that is
    under way still counts whole.
    """
    now = sim.now
    if before is None or len(before.holdings) != len(state.holdings):
        return now
    for symbol, held in state.holdings.items():
        earlier = before.holdings.get(symbol)
        if earlier is None or (earlier.size, earlier.entry_price) != (held.size, held.entry_price):
            return now
    opened = now - now % PERIOD_MS[sim.config.base_period]
    return max(opened, max(held.opened_at for held in state.holdings.values()))
