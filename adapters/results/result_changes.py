"""Changes of stored results: what they are called, and that they are no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from engine import DataError

from ..database import (
    RESULT_TABLES,
    Database,
    backtest_journals,
    backtest_labels,
    backtest_results,
    perp_trial_results,
    stored_json,
)
from .needed_tables import add_tables
from .platform_rows import is_of_platform
from .result_store import RunStatus
from .run_owner import Runner

LONGEST_LABEL = 100


def checked_label(text: str) -> str:
    """Return a label as it is stored: without blanks around it. `ValueError` for one that is no line of text."""
    label = text.strip()
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise ValueError(f"a label is one line of 1 to {LONGEST_LABEL} characters that can be printed")
    return label


def rename_result(database: Database, run_id: int, label: str | None) -> None:
    """Give a stored result a label, or none; `DataError` for an unknown id."""
    with database.reading() as connection:
        _require(database, connection, [run_id])
    add_tables(database, [backtest_labels])
    with database.writing() as connection:
        _require(database, connection, [run_id])
        connection.execute(delete(backtest_labels).where(backtest_labels.c.backtest_id == run_id))
        if label is not None:
            connection.execute(insert(backtest_labels).values(backtest_id=run_id, label=label))


def delete_results(database: Database, run_ids: Sequence[int]) -> None:
    """Delete stored results, all that is stored of them, in one transaction.

    Raises `DataError`, and deletes none, for an unknown id, a run that is still running and one of the platform.
    """
    with database.writing() as connection:
        for row in _require(database, connection, run_ids):
            _refuse_to_delete(database, row)
        for table in (backtest_journals, perp_trial_results, *reversed(RESULT_TABLES)):
            if database.has_table(connection, table):
                key = table.c.id if table is backtest_results else table.c.backtest_id
                connection.execute(delete(table).where(key.in_(run_ids)))


def _require(database: Database, connection: Connection, run_ids: Sequence[int]) -> list[Mapping[Any, Any]]:
    """Return the rows of results. Raises `DataError` for those that are not there."""
    database.require_table(connection, backtest_results)
    c = backtest_results.c
    found = select(c.id, c.status, c.error_message, c.config).where(c.id.in_(run_ids)).order_by(c.id)
    rows = connection.execute(found).mappings().all()
    missing = sorted({*run_ids}.difference(row["id"] for row in rows))
    if missing:
        raise DataError(
            f"{database.name} has no result {', '.join(map(str, missing))}; perpsim results list tells which there are"
        )
    return [*rows]


def _refuse_to_delete(database: Database, row: Mapping[Any, Any]) -> None:
    run_id = row["id"]
    if is_of_platform(stored_json(row["config"]) or {}):
        raise DataError(f"{database.name}: result {run_id} is the platform's own: delete it there")
    runner = Runner.parse(row["error_message"]) if row["status"] == RunStatus.RUNNING else None
    if runner is not None and not runner.is_gone():
        raise DataError(
            f"{database.name}: result {run_id} is still being run by process {runner.pid} on {runner.host}; "
            "end that first, then delete it"
        )
