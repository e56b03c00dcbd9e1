"""Triggers of type "order": the program is woken by what happens to its account."""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import Any

from simpy import Event

from engine import Fill, FundingPaid, Liquidated, OrderRejected, Phase, Simulation, TriggerEvent
from engine.contract import EventKind
from engine.kernel import Moment

#: Which messages are of which kind; a rejection and a cancel are one message.
_MESSAGES: tuple[tuple[EventKind, type], ...] = (
    (EventKind.FILL, Fill),
    (EventKind.LIQUIDATION, Liquidated),
    (EventKind.FUNDING, FundingPaid),
)


def order_wake_ups(sim: Simulation, kinds: Collection[str]) -> Generator[Event, Any, None]:
    """Publish one trigger for each symbol and instant at which something of these kinds happens to the account.

    What a decision of the instant itself has caused wakes nobody: it is in the events of the next trigger. What happens
    when the decisions of the instant are over, such as the fill of an order that was under way, wakes 1 ms later.
    """
    wake_ups = _WakeUps(sim)
    for kind, message_type in _MESSAGES:
        if kind in kinds:
            sim.bus.listen(message_type, wake_ups.follow)
    wanted = {
        was_pending for was_pending, kind in ((False, EventKind.REJECTION), (True, EventKind.CANCEL)) if kind in kinds
    }
    if wanted:
        sim.bus.listen(OrderRejected, lambda each: wake_ups.follow(each) if each.was_pending in wanted else None)
    yield sim.done


class _WakeUps:
    """Publishes the triggers, one for each symbol and instant."""

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._at, self._symbols = -1, set[str]()
        self._later: dict[str, Moment] = {}

    def follow(self, happened: Any) -> None:
        """Wake the program for what has happened, now or as soon as decisions can be made."""
        sim, symbol = self._sim, happened.symbol
        now = sim.clock.now()
        if sim.is_over or sim.exchange.acts_for == now:
            return
        if not sim.clock.is_over(Phase.SIGNALS):
            self._publish(symbol)
        elif symbol not in self._later and now < sim.end_ms:
            self._later[symbol] = sim.clock.at(now + 1, Phase.SIGNALS)
            self._later[symbol].callbacks.append(lambda _: self._catch_up(symbol))

    def _catch_up(self, symbol: str) -> None:
        del self._later[symbol]
        if not self._sim.is_over:
            self._publish(symbol)

    def _publish(self, symbol: str) -> None:
        now = self._sim.clock.now()
        if now != self._at:
            self._at = now
            self._symbols.clear()
        if symbol not in self._symbols:
            self._symbols.add(symbol)
            self._sim.bus.publish(TriggerEvent(now, "order", symbol))
