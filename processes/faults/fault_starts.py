"""The faults of a configuration become processes of its run."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias

from simpy import Event

from engine import Simulation
from engine.disturbance import FaultRun

from .cost_faults import fees, latency, partial_volume, spread
from .exchange_faults import cancel_only, delisting, outage, rejects
from .market_faults import dropped_data, duplicated_data, flash_crash, funding_spike, stale_mark, wick
from .program_faults import clock_skew, delayed_data, frozen_data, late_signals, missed_ticks, restart, slow_program

FaultProcess: TypeAlias = Callable[[Simulation, FaultRun], Generator[Event, Any, None]]

#: The process of each kind: it is called for each span in which the fault is on, and is over when that is.
PROCESSES: Mapping[str, FaultProcess] = {
    each.__name__: each
    for each in (
        *(outage, cancel_only, rejects, latency),
        *(delayed_data, dropped_data, duplicated_data, frozen_data),
        *(stale_mark, flash_crash, wick, funding_spike, delisting),
        *(spread, partial_volume, fees),
        *(missed_ticks, late_signals, clock_skew, slow_program, restart),
    )
}


def start_faults(sim: Simulation, faults: Sequence[FaultRun]) -> None:
    """Announce a process for each fault that is on at some time. One that is not among those of the simulation when it
    comes to its turn, for it may be added while the run goes on, never begins.
    """
    for fault in faults:
        if fault.plan.spans:
            process: FaultProcess = fault.plan.fault.process or PROCESSES[fault.plan.kind]
            sim.process_named(f"fault {fault.name}", in_turn, fault, process)


def in_turn(sim: Simulation, fault: FaultRun, process: FaultProcess) -> Generator[Event, Any, None]:
    """Run the process of a fault in each of its spans, one after another."""
    for span in fault.plan.spans:
        yield sim.at(max(span.start_ms, sim.now))
        if sim.is_over or fault not in sim.faults:
            return
        fault.begin(span)
        yield from _own(sim, fault, process) if fault.plan.fault.is_own else process(sim, fault)
        fault.end()


def _own(sim: Simulation, fault: FaultRun, process: FaultProcess) -> Generator[Event, Any, None]:
    """Run the process of a fault of one's own, in one of its spans; it fails with its name, the time and its line."""
    try:
        made = process(sim, fault)
        fault.require_process(made)
        yield from made
    except Exception as error:
        failure = fault.failed(error, __file__)
        if failure is error:
            raise
        raise failure from error
