"""Stored results as the API gives them: pages, filters, compact columns."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from ..database import Database, backtest_results, backtest_trigger_logs
from ..desk import ITEM_COLUMNS, range_of_item, result_item
from ..results import RunStatus, StoredResult, came_to_text, is_eventful, kept_results, read_result, trigger_funnel
from .prices import NotStored, SeenFaults
from .proved_checks import shown_certificate

_MOST_KEPT = 8

#: What a run is known by: an id of one that was deleted is given anew.
Key = tuple[int, Any, Any]


class ResultReader:
    """Reads stored results; the last few finished ones are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Key, StoredResult] = OrderedDict()
        self._lock = Lock()

    def result(self, run_id: int) -> StoredResult:
        """Return a stored result; refuses an unknown id, and one that was deleted."""
        key = self._key(run_id)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = read_result(self._database, run_id)
        if found.status != RunStatus.RUNNING:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return found

    def _key(self, run_id: int) -> Key:
        row = self._row(run_id, backtest_results.c.created_at, backtest_results.c.completed_at)
        return run_id, row["created_at"], row["completed_at"]

    def require(self, run_id: int) -> dict[str, Any]:
        """Return what the row of a result tells; refuses an unknown id, and one that was deleted."""
        return result_item(self._row(run_id, *ITEM_COLUMNS))

    def _row(self, run_id: int, *columns: ColumnElement[Any]) -> RowMapping:
        found = select(*columns).where(backtest_results.c.id == run_id)
        with self._database.reading() as connection:
            there = self._database.has_table(connection, backtest_results)
            kept = kept_results(self._database, connection)
            row = connection.execute(found.where(kept)).mappings().first() if there else None
        if row is None:
            raise NotStored(f"there is no back-test {run_id}")
        return row

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return everything of a result but its trades, triggers and curve."""
        item = self.require(run_id)
        found = self.result(run_id)
        return {
            **item,
            **range_of_item(
                found.figures.get("start_time", item["start_time"]), found.figures.get("end_time", item["end_time"])
            ),
            "came_to": came_to_text(found.config, found.figures),
            "config": found.config,
            "figures": found.figures,
            "faults": _faults_of(found).described(found.figures.get("warnings") or ()),
            "funnel": trigger_funnel(found.figures) if found.figures else [],
            "certificate": shown_certificate(found.certificate),
            "triggers_saved": found.triggers_saved,
            "triggers_unsaved": max((item["total_triggers"] or 0) - found.triggers_saved, 0),
        }

    def faults(self, run_id: int) -> SeenFaults:
        """Return the faults of a result, as they were in its run."""
        return _faults_of(self.result(run_id))

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


def _faults_of(found: StoredResult) -> SeenFaults:
    figures = found.figures or {}
    return SeenFaults.of(found.config, figures.get("start_time"), figures.get("end_time"))
