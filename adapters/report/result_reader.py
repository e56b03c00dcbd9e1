"""Stored results as the API gives them: pages, filters, compact columns."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from sqlalchemy import select

from engine.result import program_name

from ..database import Database, backtest_results, backtest_trigger_logs, stored_json
from ..output import cleaned
from ..results import (
    FIGURE_COLUMNS,
    Comparison,
    ResultFilter,
    RunStatus,
    StoredResult,
    compare_results,
    epoch_ms,
    is_eventful,
    period_text,
    read_result,
    trigger_funnel,
)
from .prices import NotStored, SeenFaults
from .proved_checks import shown_certificate
from .row_pages import page_of

_MOST_KEPT = 8

#: What the list of results needs: not the curve, which is long.
_HISTORY = [
    backtest_results.c[name]
    for name in (
        *"id status error_message exchange config start_time end_time created_at completed_at".split(),
        *FIGURE_COLUMNS,
    )
]

#: What a run is known by: an id of one that was deleted is given anew.
Key = tuple[int, Any, Any]


class ResultReader:
    """Reads stored results; the last few finished ones are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Key, StoredResult] = OrderedDict()
        self._lock = Lock()

    def history(
        self, offset: int, limit: int, status: str | None, symbol: str | None, text: str | None
    ) -> dict[str, Any]:
        """Return one page of the stored results, newest first, and how many there are."""
        c = backtest_results.c
        wanted = ResultFilter(status=status, symbol=symbol, text=text).condition()
        found = select(*_HISTORY).where(c.backtest_type == "program", wanted).order_by(c.id.desc())
        return page_of(self._database, found, offset, limit, _history_item)

    def result(self, run_id: int) -> StoredResult:
        """Return a stored result; refuses an unknown id."""
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
        c = backtest_results.c
        found = select(c.created_at, c.completed_at).where(c.id == run_id)
        with self._database.reading() as connection:
            there = self._database.has_table(connection, backtest_results)
            row = connection.execute(found).first() if there else None
        if row is None:
            raise NotStored(f"there is no back-test {run_id}")
        return run_id, row.created_at, row.completed_at

    def require(self, run_id: int) -> dict[str, Any]:
        """Return the history item of a result; refuses an unknown id."""
        found = select(*_HISTORY).where(backtest_results.c.id == run_id)
        with self._database.reading() as connection:
            there = self._database.has_table(connection, backtest_results)
            row = connection.execute(found).mappings().first() if there else None
        if row is None:
            raise NotStored(f"there is no back-test {run_id}")
        return _history_item(dict(row))

    def summary(self, run_id: int) -> dict[str, Any]:
        """Return everything of a result but its trades, triggers and curve."""
        item = self.require(run_id)
        found = self.result(run_id)
        return {
            **item,
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

    def compare(self, first: int, second: int) -> Comparison:
        """Return what sets two results apart."""
        return compare_results(self.result(first), self.result(second))

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


def _history_item(row: dict[str, Any]) -> dict[str, Any]:
    config = stored_json(row["config"]) or {}
    start, end = epoch_ms(row["start_time"]), epoch_ms(row["end_time"])
    return {
        "id": row["id"],
        "status": row["status"],
        "error": None if row["status"] == RunStatus.RUNNING else cleaned(row["error_message"] or "") or None,
        "program": program_name(config),
        "exchange": row["exchange"],
        "symbols": config.get("symbols", []),
        "schedule": config.get("scheduled_interval"),
        "pools": config.get("signal_pool_ids", []),
        "start_time": start,
        "end_time": end,
        "period": None if start is None or end is None else period_text(start, end),
        "created_at": epoch_ms(row["created_at"]),
        "completed_at": epoch_ms(row["completed_at"]),
        **{name: row[name] for name in FIGURE_COLUMNS},
    }
