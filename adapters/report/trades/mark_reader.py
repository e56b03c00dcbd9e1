"""The marks and lines of stored results for their charts, as they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from threading import Lock
from typing import Any, NamedTuple, Protocol

from sqlalchemy import select

from ...database import Database, backtest_trigger_logs, stored_json
from ...orders import OrderColumns, stored_orders
from ...results import StoredResult, TriggerFilter, epoch_ms
from .mark_windows import lines_window, marks_window
from .trade_lines import Decided, Lines, decisions_of, lines_of, steps_note
from .trade_marks import Marks, marks_of, with_entry

_MOST_KEPT = 8

#: What marks are made of, and what is missing where that is not the fills.
FROM_FILLS, FROM_TRADES = "fills", "trades"
OLD_RESULT = (
    "the fills of this result were not stored: marks are those of its closed trades, without additions, refused or "
    "resting orders; run it again to see all"
)


class Results(Protocol):
    """Who gives stored results."""

    def result(self, run_id: int) -> StoredResult:
        """Return a stored result, the same object while it is kept; refuses an unknown id."""


class Drawn(NamedTuple):
    """What is drawn of a stored result, and in words what that leaves out (`note`): `with_triggers` has the marks of
    triggers, too, once they were asked for.
    """

    found: StoredResult
    source: str
    marks: Marks
    lines: Lines
    note: str
    with_triggers: Marks | None = None

    @property
    def origin(self) -> dict[str, str]:
        """What marks and lines are made of, and what that leaves out."""
        return {"source": self.source, "note": self.note}


class MarkReader:
    """Reads what the charts of stored results draw; that of the last few results is kept."""

    def __init__(self, database: Database, results: Results) -> None:
        self._database, self._results = database, results
        self._kept: OrderedDict[int, Drawn] = OrderedDict()
        self._lock, self._making = Lock(), Lock()

    def markers(
        self,
        run_id: int,
        symbol: str | None,
        start: int,
        end: int,
        most: int,
        with_triggers: bool,
        without: Collection[str] = (),
        per: int | None = None,
    ) -> dict[str, Any]:
        """Return the marks of a range, as `marks_window` has them, and what they are made of."""
        drawn = self.drawn(run_id, with_triggers)
        marks = drawn.with_triggers if with_triggers and drawn.with_triggers is not None else drawn.marks
        return {**drawn.origin, **marks_window(marks, start, end, most, symbol, without, per)}

    def brackets(
        self, run_id: int, symbol: str | None, start: int, end: int, most: int, trade: int | None = None
    ) -> dict[str, Any]:
        """Return the lines of a range, as `lines_window` has them, and what they are made of."""
        drawn = self.drawn(run_id)
        return {**drawn.origin, **lines_window(drawn.lines, start, end, most, symbol, trade)}

    def drawn(self, run_id: int, with_triggers: bool = False) -> Drawn:
        """Return all marks and lines of a result."""
        found = self._results.result(run_id)
        drawn = self._known(found, with_triggers)
        if drawn is not None:
            return drawn
        with self._making:  # a chart asks for marks and lines at once: both are made by whoever comes first
            drawn = self._known(found, False) or self._made(found)
            if with_triggers and drawn.with_triggers is None:
                drawn = drawn._replace(with_triggers=self._with_triggers(found))
            with self._lock:
                self._kept[run_id] = drawn
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return drawn

    def _known(self, found: StoredResult, with_triggers: bool) -> Drawn | None:
        with self._lock:
            drawn = self._kept.get(found.run_id)
            if drawn is None or drawn.found is not found or (with_triggers and drawn.with_triggers is None):
                return None
            self._kept.move_to_end(found.run_id)
        return drawn

    def _with_triggers(self, found: StoredResult) -> Marks:
        orders, figures = stored_orders(self._database, found.run_id), found.figures or {}
        return marks_of([*map(with_entry, found.trades)], self._triggers(found.run_id), figures, orders)

    def _made(self, found: StoredResult) -> Drawn:
        orders = stored_orders(self._database, found.run_id)
        trades, figures = [with_entry(trade) for trade in found.trades], found.figures or {}
        decided = self._decided(found, orders)
        source, note = (FROM_TRADES, OLD_RESULT) if orders is None else (FROM_FILLS, steps_note(orders))
        lines = lines_of(trades, decided, figures, orders)
        return Drawn(found, source, marks_of(trades, (), figures, orders), lines, note)

    def _decided(self, found: StoredResult, orders: OrderColumns | None) -> Iterator[Decided]:
        """Yield what was decided, where nothing else tells where exits stood."""
        if orders is not None or not found.trades:
            return
        c = backtest_trigger_logs.c
        acting = c.backtest_id == found.run_id, TriggerFilter.DECISIONS.condition()
        asked = select(c.trigger_time, c.decision_output).where(*acting).order_by(c.id)
        with self._database.reading() as connection:
            rows = connection.execute(asked).all()
        for at, output in rows:
            yield from ((epoch_ms(at) or 0, each) for each in decisions_of(stored_json(output)))

    def _triggers(self, run_id: int) -> Sequence[Any]:
        c = backtest_trigger_logs.c
        found = select(c.trigger_time, c.symbol, c.trigger_index, c.decision_action).where(c.backtest_id == run_id)
        with self._database.reading() as connection:
            return connection.execute(found.order_by(c.id)).all()
