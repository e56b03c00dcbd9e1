"""Stored results as the API gives them: pages, filters, compact columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import select

from engine.result import program_name, sample_extremes

from ..database import Database, backtest_results, backtest_trigger_logs, stored_json
from ..results import (
    FIGURE_COLUMNS,
    Comparison,
    ResultFilter,
    RunStatus,
    StoredResult,
    TriggerFilter,
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
from .trades import NO_SYMBOL, Marks, bracket_lines, decisions_of, marks_of, with_entry

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
Key = tuple[int, int | None, int | None]


class ResultReader:
    """Reads stored results; the trades and marks of the last few finished ones are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[Key, StoredResult] = OrderedDict()
        self._marks: OrderedDict[tuple[Key, bool], Marks] = OrderedDict()
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

    def compare(self, first: int, second: int) -> Comparison:
        """Return what sets two results apart."""
        return compare_results(self.result(first), self.result(second))

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


def _history_item(row: dict[str, Any]) -> dict[str, Any]:
    config = stored_json(row["config"]) or {}
    start, end = epoch_ms(row["start_time"]), epoch_ms(row["end_time"])
    return {
        "id": row["id"],
        "status": row["status"],
        "error": None if row["status"] == RunStatus.RUNNING else row["error_message"],
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
