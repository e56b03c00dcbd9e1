"""Imports and downloads in the database: what was begun, and how it ended."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import func, insert, select, update

from engine import DataError

from ...database import Database, perp_data_jobs
from ...results import Runner

RUNNING, COMPLETED, FAILED, CANCELLED, INTERRUPTED = "running", "completed", "failed", "cancelled", "interrupted"
#: What each status is.
JOB_STATUSES = {
    RUNNING: "under way",
    COMPLETED: "done",
    FAILED: "failed",
    CANCELLED: "cancelled",
    INTERRUPTED: "interrupted: the server ended meanwhile",
}
_LOST = "the server ended meanwhile: what was stored by then is there; start it again for the rest"
_c = perp_data_jobs.c


@dataclass(frozen=True)
class StoredJob:
    """One job as it is stored; `report` are lines that say what was done."""

    job_id: int
    kind: str
    status: str
    title: str
    message: str
    report: list[str]
    created_ms: int
    ended_ms: int | None


class JobStore:
    """The jobs of a database, whichever server has begun them. The table is made with the first job.

    An end that cannot be stored is told from memory, and stored when the database takes it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ends: dict[int, dict[str, Any]] = {}
        self._lock = Lock()

    def begin(self, kind: str, title: str) -> int:
        """Store a job that begins, and return its id."""
        with self._database.writing() as connection:
            self._database.create_tables(connection, [perp_data_jobs])
            cells = {"kind": kind, "status": RUNNING, "title": title, "owner": Runner.this().to_text()}
            key = connection.execute(insert(perp_data_jobs).values(**cells, created_ms=_now_ms())).inserted_primary_key
        assert key is not None
        return int(key[0])

    def end(self, job_id: int, status: str, message: str, report: list[str]) -> None:
        """Store how a job has ended, unless that is known already."""
        cells = {"status": status, "message": message, "report": json.dumps(report), "ended_ms": _now_ms()}
        with self._lock:
            self._ends[job_id] = cells
        self._store_ends()

    def _store_ends(self) -> None:
        with self._lock:
            for job_id, cells in [*self._ends.items()]:
                with self._database.writing() as connection:
                    connection.execute(
                        update(perp_data_jobs).where(_c.id == job_id, _c.status == RUNNING).values(**cells)
                    )
                del self._ends[job_id]

    def listed(self, most: int) -> tuple[list[StoredJob], int]:
        """Return the newest jobs, and how many there are. Those whose server has gone are marked first."""
        with self._database.reading() as connection:
            if not self._database.has_table(connection, perp_data_jobs):
                return [], 0
            running = connection.execute(select(_c.id, _c.owner).where(_c.status == RUNNING)).all()
        for job_id, owner in running:
            runner = Runner.parse(owner)
            if runner is None or runner.is_gone():
                self.end(job_id, INTERRUPTED, _LOST, [])
        with suppress(DataError):  # the next look tries again
            self._store_ends()
        with self._database.reading() as connection:
            rows = connection.execute(select(perp_data_jobs).order_by(_c.id.desc()).limit(most)).mappings().all()
            total = connection.execute(select(func.count()).select_from(perp_data_jobs)).scalar_one()
        with self._lock:
            ends = {**self._ends}
        known = [{**row, **ends.get(row["id"], {})} if row["status"] == RUNNING else row for row in rows]
        return [_job(row) for row in known], total


def _job(row: Any) -> StoredJob:
    report = json.loads(row["report"] or "[]")
    about = row["id"], row["kind"], row["status"], row["title"], row["message"] or ""
    return StoredJob(*about, report, row["created_ms"], row["ended_ms"])


def _now_ms() -> int:
    return int(time.time() * 1000)
