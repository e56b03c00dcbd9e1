"""Imports and downloads of one server: worker processes, how far they have come, and how they ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool

from ...database import Database
from ..runs import WorkerProcess
from ..safety import Refused, ServerSettings
from .job_store import CANCELLED, COMPLETED, FAILED, JobStore

logger = logging.getLogger("perpsim.web")

#: At most so many jobs are under way or wait, and so many of them run.
_MOST_JOBS, _MOST_RUNNING = 20, 2
#: A cancelled job may take so long to stop.
_STOP_S = 5.0


class DataJob:
    """One job that is not over; `progress` is what, done and total of its present step."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id
        self.progress: dict[str, Any] = {"what": "waiting for its turn", "done": 0, "total": None}
        self.worker: WorkerProcess | None = None
        self.is_cancelled = False
        self.task: asyncio.Task[None] | None = None


class JobEnding(NamedTuple):
    """How a job has ended, and the paths of those of its files of which nothing was stored (None: of none was)."""

    status: str
    message: str = ""
    report: Sequence[str] = ()
    left: Sequence[str] | None = None


#: What is done behind the end of a job.
_After = Callable[[JobEnding], Awaitable[None]]


class DataJobs:
    """Starts jobs in the order in which they came. Everything is called from the server's event loop only."""

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self.store = JobStore(database)
        self._settings = settings
        self._jobs: dict[int, DataJob] = {}
        self._starting = 0
        self._places = asyncio.Semaphore(_MOST_RUNNING)

    def get(self, job_id: int) -> DataJob | None:
        """Return a job that is not over, None for all others."""
        return self._jobs.get(job_id)

    async def start(self, kind: str, title: str, worker: str, job: dict[str, Any], after: _After | None) -> int:
        """Store a job and put it in the queue; return its id. `after` is told at its end how that was."""
        if len(self._jobs) + self._starting >= _MOST_JOBS:
            raise Refused(429, f"{_MOST_JOBS} imports and downloads are waiting already; try again later")
        self._starting += 1
        try:
            job_id = await run_in_threadpool(self.store.begin, kind, title)
            found = self._jobs[job_id] = DataJob(job_id)
        finally:
            self._starting -= 1
        found.task = asyncio.create_task(self._see_through(found, worker, job, after))
        return job_id

    async def cancel(self, job: DataJob) -> None:
        """Cancel a job; what it has stored by whole pages stays."""
        job.is_cancelled = True
        if job.worker is not None:
            job.worker.interrupt()
        if job.task is not None and not (await asyncio.wait([job.task], timeout=_STOP_S))[0] and job.worker:
            job.worker.kill()

    async def close(self) -> None:
        """End everything; the next server says that what was under way is interrupted."""
        for job in [*self._jobs.values()]:
            if job.worker is not None:
                job.worker.kill()
            if job.task is not None:
                job.task.cancel()

    def _with_database(self, job: dict[str, Any]) -> dict[str, Any]:
        return {**job, "database": self._settings.database_url, "url": self._settings.venue_url}

    async def _see_through(self, job: DataJob, worker: str, entry: dict[str, Any], after: _After | None) -> None:
        ending = JobEnding(FAILED, "the server could not do it; its log says why")
        try:
            async with self._places:
                ending = await self._work(job, worker, entry)
        except Exception:
            logger.exception("job %d", job.job_id)
        try:
            await run_in_threadpool(self.store.end, job.job_id, ending.status, ending.message, [*ending.report])
        except Exception:
            logger.exception("job %d has ended, which cannot be stored yet", job.job_id)
        try:
            if after is not None:
                await after(ending)
        except Exception:
            logger.exception("job %d", job.job_id)
        finally:
            del self._jobs[job.job_id]

    async def _work(self, job: DataJob, worker: str, entry: dict[str, Any]) -> JobEnding:
        if job.is_cancelled:
            return JobEnding(CANCELLED, CANCELLED)
        process = job.worker = await WorkerProcess.start(self._with_database(entry), worker)
        if job.is_cancelled:
            process.interrupt()
        async for kind, data in process.events():
            if kind == "progress":
                job.progress = data
            elif kind == "done":
                message = str(data.get("message", ""))
                return JobEnding(FAILED if message else COMPLETED, message, data["report"], data.get("left", ()))
            else:
                return JobEnding(CANCELLED if data["cancelled"] else FAILED, str(data["message"]))
        if job.is_cancelled:
            return JobEnding(CANCELLED, CANCELLED)
        return JobEnding(FAILED, f"it went beyond the limits of memory or time: {process.exit_text}")
