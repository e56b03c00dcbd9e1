"""Scheduled triggers: a tick at every interval."""

from __future__ import annotations

from collections.abc import Generator

from simpy import Event

from engine import Phase, Simulation, TriggerEvent
from engine.kernel import ScheduledTick


def scheduled_ticks(sim: Simulation, interval_ms: int) -> Generator[Event, object, None]:
    """Publish a tick at start + k x interval for k = 1, 2, ... up to and including the end."""
    instants = range(sim.start_ms + interval_ms, sim.end_ms + 1, interval_ms)
    ticks = zip(map(ScheduledTick, instants))
    yield sim.announce(TriggerEvent, zip(instants, ticks, strict=True), Phase.SCHEDULED)  # no frame for each


def ticks_after_triggers(sim: Simulation, interval_ms: int) -> Generator[Event, object, None]:
    """Publish a tick when no trigger of any kind has come for an interval.

    A tick that would fall on the instant of another trigger is dropped: that trigger starts the interval anew.
    """
    last = sim.start_ms

    def remember(trigger: TriggerEvent) -> None:
        nonlocal last
        last = trigger.timestamp

    sim.bus.listen(TriggerEvent, remember)
    while last + interval_ms <= sim.end_ms and not sim.is_over:
        due = last + interval_ms
        yield sim.at(due, Phase.SCHEDULED)
        if last + interval_ms == due:
            sim.bus.publish(ScheduledTick(due))
