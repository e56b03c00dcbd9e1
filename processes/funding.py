"""Funding: pays or receives for each open position at every settlement of its symbol."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Fill, FundingSchedule, Phase, Simulation


def funding_payments(sim: Simulation, symbol: str, schedule: FundingSchedule) -> Generator[Event, Any, None]:
    """Sleep while there is no position in `symbol`; else settle at each instant of its schedule, up to the end.

    A settlement that falls on the instant of a fill comes first: it is on the position as it was before.
    """
    opened = sim.alarm(Phase.BOOKKEEPING)
    sim.bus.listen(Fill, lambda fill: opened.ring() if fill.symbol == symbol and fill.purpose == "entry" else None)
    sim.warnings.extend(schedule.warnings(symbol, sim.start_ms, sim.end_ms))
    times, rates = schedule.settlements.timestamp_ms.data, schedule.settlements.value.data
    place, progress = 0, sim.progress()
    while not sim.is_over:
        if symbol not in sim.account.state.holdings:
            yield opened.wait()
            progress.check(sim.account.state)
            continue
        place = bisect_right(times, sim.now, place)
        if place == len(times) or times[place] > sim.end_ms:
            return
        yield sim.at(times[place], Phase.FUNDING)
        if symbol in sim.account.state.holdings and not sim.is_over:
            sim.exchange.venue.settle_funding(symbol, rates[place])
