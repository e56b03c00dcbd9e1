"""Faults of the market, and of what the program is told of it: the rows are changed before the run, as all that is
worked out from them must follow; the processes say what of it came when.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Simulation
from engine.disturbance import FaultRun

Steps = Generator[Event, Any, None]


def stale_mark(sim: Simulation, fault: FaultRun) -> Steps:
    """Margin is judged on a mark that does not move."""
    yield from _counted(fault, "klines with a stale mark")


def flash_crash(sim: Simulation, fault: FaultRun) -> Steps:
    """Prices fall and come back."""
    yield from _counted(fault, "klines moved")


def wick(sim: Simulation, fault: FaultRun) -> Steps:
    """A kline reaches far."""
    yield from _counted(fault, "klines moved")


def funding_spike(sim: Simulation, fault: FaultRun) -> Steps:
    """Funding rates are higher, or lower."""
    yield from _counted(fault, "funding rates moved")


def dropped_data(sim: Simulation, fault: FaultRun) -> Steps:
    """Rows are lost on the way to the program."""
    yield from _counted(fault, "klines dropped")


def duplicated_data(sim: Simulation, fault: FaultRun) -> Steps:
    """Rows come twice, the second time in the place of the next one."""
    yield from _counted(fault, "klines duplicated")


def _counted(fault: FaultRun, effect: str) -> Steps:
    """Say at its end, when all of them are known, how many rows of each symbol it has changed."""
    yield fault.over()
    for symbol, rows in fault.touched():
        fault.act(symbol, effect, rows)
