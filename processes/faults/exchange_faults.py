"""Faults of the exchange: what it takes, and whether it goes on at all."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Event

from engine import Decision, OrderRejected, Phase, Simulation
from engine.disturbance import FaultRun

Steps = Generator[Event, Any, None]

OUTAGE, CANCEL_ONLY, REJECTED = "exchange outage", "exchange takes cancels only", "rejected by chance"
DELISTED = "symbol delisted"
_RETRY_MS = 60_000


def outage(sim: Simulation, fault: FaultRun) -> Steps:
    """The exchange stands still: several at once are one that lasts until the last of them is over."""

    def refused(message: OrderRejected) -> None:
        if message.reason == OUTAGE:
            fault.act(message.symbol, "orders refused")

    if sim.exchange.paused_at is None:
        sim.exchange.pause(OUTAGE)
    for order in sim.exchange.pending:
        fault.act(order.symbol, "orders held up")
    with fault.hears(OrderRejected, refused):
        yield fault.over()
    is_ours = sim.exchange.pause_reason == OUTAGE and fault.is_alone_among(sim.faults)
    if is_ours and not fault.is_cut:
        sim.exchange.resume()


def cancel_only(sim: Simulation, fault: FaultRun) -> Steps:
    """Cancels are taken, and nothing else."""

    def check(decision: Decision, now_ms: int) -> str | None:
        if decision.action() == "cancel" or not fault.concerns(decision.symbol):
            return None
        fault.act(decision.symbol, "orders refused")
        return CANCEL_ONLY

    with fault.puts(sim.exchange.checks, check):
        yield fault.over()


def rejects(sim: Simulation, fault: FaultRun) -> Steps:
    """Chance refuses orders of every kind, cancels too."""

    def check(decision: Decision, now_ms: int) -> str | None:
        if not fault.concerns(decision.symbol) or not fault.strikes():
            return None
        fault.act(decision.symbol, "orders refused")
        return REJECTED

    with fault.puts(sim.exchange.checks, check):
        yield fault.over()


def delisting(sim: Simulation, fault: FaultRun) -> Steps:
    """Orders are cancelled, positions closed (again each minute where one stays), and then nothing is taken."""

    def check(decision: Decision, now_ms: int) -> str | None:
        if not fault.concerns(decision.symbol) or decision.reason == DELISTED:
            return None
        fault.act(decision.symbol, "orders refused")
        return DELISTED

    with fault.puts(sim.exchange.checks, check):
        yield sim.at(sim.now, Phase.ORDERS)
        _cancel_pending(sim, fault)
        while any(map(fault.concerns, sim.account.state.holdings)):
            for symbol in filter(fault.concerns, () if sim.exchange.pause_reason else [*sim.account.state.holdings]):
                result = yield sim.exchange.submit(Decision("close", symbol, reason=DELISTED))
                fault.act(symbol, "positions closed", len(result.fills))
            if fault.until_ms - sim.now <= _RETRY_MS:
                break
            yield sim.at(sim.now + _RETRY_MS, Phase.ORDERS)
        yield fault.over()


def _cancel_pending(sim: Simulation, fault: FaultRun) -> None:
    for order in [each for each in sim.exchange.pending if fault.concerns(each.symbol)]:
        sim.exchange.cancel(order, DELISTED)
        fault.act(order.symbol, "orders cancelled")
