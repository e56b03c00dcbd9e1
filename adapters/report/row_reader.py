"""The rows of stored results as the API gives them: trades and triggers, and which belong together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import func, select

from engine.market.series import FloatColumn, TimeColumn
from engine.result import FIGURES, Unit

from ..database import Database, backtest_trigger_logs, stored_json
from ..orders import stored_orders
from ..results import StoredCurve, StoredResult, TriggerFilter, epoch_ms, trigger_answer, utc_time
from .curves import KeptOfRuns
from .prices import NotStored
from .result_reader import ResultReader
from .row_pages import page_of
from .summary import ResultFacts, summary_of
from .trades import (
    Links,
    LoggedAnswer,
    MarkReader,
    marks_of_trigger,
    trigger_item,
    trigger_links,
    whole_trigger,
    with_entry,
)
from .wanted_triggers import TriggerSort, WantedTriggers

#: What belongs together of results, and which triggers are wanted: of 100,000 triggers these take 1.6 MB.
_MOST_KEPT, _MOST_LOGS = 8, 16
_NO_INDICES = np.empty(0, np.int64)
_NO_CURVE: tuple[TimeColumn, FloatColumn] = np.empty(0, np.int64), np.empty(0, np.float64)

#: What of trades is added up: money.
_SUMMED = tuple(column.key for column in FIGURES["trades"].columns if column.unit is Unit.USD)

_LOG_COLUMNS = (
    "trigger_index trigger_type trigger_time symbol decision_action decision_symbol decision_side decision_size "
    "decision_reason entry_price exit_price pnl fee equity_before equity_after execution_error decision_output "
    "execution_logs"
).split()


class _Log(NamedTuple):
    """Triggers of a run that are wanted: their indices, which rise, and the ids of their rows."""

    indices: TimeColumn
    ids: TimeColumn


class RowReader:
    """Reads trades and triggers of stored results; which belong together is kept of the last few finished ones."""

    def __init__(self, database: Database, results: ResultReader, marks: MarkReader) -> None:
        self._database, self._results, self._marks = database, results, marks
        self._links: KeptOfRuns[Links] = KeptOfRuns(_MOST_KEPT)
        self._logs: KeptOfRuns[_Log] = KeptOfRuns(_MOST_LOGS)

    def trades(
        self, run_id: int, offset: int, limit: int, sort: str, descending: bool, wanted: dict[str, str]
    ) -> dict[str, Any]:
        """Return one page of the trades, sorted by a field; `wanted` are values that fields must have. `sums` are of
        all that have them.
        """
        trades = self._results.result(run_id).trades
        places = [*range(len(trades))]
        for name, value in wanted.items():
            places = [place for place in places if str(trades[place].get(name)) == value]
        if sort != "index":
            places.sort(key=lambda place: _sortable(with_entry(trades[place]).get(sort)), reverse=descending)
        elif descending:
            places.reverse()
        items = [{"index": place, **with_entry(trades[place])} for place in places[offset : offset + limit]]
        sums = {name: math.fsum(trades[place].get(name) or 0.0 for place in places) for name in _SUMMED}
        return {"total": len(places), "offset": offset, "items": items, "sums": sums}

    def trade(self, run_id: int, number: int) -> dict[str, Any]:
        """Return a trade by its number from 1 on, with the triggers that opened it, closed it, and added to it."""
        trades = self._results.result(run_id).trades
        if number > len(trades):
            raise NotStored(f"back-test {run_id} has no trade {number}: it has {len(trades):,} closed trades")
        links = self._linked(run_id)
        return {
            "index": number - 1,
            **with_entry(trades[number - 1]),
            "triggers": [each.shown() for each in links.of_trades[number - 1]],
            "triggers_note": links.note,
            "total": len(trades),
        }

    def links(self, run_id: int) -> Links:
        """Return which trades and triggers belong together."""
        return self._linked(run_id)

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return the tables of a result's summary; empty ones of a run that has come to nothing yet."""
        found = self._results.result(run_id)
        return summary_of(_facts(found))

    def triggers(
        self,
        run_id: int,
        offset: int,
        limit: int,
        wanted: WantedTriggers,
        sort: TriggerSort = TriggerSort.INDEX,
        descending: bool = False,
    ) -> dict[str, Any]:
        """Return one page of the trigger log; `stored` is how many triggers of the run have a row at all."""
        self._results.require(run_id)
        c = backtest_trigger_logs.c
        found = select(*(c[name] for name in _LOG_COLUMNS)).where(wanted.condition(run_id))
        page = page_of(self._database, found.order_by(*sort.columns(descending)), offset, limit, trigger_item)
        won = self._linked(run_id).won if page["items"] else {}
        page["items"] = [{**each, "won": won.get(each["index"])} for each in page["items"]]
        return {**page, "stored": self._results.result(run_id).triggers_saved}

    def place_of_trigger(
        self, run_id: int, wanted: WantedTriggers, since: int | None = None, index: int | None = None
    ) -> int:
        """Return how many wanted triggers, in order of time, come before an instant (epoch ms) or an index."""
        c = backtest_trigger_logs.c
        before = wanted.condition(run_id)
        if since is not None:
            before &= c.trigger_time < utc_time(since)
        if index is not None:
            before &= c.trigger_index < index
        return self._counted(before)

    def trigger(self, run_id: int, index: int, wanted: WantedTriggers | None = None) -> dict[str, Any]:
        """Return one trigger with what the program saw, asked, decided and logged, the trades that it had to do with,
        the `marks` of what became of its orders, and its neighbours among the wanted ones: `place` of `total` it is
        there, from 1 on.
        """
        found = self._results.result(run_id)
        log = self._log(found, WantedTriggers(all_triggers=True))
        place = int(np.searchsorted(log.indices, index))
        if place == len(log.indices) or log.indices[place] != index:
            most = self._results.require(run_id)["total_triggers"] or 0
            why = " stored: nothing came of it" if index < most else ""
            raise NotStored(f"back-test {run_id} has no trigger {index}{why}")
        with self._database.reading() as connection:
            wanted_row = select(backtest_trigger_logs).where(backtest_trigger_logs.c.id == int(log.ids[place]))
            row = connection.execute(wanted_row).mappings().first()
        if row is None:
            raise NotStored(f"back-test {run_id} has no trigger {index}")  # it was deleted just now
        linked = self._linked(run_id)
        beside = {"won": linked.won.get(index), "trades": linked.of_triggers.get(index, [])}
        among = log if wanted is None else self._log(found, wanted)
        marks = marks_of_trigger(self._marks.drawn(run_id).marks, index)
        return {**whole_trigger(dict(row)), **beside, "marks": marks, **_beside(among.indices, index)}

    def _log(self, found: StoredResult, wanted: WantedTriggers) -> _Log:
        """Return which triggers of a result are wanted; kept of the last few questions."""

        def read() -> _Log:
            c = backtest_trigger_logs.c
            with self._database.reading() as connection:
                if not self._database.has_table(connection, backtest_trigger_logs):
                    return _Log(_NO_INDICES, _NO_INDICES)
                rows = select(c.trigger_index, c.id).where(wanted.condition(found.run_id)).order_by(c.trigger_index)
                both = np.array([*map(tuple, connection.execute(rows))], np.int64).reshape(-1, 2)
            return _Log(both[:, 0], both[:, 1])

        return self._logs.get(found, read, wanted)

    def _counted(self, condition: Any) -> int:
        with self._database.reading() as connection:
            if not self._database.has_table(connection, backtest_trigger_logs):
                return 0
            counted = select(func.count()).select_from(backtest_trigger_logs).where(condition)
            return int(connection.execute(counted).scalar_one())

    def _linked(self, run_id: int) -> Links:
        found = self._results.result(run_id)

        def link() -> Links:
            trades = [with_entry(trade) for trade in found.trades]
            return trigger_links(trades, stored_orders(self._database, run_id), lambda: self._answers(run_id))

        return self._links.get(found, link)

    def _answers(self, run_id: int) -> Iterator[LoggedAnswer]:
        """Yield the decisions of a run to do something, in order."""
        c = backtest_trigger_logs.c
        names = "trigger_index trigger_type trigger_time decision_output decision_input".split()
        found = select(*(c[name] for name in names)).where(c.backtest_id == run_id, TriggerFilter.DECISIONS.condition())
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(c.id)).mappings().all()
        for row in rows:
            saw = stored_json(row["decision_input"]) if row["trigger_type"] == "signal" else None
            pool = (saw or {}).get("signal_pool_name") or ""
            answer = trigger_answer(row)
            for each in answer.get("decisions") or [answer]:
                yield LoggedAnswer(
                    row["trigger_index"],
                    epoch_ms(row["trigger_time"]) or 0,
                    row["trigger_type"],
                    pool,
                    each["decision"],
                    each.get("order") or {},
                )


def _beside(among: TimeColumn, index: int) -> dict[str, Any]:
    """Return the neighbours of a trigger among some, whether it is one of them or not, and its place there."""
    before, place = int(np.searchsorted(among, index)), int(np.searchsorted(among, index, side="right"))
    return {
        "previous": int(among[before - 1]) if before else None,
        "next": int(among[place]) if place < len(among) else None,
        "place": place,
        "among": len(among),
    }


def _facts(found: StoredResult) -> ResultFacts:
    figures = {**dict.fromkeys(FIGURES), **found.figures}
    trades = [with_entry(trade) for trade in found.trades]
    if not found.curve or figures["start_time"] is None:
        return ResultFacts(trades, figures, _NO_CURVE, _NO_CURVE)
    curve = StoredCurve(found.curve, figures, found.daily_equity)
    return ResultFacts(trades, figures, (curve.timestamp_ms, curve.equity), curve.daily())


def _sortable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders nothing before numbers before texts."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return 2, 0.0, str(value)
