"""The run that a certificate is of, stored."""

from __future__ import annotations

from engine import BacktestResult

from ..database import Database
from ..results import ResultStore, StoredRun
from ..trials import Job
from .proof_subject import first_run


def stored_first_run(job: Job, database: Database, label: str | None = None) -> tuple[BacktestResult, StoredRun]:
    """Run a job as `first_run` does, and store what it comes to, with a label: its certificate is stored with that."""
    with ResultStore(database).saving(job.config, label=label) as saved:
        # of the run itself: others, by other rules for ambiguous klines, tell its range
        watch = [saved.watch]
        result = first_run(job, lambda simulation: watch.pop()(simulation) if watch else None)
        saved.complete(result)
    return result, saved
