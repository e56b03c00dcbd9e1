"""The lines of triggers: what woke the program, what it asked and logged, and what it decided where nothing came."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

from ..kernel import TriggerEvent
from ..plain_values import plain
from ..triggers import TriggerRecord, TriggerRecords
from .chained_lines import canonical, quoted
from .grounds import Justification
from .line_parts import decision_text, id_text, row_text

_RULES: Mapping[str, str] = {"scheduled": "scheduled-tick", "order": "order-wake-up", "timer": "timer"}
_NO_TIMES: array[int] = array("q")


class TriggerLines:
    """Makes the lines of the triggers of a log, in order: `place` is that of the next one; `ids` are those of the lines
    of triggers that something else may have come of.
    """

    def __init__(self, log: TriggerRecords, named: set[int], wakes: Mapping[int, int], why: Justification) -> None:
        self._log, self._named, self._wakes, self._why = log, named, wakes, why
        self._alike = log.alike()
        self._first, self._times = 0, _NO_TIMES
        self.place = 0
        self.ids: dict[int, int] = {}
        #: By symbol the instant and the line of what has woken the program there last.
        self.woken: dict[str, tuple[int, int]] = {}

    def upto(self, stop: int, line: int) -> Iterator[str]:
        """Yield the lines of the triggers before a place; the first of them has the id `line`."""
        while self.place < stop:
            if self.place >= self._first + len(self._times):
                self._first, self._times = next(self._alike)
            record = self._log[self.place]
            times = self._times[self.place - self._first : stop - self._first]
            if record.logs or record.queries or record.decision is not None or record.trigger.triggered_signals:
                for each in self._told(record, line):
                    line += 1
                    yield each
            else:
                yield from self._bare(record.trigger, times, line)
                line += len(times)

    def _bare(self, trigger: TriggerEvent, times: array[int], line: int) -> Iterator[str]:
        """Yield the lines of triggers that differ in nothing but their time, and of which nothing came."""
        place = self.place
        self.place += len(times)
        if trigger.trigger_type in ("order", "timer"):
            for at in times:
                yield self._line(trigger.replaced(timestamp=at), place, line)
                place, line = place + 1, line + 1
            return
        rest = self._rest(trigger)
        for number, at in enumerate(times, line):
            yield f'{{"at":{at},"cause":null,"id":{number},{rest}'
        self.ids.update((each, line + each - place) for each in self._named.intersection(range(place, self.place)))

    def _told(self, record: TriggerRecord, line: int) -> Iterator[str]:
        lines = [*self.begun(record.trigger, line, record)]
        yield from lines
        at, cause = record.trigger.timestamp, line
        for number, answer in enumerate(record.answers, line + len(lines)):
            yield decision_text(at, cause, number, answer.decision, answer.warm_up)

    def begun(self, trigger: TriggerEvent, line: int, record: TriggerRecord | None = None) -> Iterator[str]:
        """Yield the line of the trigger that is next, and of what was asked and logged at it."""
        place = self.place
        self.place += 1
        yield self._line(trigger, place, line)
        if record is None and place < len(self._log):  # else the run was stopped before it was over
            record = self._log[place]
        if record is not None and (record.logs or record.queries):
            yield canonical(
                {
                    "at": trigger.timestamp,
                    "cause": line,
                    "id": line + 1,
                    "logs": list(record.logs),
                    "message": "asked",
                    "queries": plain(tuple(record.queries)),
                    "row": None,
                    "rule": None,
                }
            )

    def _line(self, trigger: TriggerEvent, place: int, line: int) -> str:
        if place in self._named:
            self.ids[place] = line
        return f'{{"at":{trigger.timestamp},"cause":{id_text(self._cause(trigger))},"id":{line},{self._rest(trigger)}'

    def _cause(self, trigger: TriggerEvent) -> int | None:
        if trigger.trigger_type == "timer":
            return self.ids.get(self._wakes.get(trigger.timestamp, -1))
        woken = self.woken.get(trigger.symbol) if trigger.trigger_type == "order" else None
        return None if woken is None else woken[1]

    def _rest(self, trigger: TriggerEvent) -> str:
        kind, symbol, regime, signals = (
            trigger.trigger_type,
            trigger.symbol,
            trigger.market_regime,
            trigger.triggered_signals,
        )
        pool, row, rule = "null", None, _RULES.get(kind, "own-trigger")
        if trigger.pool_id is not None or trigger.pool_name:
            rule = "signal-pool"
            pool = canonical(plain({"id": trigger.pool_id, "logic": trigger.pool_logic, "name": trigger.pool_name}))
        if signals:
            row = self._why.of_signal(symbol, signals[0], trigger.timestamp)
        told = "null" if regime is None else canonical(plain(regime.to_dict()))
        return (
            f'"message":"trigger","pool":{pool},"regime":{told},"row":{row_text(row)},"rule":"{rule}",'
            f'"signals":{canonical(plain(tuple(signals)))},"symbol":{quoted(symbol)},"trigger":{quoted(kind)}}}'
        )
