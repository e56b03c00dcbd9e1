"""Imports and downloads as they are stored."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from adapters import Database
from adapters.results import Runner
from adapters.web.services.job_store import JobStore
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
