"""Funding: pays or receives for each open position at every settlement of its symbol."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Fill, FundingSchedule, Phase, Simulation


def funding_payments(sim: Simulation, symbol: str, schedule: FundingSchedule) -> Generator[Event, Any, None]:
    """Sleep while there is no position in `symbol`; else settle at each stamp of its schedule, up to the end.

    A settlement that falls on the instant of a fill comes first: it is on the position as it was before.
    """
    fills = sim.subscribe(Fill)
    warning = schedule.warning(symbol)
    if warning is not None:
        sim.warnings.append(warning)
    times, rates = schedule.settlements.timestamp_ms, schedule.settlements.value
    while not sim.is_over:
        if symbol not in sim.account.state.holdings:
            yield fills.batch()
            continue
        place = int(times.searchsorted(sim.now, side="right"))
        if place == len(times) or times[place] > sim.end_ms:
            return
        yield sim.at(int(times[place]), Phase.FUNDING)
        if symbol in sim.account.state.holdings and not sim.is_over:
            sim.exchange.settle_funding(symbol, float(rates[place]))
