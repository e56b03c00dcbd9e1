"""Faults between the exchange and the program: what comes late, not at all, or as it was; and of the program itself."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Simulation, TriggerEvent
from engine.disturbance import FaultRun

Steps = Generator[Event, Any, None]


def delayed_data(sim: Simulation, fault: FaultRun) -> Steps:
    """The program knows what was known so long ago."""

    def known(now_ms: int) -> int:
        fault.act("", "triggers with old data")
        return now_ms - fault.delay_ms

    with fault.puts(sim.link.known, known):
        yield fault.over()


def frozen_data(sim: Simulation, fault: FaultRun) -> Steps:
    """The program knows what was known when it began."""
    began = sim.now

    def known(now_ms: int) -> int:
        if now_ms > began:
            fault.act("", "triggers with old data")
        return began

    with fault.puts(sim.link.known, known):
        yield fault.over()


def missed_ticks(sim: Simulation, fault: FaultRun) -> Steps:
    """Chance takes scheduled triggers away."""

    def arrival(trigger: TriggerEvent) -> int | None:
        if trigger.trigger_type != "scheduled" or not fault.strikes():
            return trigger.timestamp
        fault.act("", "ticks missed")
        return None

    with fault.puts(sim.link.arrivals, arrival):
        yield fault.over()


def late_signals(sim: Simulation, fault: FaultRun) -> Steps:
    """Triggers of signals come so much later, with what is known then."""

    def arrival(trigger: TriggerEvent) -> int | None:
        if trigger.trigger_type != "signal" or not fault.concerns(trigger.symbol) or sim.link.is_late(trigger):
            return trigger.timestamp
        fault.act(trigger.symbol, "signals late")
        return trigger.timestamp + fault.delay_ms

    with fault.puts(sim.link.arrivals, arrival):
        yield fault.over()


def clock_skew(sim: Simulation, fault: FaultRun) -> Steps:
    """The program's clock is fast, or slow."""

    def shows(now_ms: int) -> int:
        fault.act("", "triggers at a wrong time")
        return now_ms + fault.delay_ms

    with fault.puts(sim.link.clocks, shows):
        yield fault.over()


def slow_program(sim: Simulation, fault: FaultRun) -> Steps:
    """The program takes so long for each answer, one after another: its decision acts then. What has come before the
    end is answered first.
    """
    busy_until, until_ms = sim.now, fault.until_ms

    def arrival(trigger: TriggerEvent) -> int:
        nonlocal busy_until
        if sim.link.is_late(trigger):
            return trigger.timestamp
        due = max(trigger.timestamp, busy_until)
        busy_until = due + fault.delay_ms * (due < until_ms)
        fault.act(trigger.symbol, "triggers kept waiting", int(trigger.timestamp < min(due, until_ms)))
        return due

    sim.link.arrivals.append(arrival)
    with fault.puts(sim.exchange.adjusted.delays, _later(fault)):
        yield fault.over()
    if busy_until <= sim.now:  # else what comes meanwhile goes on waiting
        sim.link.arrivals.remove(arrival)


def _later(fault: FaultRun) -> Any:
    def later(now_ms: int, delay_ms: int) -> int:
        fault.act("", "decisions delayed")
        return delay_ms + fault.delay_ms

    return later


def restart(sim: Simulation, fault: FaultRun) -> Steps:
    """The program is away, and begins anew without its state."""

    def arrival(trigger: TriggerEvent) -> None:
        fault.act(trigger.symbol, "triggers missed")

    with fault.puts(sim.link.arrivals, arrival):
        yield fault.over()
    if not sim.is_over and not fault.is_cut:
        sim.link.restart(f"fault {fault.name}")
        fault.act("", "starts anew")
