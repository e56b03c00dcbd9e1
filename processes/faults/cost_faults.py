"""Faults of execution: what orders cost, how much of them fills, and how long they are under way."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Fill, MarketOrder, Simulation
from engine.disturbance import FaultRun

Steps = Generator[Event, Any, None]


def latency(sim: Simulation, fault: FaultRun) -> Steps:
    """Each order is under way for so much longer."""

    def longer(now_ms: int, delay_ms: int) -> int:
        fault.act("", "orders delayed")
        return delay_ms + fault.delay_ms

    with fault.puts(sim.exchange.adjusted.delays, longer):
        yield fault.over()


def spread(sim: Simulation, fault: FaultRun) -> Steps:
    """What takes fills so much worse than the models say."""

    def worse(order: MarketOrder, price: float) -> float:
        share = fault.percent / 100.0 if fault.concerns(order.symbol) else 0.0
        return price * (1.0 + order.sign * share)

    def filled(fill: Fill) -> None:
        fault.act(fill.symbol, "fills worse", int(fault.concerns(fill.symbol) and not fill.is_maker))

    with fault.puts(sim.exchange.adjusted.prices, worse), fault.hears(Fill, filled):
        yield fault.over()


def partial_volume(sim: Simulation, fault: FaultRun) -> Steps:
    """No more fills of a kline's volume, where the configured cap is not lower."""
    capped = set[str]()

    def less(symbol: str, size: float, volume: float, most: float) -> float:
        found = min(most, volume * fault.percent / 100.0) if fault.concerns(symbol) else most
        (capped.add if found < min(size, most) else capped.discard)(symbol)
        return found

    def filled(fill: Fill) -> None:
        fault.act(fill.symbol, "fills capped", int(fill.symbol in capped))

    with fault.puts(sim.exchange.adjusted.volumes, less), fault.hears(Fill, filled):
        yield fault.over()


def fees(sim: Simulation, fault: FaultRun) -> Steps:
    """Makers and takers pay so much more."""

    def dearer(symbol: str, is_maker: bool, percent: float) -> float:
        return percent + fault.percent if fault.concerns(symbol) else percent

    def filled(fill: Fill) -> None:
        fault.act(fill.symbol, "fills dearer", int(fault.concerns(fill.symbol)))

    with fault.puts(sim.exchange.adjusted.fees, dearer), fault.hears(Fill, filled):
        yield fault.over()
