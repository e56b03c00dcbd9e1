"""The link between the exchange and the program: which triggers come through it and when, and what it tells of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..errors import SimulationError
from ..kernel import AskedFunctions, Clock, Phase, TriggerEvent, is_instant_or_none, is_whole
from ..program import MarketData, told_otherwise


class ProgramLink:
    """Lists of functions, all of them empty where nothing disturbs the program.

    `arrivals` are asked about each trigger when it comes: they return when (epoch ms) it reaches the program, now or
    later, or None: never; the latest counts. `known` say of an instant up to when the program knows the market then,
    not later than it; the earliest counts. `clocks` say what its clock shows at an instant; what each adds is added.
    `restart` lets the program begin anew: its state is lost. It may be told by what, for where the program fails at it.
    """

    def __init__(self, clock: Clock, end_ms: int) -> None:
        self.arrivals = AskedFunctions[Callable[[TriggerEvent], int | None]](
            "sim.link.arrivals", "(trigger)", "an instant in whole epoch ms, or None", is_instant_or_none
        )
        instant = "(now_ms)", "an instant in whole epoch ms", is_whole
        self.known = AskedFunctions[Callable[[int], int]]("sim.link.known", *instant)
        self.clocks = AskedFunctions[Callable[[int], int]]("sim.link.clocks", *instant)
        self.restart: Callable[..., None] = _not_started
        self._clock, self._end_ms = clock, end_ms
        self._put_off: list[TriggerEvent] = []

    def arriving(
        self, triggers: Sequence[TriggerEvent], come_later: Callable[[TriggerEvent], None]
    ) -> Iterator[TriggerEvent]:
        """Yield the triggers of now that reach the program now. One that is put off is handed to `come_later` then,
        with that time; it is not put off again.
        """
        for trigger in triggers:
            due = self._due(trigger)
            if due == trigger.timestamp:
                yield trigger
            elif due is not None and due <= self._end_ms:
                self._send_later(trigger.replaced(timestamp=due), come_later)

    def is_late(self, trigger: TriggerEvent) -> bool:
        """Tell whether a trigger was put off already."""
        return any(each is trigger for each in self._put_off)

    def _due(self, trigger: TriggerEvent) -> int | None:
        now = trigger.timestamp
        found = [ask(trigger) for ask in self.arrivals]
        if self.is_late(trigger):
            self._put_off = [each for each in self._put_off if each is not trigger]
            return None if None in found else now
        times = [each for each in found if each is not None]
        return None if len(times) < len(found) else max([now, *times])

    def _send_later(self, trigger: TriggerEvent, come_later: Callable[[TriggerEvent], None]) -> None:
        self._put_off.append(trigger)
        moment = self._clock.at(trigger.timestamp, Phase.SIGNALS)
        moment.callbacks.append(lambda _: come_later(trigger))

    def tell(self, data: MarketData) -> None:
        """Let a view that the program is about to get tell what is known to it, and what its clock shows."""
        now = data.timestamp
        known = min([now, *(each(now) for each in self.known)])
        told_otherwise(data, known, now + sum(each(now) - now for each in self.clocks))


def _not_started(by: str = "") -> None:
    raise SimulationError("the program was not started yet: sim.link.restart() is for a process, once the run goes on")
