"""Imports and downloads as they are stored."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters import Database, open_database
from adapters.results import Runner
from adapters.web.services.job_store import JobStore
from engine import DataError
from tests.support.databases import Raw


def test_a_job_is_as_it_has_ended_and_only_once(any_database: Database) -> None:
    store = JobStore(any_database)
    assert store.listed(5) == ([], 0)
    ids = [store.begin("import", f"{n}.csv") for n in range(3)]
    store.end(ids[0], "completed", "", ["12 rows"])
    store.end(ids[0], "failed", "too late", [])
    found, total = store.listed(2)
    assert ([each.job_id for each in found], total) == (ids[:0:-1], 3)
    first = store.listed(5)[0][-1]
    assert (first.status, first.report, first.message) == ("completed", ["12 rows"], "")
    assert found[0].status == "running"


def test_a_job_whose_server_has_gone_is_interrupted(any_database: Database, raw: Raw) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    store = JobStore(any_database)
    ids = [store.begin("import", "lost.csv"), store.begin("import", "mine.csv")]
    owner = replace(Runner.this(), pid=gone.pid, started=None).to_text()
    raw.execute("update perp_data_jobs set owner = :owner where id = :id", owner=owner, id=ids[0])
    mine, lost = store.listed(5)[0]
    assert (mine.status, lost.status) == ("running", "interrupted")
    assert "start it again" in lost.message


def test_an_end_that_cannot_be_stored_is_told_and_stored_later(tmp_path: Path) -> None:
    database = open_database(tmp_path / "jobs.db", create=True)
    store = JobStore(database)
    job_id = store.begin("import", "full.csv")
    stopped = "CREATE TRIGGER stop BEFORE UPDATE ON perp_data_jobs BEGIN SELECT RAISE(ABORT, 'full'); END"
    with database.writing() as connection:
        connection.execute(text(stopped))
    with pytest.raises(DataError, match="full"):
        store.end(job_id, "completed", "", ["12 rows"])
    (told,), _ = store.listed(5)
    assert (told.status, told.report) == ("completed", ["12 rows"])
    assert told.ended_ms is not None
    other = JobStore(database)
    assert other.listed(5)[0][0].status == "running"
    with database.writing() as connection:
        connection.execute(text("DROP TRIGGER stop"))
    assert store.listed(5) == ([told], 1)
    assert other.listed(5) == ([told], 1)
