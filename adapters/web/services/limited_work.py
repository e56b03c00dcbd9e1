"""Short work on what strangers give, each in a process of its own with limits, whose answer a request waits for."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from engine import ConfigurationError, DataError

from ..runs import WorkerProcess
from ..safety import Refused, ServerSettings

#: So many are done at a time, and at most so many wait.
_MOST_RUNNING, _MOST_WAITING = 2, 6


class Work(NamedTuple):
    """What is to be done: by the module of a worker, in how many seconds at most, and what is said where it takes
    longer.
    """

    worker: str
    most_s: float
    too_long: str


LOOK = Work("import_worker", 180.0, "looking at this file takes longer than 180 s: split it")
PREVIEW = Work("preview_worker", 60.0, "this takes longer than 60 s: choose a shorter range or fewer conditions")


class LimitedWork:
    """Lets workers do it, in the order in which it came. Everything is called from the server's event loop only."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(_MOST_RUNNING)
        self._waiting = 0
        self._workers: set[WorkerProcess] = set()

    async def done(self, work: Work, job: dict[str, Any]) -> dict[str, Any]:
        """Return what a worker says at its end; refuses what it says is wrong, what takes too long, and who comes when
        too many wait already. `DataError` and `ConfigurationError` are raised as the worker has raised them.
        """
        if self._waiting >= _MOST_WAITING:
            raise Refused(429, f"{_MOST_WAITING} such requests are waiting already; try again later")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            kind, data = await self._last_event(work, {**job, "database": self._settings.database_url})
        finally:
            self._places.release()
        if kind == "done":
            return data
        if data.get("kind") == ConfigurationError.__name__:
            raise ConfigurationError(data["problems"])
        if data.get("kind") == DataError.__name__:
            raise DataError(data["message"])
        raise Refused(422, str(data["message"]))

    async def _last_event(self, work: Work, job: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        worker = await WorkerProcess.start(job, work.worker)
        self._workers.add(worker)
        try:
            return await asyncio.wait_for(_last(worker), work.most_s)
        except TimeoutError:
            raise Refused(422, work.too_long) from None
        finally:
            worker.kill()
            self._workers.discard(worker)

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.kill()


async def _last(worker: WorkerProcess) -> tuple[str, dict[str, Any]]:
    last = "error", {"message": "it could not be done within the limits of memory and time"}
    async for kind, data in worker.events():
        last = kind, data
    return last
