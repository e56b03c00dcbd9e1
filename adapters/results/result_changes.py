"""Changes of stored results: what they are called, that they are hidden, and that they are no more."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, not_, select, true, update

from engine import DataError

from ..database import TABLES_OF_RESULTS, Database, backtest_desk, backtest_labels, backtest_results, stored_json
from ..input import is_line
from .needed_tables import add_tables
from .platform_rows import is_of_platform
from .result_store import RunStatus
from .run_owner import Runner

LONGEST_LABEL = 100
#: For so long a result that was hidden can be brought back.
HIDDEN_MS = 600_000


class NotDeletable(DataError):
    """A result that cannot be deleted: `run_id` names it, `why` says what stands against it."""

    def __init__(self, run_id: int, why: str, runner: Runner | None = None) -> None:
        super().__init__(run_id, why, runner)
        self.run_id, self.why, self.runner = run_id, why, runner

    def __str__(self) -> str:
        if self.runner is None:
            return f"result {self.run_id} is {self.why}"
        where = f"by process {self.runner.pid} on {self.runner.host}"
        return f"result {self.run_id} is still being run {where}; end that first, then delete it"


class NoSuchResult(DataError):
    """A database, by its name, has no results of some ids."""

    def __init__(self, database: str, run_ids: Sequence[int]) -> None:
        super().__init__(database, run_ids)
        self.database, self.run_ids = database, run_ids

    def __str__(self) -> str:
        ids = ", ".join(map(str, self.run_ids))
        return f"{self.database} has no result {ids}; perpsim results list tells which there are"


def checked_label(text: str) -> str:
    """Return a label as it is stored: without blanks around it. `ValueError` for one that is no line of text."""
    label = text.strip()
    if not is_line(label, LONGEST_LABEL):
        raise ValueError(f"a label is one line of 1 to {LONGEST_LABEL} characters that can be printed")
    return label


def rename_result(database: Database, run_id: int, label: str | None) -> None:
    """Give a stored result a label, or none; `DataError` for an unknown id."""
    with database.reading() as connection:
        _require(database, connection, [run_id])
    add_tables(database, [backtest_labels])
    with database.writing() as connection:
        _require(database, connection, [run_id])
        write_label(connection, run_id, label)


def write_label(connection: Connection, run_id: int, label: str | None) -> None:
    """Give a stored result a label, or none; the table of labels must be there."""
    connection.execute(delete(backtest_labels).where(backtest_labels.c.backtest_id == run_id))
    if label is not None:
        connection.execute(insert(backtest_labels).values(backtest_id=run_id, label=label))


def kept_results(database: Database, connection: Connection) -> ColumnElement[bool]:
    """Return the condition that rows of backtest_results are of results that nobody has hidden."""
    if not database.has_table(connection, backtest_desk):
        return true()
    hidden = select(backtest_desk.c.backtest_id).where(backtest_desk.c.deleted_ms.is_not(None))
    return not_(backtest_results.c.id.in_(hidden))


def hide_results(database: Database, run_ids: Sequence[int]) -> None:
    """Hide stored results as if they were deleted, all of them in one transaction: `HIDDEN_MS` later they can be.

    Raises `NoSuchResult` and `NotDeletable` as `delete_results` does.
    """
    _require_deletable(database, run_ids)
    add_tables(database, [backtest_desk])
    c = backtest_desk.c
    with database.writing() as connection:
        rows = _require(database, connection, run_ids)
        for row in rows:
            _refuse_to_delete(row)
        known = {*connection.execute(select(c.backtest_id).where(c.backtest_id.in_(run_ids))).scalars()}
        new = [{"backtest_id": row["id"]} for row in rows if row["id"] not in known]
        if new:
            connection.execute(insert(backtest_desk), new)
        at = update(backtest_desk).where(c.backtest_id.in_(run_ids), c.deleted_ms.is_(None))
        connection.execute(at.values(deleted_ms=_now_ms()))


def bring_back(database: Database, run_ids: Sequence[int]) -> list[int]:
    """Show results again that were hidden; return their ids: those that are removed already are not among them."""
    c = backtest_desk.c
    with database.reading() as connection:
        if not database.has_table(connection, backtest_desk):
            return []
    with database.writing() as connection:
        hidden = c.backtest_id.in_(run_ids), c.deleted_ms.is_not(None)
        found = [*connection.execute(select(c.backtest_id).where(*hidden).order_by(c.backtest_id)).scalars()]
        connection.execute(update(backtest_desk).where(*hidden).values(deleted_ms=None))
    return found


def remove_hidden(database: Database, hidden_ms: int = HIDDEN_MS) -> list[int]:
    """Remove the rows of results that have been hidden for so long, in ms, and return their ids."""
    c = backtest_desk.c
    wanted = select(c.backtest_id).where(c.deleted_ms <= _now_ms() - hidden_ms).order_by(c.backtest_id)
    with database.reading() as connection:
        if not database.has_table(connection, backtest_desk) or connection.execute(wanted).first() is None:
            return []
    with database.writing() as connection:
        found = [*connection.execute(wanted).scalars()]  # anew: one may have been brought back meanwhile
        _remove(database, connection, found)
    return found


def delete_results(database: Database, run_ids: Sequence[int]) -> None:
    """Delete stored results, all that is stored of them, in one transaction.

    Raises `NoSuchResult` for unknown ids and `NotDeletable` for a run that is still running and one of the platform;
    none is deleted then.
    """
    _require_deletable(database, run_ids)
    with database.writing() as connection:
        for row in _require(database, connection, run_ids):
            _refuse_to_delete(row)
        _remove(database, connection, run_ids)


def _require_deletable(database: Database, run_ids: Sequence[int]) -> None:
    with database.reading() as connection:
        for row in _require(database, connection, run_ids):
            _refuse_to_delete(row)


def _remove(database: Database, connection: Connection, run_ids: Sequence[int]) -> None:
    for table in TABLES_OF_RESULTS:
        if run_ids and database.has_table(connection, table):
            key = table.c.id if table is backtest_results else table.c.backtest_id
            connection.execute(delete(table).where(key.in_(run_ids)))


def _require(database: Database, connection: Connection, run_ids: Sequence[int]) -> list[Mapping[Any, Any]]:
    """Return the rows of results. Raises `NoSuchResult` for those that are not there."""
    database.require_table(connection, backtest_results)
    c = backtest_results.c
    found = select(c.id, c.status, c.error_message, c.config).where(c.id.in_(run_ids)).order_by(c.id)
    rows = connection.execute(found).mappings().all()
    missing = sorted({*run_ids}.difference(row["id"] for row in rows))
    if missing:
        raise NoSuchResult(database.name, missing)
    return [*rows]


def _refuse_to_delete(row: Mapping[Any, Any]) -> None:
    if is_of_platform(stored_json(row["config"]) or {}):
        raise NotDeletable(row["id"], "the platform's own: delete it there")
    runner = Runner.parse(row["error_message"]) if row["status"] == RunStatus.RUNNING else None
    if runner is not None and not runner.is_gone():
        raise NotDeletable(row["id"], "still under way: cancel it first", runner)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
