"""The liquidation watcher: closes positions that the account can no longer carry."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import PERIOD_MS, AccountState, Breach, Fill, FundingPaid, Phase, Simulation, find_breach

FIRST_BLOCK_MS = PERIOD_MS["1d"]
LARGEST_BLOCK_MS = 32 * FIRST_BLOCK_MS


def liquidation_watcher(sim: Simulation) -> Generator[Event, Any, None]:
    """Sleep until the account changes or the level is reached.

    The level is searched for in growing blocks of klines; when a block holds none the search goes on at its end.
    """
    alarm = sim.alarm(Phase.LIQUIDATION)
    for message in (Fill, FundingPaid):
        sim.bus.listen(message, lambda _: alarm.ring())
    seen: AccountState | None = None
    since = stable = length = 0
    while not sim.is_over:
        state = sim.account.state
        if state is not seen:
            stable = stable if _same_positions(seen, state) else sim.now
            since, length, seen = max(_under_way(sim), stable), FIRST_BLOCK_MS, state
        if not state.holdings:
            yield alarm.wait()
            continue
        until = min(since + length, sim.end_ms + 1)
        breach = _next_breach(sim, since, until)
        due = until if breach is None else breach.due_ms
        if due <= sim.end_ms:
            alarm.set(due)
        yield alarm.wait()
        if sim.account.state is not state or sim.now < due:
            continue
        if breach is None:
            since, length = until, min(4 * length, LARGEST_BLOCK_MS)
        else:
            sim.exchange.liquidate(breach)


def _same_positions(one: AccountState | None, other: AccountState) -> bool:
    """Tell whether nothing but funding lies between two states."""
    if one is None or len(one.holdings) != len(other.holdings):
        return False
    pairs = ((one.holdings.get(symbol), held) for symbol, held in other.holdings.items())
    return all(a is not None and (a.size, a.entry_price) == (b.size, b.entry_price) for a, b in pairs)


def _under_way(sim: Simulation) -> int:
    """Return the opening time of the kline that is under way, or closes now: it counts whole for positions that have
    been the same all through it.
    """
    before = sim.now - 1
    return before - before % PERIOD_MS[sim.config.base_period]


def _next_breach(sim: Simulation, since: int, until: int) -> Breach | None:
    """Return the first breach that is not over yet: at an open that has passed nothing is liquidated any more."""
    while since < until:
        breach = find_breach(sim.account.state, sim.exchange.margins, sim.market, since, until)
        if breach is None or breach.due_ms >= sim.now:
            return breach
        since = breach.opened_ms + 1
    return None
