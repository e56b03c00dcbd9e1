"""The order watcher: settles take-profits, stop-losses and orders that wait for their kline when they are due."""

from __future__ import annotations

from collections.abc import Generator

from simpy import Event

from engine import Simulation


def order_watcher(sim: Simulation) -> Generator[Event, object, None]:
    """Sleep until the next instant at which something pending is due, settle it, and sleep again.

    The exchange found that instant in the columns when the order came in, and sets the alarm earlier when a new
    order is due before. Cancelled orders cost nothing.
    """
    progress = sim.progress()
    while not sim.is_over:
        yield sim.exchange.alarm.wait()
        sim.exchange.settle()
        progress.check(sim.exchange.changes)
