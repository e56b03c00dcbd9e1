"""The lines of triggers: what woke the program, what it asked and logged, and what it decided where nothing came."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

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
        self._last_kind: object = None
        self._last_rest = ""

    def upto(self, stop: int, lines: list[str], line: int) -> None:
        """Add the lines of the triggers before a place to `lines`, of which the first has the id `line`."""
        while self.place < stop:
            if self.place >= self._first + len(self._times):
                self._first, self._times = next(self._alike)
            record = self._log[self.place]
            if record.logs or record.queries or record.decision is not None or record.trigger.triggered_signals:
                self._told(record, lines, line)
            else:
                times = self._times[self.place - self._first : stop - self._first]
                self._bare(record.trigger, times, lines, line)

    def _bare(self, trigger: TriggerEvent, times: array[int], lines: list[str], line: int) -> None:
        """Add the lines of triggers that differ in nothing but their time, and of which nothing came."""
        if trigger.trigger_type in ("order", "timer"):
            for at in times:
                self._add(TriggerEvent(at, *trigger.values()[1:]), lines, line)
            return
        place, line, rest = self.place, line + len(lines), self._rest(trigger)
        self.place += len(times)
        lines += [f'{{"at":{at},"cause":null,"id":{number},{rest}' for number, at in enumerate(times, line)]
        self.ids.update((each, line + each - place) for each in self._named.intersection(range(place, self.place)))

    def _told(self, record: TriggerRecord, lines: list[str], line: int) -> None:
        cause = line + len(lines)
        self.begin(record.trigger, lines, line, record)
        for answer in record.answers:
            number, at = line + len(lines), record.trigger.timestamp
            lines.append(decision_text(at, cause, number, answer.decision, answer.warm_up))

    def begin(self, trigger: TriggerEvent, lines: list[str], line: int, record: TriggerRecord | None = None) -> None:
        """Add the line of the trigger that is next, and of what was asked and logged at it."""
        if record is None and self.place < len(self._log):  # else the run was stopped before it was over
            record = self._log[self.place]
        cause = line + len(lines)
        self._add(trigger, lines, line)
        if record is not None and (record.logs or record.queries):
            asked = {"at": trigger.timestamp, "cause": cause, "id": cause + 1, "message": "asked"}
            told = {"logs": list(record.logs), "queries": plain(tuple(record.queries)), "row": None, "rule": None}
            lines.append(canonical({**asked, **told}))

    def _add(self, trigger: TriggerEvent, lines: list[str], line: int) -> None:
        number, place = line + len(lines), self.place
        self.place += 1
        if place in self._named:
            self.ids[place] = number
        cause = id_text(self._cause(trigger))
        lines.append(f'{{"at":{trigger.timestamp},"cause":{cause},"id":{number},{self._rest(trigger)}')

    def _cause(self, trigger: TriggerEvent) -> int | None:
        if trigger.trigger_type == "timer":
            return self.ids.get(self._wakes.get(trigger.timestamp, -1))
        woken = self.woken.get(trigger.symbol) if trigger.trigger_type == "order" else None
        return None if woken is None else woken[1]

    def _rest(self, trigger: TriggerEvent) -> str:
        """Return what follows the id in the line of a trigger: most of them differ in nothing of it."""
        if trigger.triggered_signals or trigger.market_regime is not None:
            return self._made(trigger)
        kind = trigger.trigger_type, trigger.symbol, trigger.pool_id, trigger.pool_name, trigger.pool_logic
        if kind != self._last_kind:
            self._last_kind, self._last_rest = kind, self._made(trigger)
        return self._last_rest

    def _made(self, trigger: TriggerEvent) -> str:
        kind, symbol, regime = trigger.trigger_type, trigger.symbol, trigger.market_regime
        pool, row, rule = "null", None, _RULES.get(kind, "own-trigger")
        if trigger.pool_id is not None or trigger.pool_name:
            rule = "signal-pool"
            pool = canonical(plain({"id": trigger.pool_id, "logic": trigger.pool_logic, "name": trigger.pool_name}))
        signals = plain(tuple(trigger.triggered_signals))
        if signals:
            row = self._why.of_signal(symbol, signals[0], trigger.timestamp)
        told = "null" if regime is None else canonical(plain(regime.to_dict()))
        return (
            f'"message":"trigger","pool":{pool},"regime":{told},"row":{row_text(row)},"rule":"{rule}",'
            f'"signals":{canonical(signals)},"symbol":{quoted(symbol)},"trigger":{quoted(kind)}}}'
        )
