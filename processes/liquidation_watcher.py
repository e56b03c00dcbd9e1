"""The liquidation watcher: closes positions that the account can no longer carry."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Fill, FundingPaid, Phase, Simulation, find_breach
from engine.periods import DAY_MS

FIRST_BLOCK_MS = DAY_MS
LARGEST_BLOCK_MS = 32 * DAY_MS


def liquidation_watcher(sim: Simulation) -> Generator[Event, Any, None]:
    """Sleep until the account changes or the level is reached.

    The level is searched for in growing blocks of klines; when a block holds none the search goes on at its end.
    """
    alarm = sim.alarm(Phase.LIQUIDATION)
    for message in (Fill, FundingPaid):
        sim.bus.listen(message, lambda _: alarm.ring())
    seen, since, length = None, 0, 0
    while not sim.is_over:
        state = sim.account.state
        if not state.holdings:
            yield alarm.wait()
            continue
        if state is not seen:
            seen, since, length = state, sim.now, FIRST_BLOCK_MS
        until = min(since + length, sim.end_ms + 1)
        breach = find_breach(state, sim.exchange.margins, sim.market, since, until)
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
