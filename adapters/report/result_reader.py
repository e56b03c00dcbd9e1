"""Stored results as the API gives them: pages, filters, compact columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select

from engine.result import sample_extremes

from ..database import Database, backtest_results, backtest_trigger_logs, stored_json
from ..desk import ITEM_COLUMNS, result_item
from ..results import (
    RunStatus,
    StoredResult,
    TriggerFilter,
    epoch_ms,
    is_eventful,
    kept_results,
    read_result,
    trigger_funnel,
)
from .prices import NotStored, SeenFaults
from .proved_checks import shown_certificate
from .trades import NO_SYMBOL, Marks, bracket_lines, decisions_of, marks_of, trigger_item, whole_trigger, with_entry

_MOST_KEPT = 8

_LOG_COLUMNS = (
    "trigger_index trigger_type trigger_time symbol decision_action decision_symbol decision_side decision_size "
    "decision_reason entry_price exit_price pnl fee equity_before equity_after execution_error decision_output "
    "execution_logs"
).split()
#: What a run is known by: an id of one that was deleted is given anew.
Key = tuple[int, int | None, int | None]


class ResultReader:
    """Reads stored results; the trades and marks of the last few finished ones are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Key, StoredResult] = OrderedDict()
        self._marks: OrderedDict[tuple[Key, bool], Marks] = OrderedDict()
        self._lock = Lock()

    def result(self, run_id: int) -> StoredResult:
        """Return a stored result; refuses an unknown id."""
        key = self._key(run_id)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = read_result(self._database, run_id)
        self._keep(found, self._kept, key, found)
        return found

    def _key(self, run_id: int) -> Key:
        item = self.require(run_id)
        return run_id, item["created_at"], item["completed_at"]

    def _keep(self, run: StoredResult, kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        """Keep what was made of a run that is over, for the next request; the oldest of it is let go."""
        if run.status != RunStatus.RUNNING:
            with self._lock:
                kept[key] = value
                while len(kept) > _MOST_KEPT:
                    kept.popitem(last=False)

    def require(self, run_id: int) -> dict[str, Any]:
        """Return what the row of a result tells; refuses an unknown id, and one that was deleted."""
        found = select(*ITEM_COLUMNS).where(backtest_results.c.id == run_id)
        with self._database.reading() as connection:
            there = self._database.has_table(connection, backtest_results)
            kept = kept_results(self._database, connection)
            row = connection.execute(found.where(kept)).mappings().first() if there else None
        if row is None:
            raise NotStored(f"there is no back-test {run_id}")
        return result_item(row)

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return everything of a result but its trades, triggers and curve."""
        item = self.require(run_id)
        found = self.result(run_id)
        return {
            **item,
            "config": found.config,
            "figures": found.figures,
            "faults": self.faults(run_id).described(found.figures.get("warnings") or ()),
            "funnel": trigger_funnel(found.figures) if found.figures else [],
            "certificate": shown_certificate(found.certificate),
            "triggers_saved": found.triggers_saved,
            "triggers_unsaved": max((item["total_triggers"] or 0) - found.triggers_saved, 0),
        }

    def faults(self, run_id: int) -> SeenFaults:
        """Return the faults of a result, as they were in its run."""
        found = self.result(run_id)
        figures = found.figures or {}
        return SeenFaults.of(found.config, figures.get("start_time"), figures.get("end_time"))

    def trades(
        self, run_id: int, offset: int, limit: int, sort: str, descending: bool, wanted: dict[str, str]
    ) -> dict[str, Any]:
        """Return one page of the trades, sorted by a field; `wanted` are values that fields must have."""
        trades = [with_entry(trade) for trade in self.result(run_id).trades]
        places = [
            place
            for place, trade in enumerate(trades)
            if all(str(trade.get(name)) == value for name, value in wanted.items())
        ]
        if sort != "index":
            places.sort(key=lambda place: _sortable(trades[place].get(sort)), reverse=descending)
        elif descending:
            places.reverse()
        items = [{"index": place, **trades[place]} for place in places[offset : offset + limit]]
        return {"total": len(places), "offset": offset, "items": items}

    def equity(self, run_id: int, points: int) -> dict[str, Any]:
        """Return the stored equity curve as columns: at most `points`, with the first, the last and all extremes."""
        curve = self.result(run_id).curve
        names = ("timestamp", "equity", "balance", "drawdown")
        if not curve:
            return {name: [] for name in names}
        keep = sample_extremes(np.array([point["equity"] for point in curve], np.float64), points).tolist()
        return {name: [curve[place][name] for place in keep] for name in names}

    def records(self, run_id: int) -> dict[str, Any]:
        """Return the program's own series by name, each as columns, thinned to its extremes."""
        return self.result(run_id).records

    def triggers(
        self,
        run_id: int,
        offset: int,
        limit: int,
        only: TriggerFilter | None,
        symbol: str | None,
        all_triggers: bool = False,
    ) -> dict[str, Any]:
        """Return one page of the trigger log, without the quiet ones but with `all_triggers`; `only` names the kind of
        triggers that are wanted.
        """
        self.require(run_id)
        c = backtest_trigger_logs.c
        found = select(*(c[name] for name in _LOG_COLUMNS)).where(c.backtest_id == run_id).order_by(c.id)
        if only is not None:
            found = found.where(only.condition())
        elif not all_triggers:
            found = found.where(is_eventful())
        if symbol is not None:
            found = found.where(c.symbol.in_((symbol, NO_SYMBOL)))
        return self._page(found, offset, limit, trigger_item)

    def _page(
        self, wanted: Select[Any], offset: int, limit: int, item: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        count = wanted.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
        with self._database.reading() as connection:
            if not all(
                self._database.has_table(connection, table) for table in (backtest_results, backtest_trigger_logs)
            ):
                return {"total": 0, "offset": offset, "items": []}
            total = connection.execute(count).scalar_one()
            rows = connection.execute(wanted.limit(limit).offset(offset)).mappings().all()
        return {"total": total, "offset": offset, "items": [item(dict(row)) for row in rows]}

    def trigger(self, run_id: int, index: int) -> dict[str, Any]:
        """Return one trigger with what the program saw, asked, decided and logged."""
        item = self.require(run_id)
        c = backtest_trigger_logs.c
        with self._database.reading() as connection:
            found = select(backtest_trigger_logs).where(c.backtest_id == run_id, c.trigger_index == index)
            row = connection.execute(found).mappings().first()
        if row is None:
            why = " stored: nothing came of it" if index < (item["total_triggers"] or 0) else ""
            raise NotStored(f"back-test {run_id} has no trigger {index}{why}")
        return whole_trigger(dict(row))

    def first_triggers(self, run_id: int, most: int) -> list[dict[str, Any]]:
        """Return the rows of at most `most` triggers of a run in order: of all that are stored where they are no more,
        else of the first of those of which something came.
        """
        c = backtest_trigger_logs.c
        found = select(backtest_trigger_logs).where(c.backtest_id == run_id)
        if self.result(run_id).triggers_saved > most:
            found = found.where(is_eventful())
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(found.order_by(c.id).limit(most)).mappings()]

    def brackets(self, run_id: int) -> dict[str, list[Any]]:
        """Return the lines of all trades for a price chart, as `bracket_lines` has them."""
        c = backtest_trigger_logs.c
        acting = c.backtest_id == run_id, TriggerFilter.DECISIONS.condition()
        found = select(c.trigger_time, c.decision_output).where(*acting).order_by(c.id)
        trades = [with_entry(trade) for trade in self.result(run_id).trades]
        with self._database.reading() as connection:
            rows = connection.execute(found).all() if trades else ()
        decided = ((epoch_ms(at) or 0, each) for at, output in rows for each in decisions_of(stored_json(output)))
        return bracket_lines(trades, decided)

    def markers(
        self, run_id: int, symbol: str | None, start: int, end: int, most: int, with_triggers: bool
    ) -> dict[str, Any]:
        """Return marks for a price chart as columns, those of trades first; `total` counts what is in the range."""
        marks = self._all_marks(run_id, with_triggers)
        times = marks["time"]
        keep = (times >= start) & (times <= end)
        if symbol is not None:
            keep &= (marks["symbol"] == symbol) | (marks["symbol"] == NO_SYMBOL)
        places = np.flatnonzero(keep)[:most]
        columns = {name: column[places].tolist() for name, column in marks.items()}
        return {"total": int(np.count_nonzero(keep)), "columns": columns}

    def _all_marks(self, run_id: int, with_triggers: bool) -> Marks:
        key = self._key(run_id), with_triggers
        with self._lock:
            if key in self._marks:
                return self._marks[key]
        found = self.result(run_id)
        marks = marks_of(found.trades, self._trigger_times(run_id) if with_triggers else (), found.figures or {})
        self._keep(found, self._marks, key, marks)
        return marks

    def _trigger_times(self, run_id: int) -> Sequence[Any]:
        c = backtest_trigger_logs.c
        found = select(c.trigger_time, c.symbol, c.trigger_index, c.decision_action).where(c.backtest_id == run_id)
        with self._database.reading() as connection:
            return connection.execute(found.order_by(c.id)).all()


def _sortable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders nothing before numbers before texts."""
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, (int, float)):
        return 1, float(value), ""
    return 2, 0.0, str(value)
