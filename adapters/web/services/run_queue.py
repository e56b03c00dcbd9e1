"""What one server runs: what waits, what runs, and the events of what is over."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from itertools import chain, count, repeat
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from engine import BacktestConfig, DataError

from ...database import Database
from ...output import without_secrets
from ...results import CANCELLED, SERVER_GONE, ResultStore, StoredRun
from ..runs import BACKTESTS, RunEvents, WorkerProcess
from ..safety import Refused, ServerSettings

logger = logging.getLogger("perpsim.web")

#: How long a cancelled worker may take to stop computing, and then to store what there is.
_STOP_S = 0.8
_STORE_S = 20.0

#: The events of so many runs that are over are kept; the database has what matters of the others.
_MOST_OVER = 50

#: How long is waited before a database that could not be told of an end is told again.
_PAUSES_S = (0.5, 1.0, 2.0, 5.0)


class QueuedRun:
    """What has its turn in the queue: its events, and the task that sees it through. `key` tells it from all others;
    `worker_module` is what its process does with `job`, and `of` what it is: a
    back-test or a study.
    """

    worker_module = "run_worker"
    of = BACKTESTS

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self.events = RunEvents(run_id, self.of)
        self.worker: WorkerProcess | None = None
        self.begun_s = time.monotonic()  # when it was put in the queue, and then when it got its place
        self.has_place = False
        self.is_cancelled = False
        self.why_cancelled = CANCELLED
        self.stopped = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others of this server."""
        return self.of, self.run_id

    @property
    def job(self) -> dict[str, Any]:
        """What its process is told, beside its id and where the database is; plain values."""
        return {}

    def note_end(self, database: Database, message: str, cancelled: bool) -> None:
        """Store that it has ended without saying so itself."""

    def settle(self, database: Database, message: str) -> None:
        """See to it that it is not stored as running, now that it has ended with an error. Raises `DataError`."""

    @property
    def progress(self) -> dict[str, Any] | None:
        """How far it has come as plain values, None when it is over."""
        latest = self.events.latest
        if latest is None:
            return {"stage": "queued"}
        stage = "calculating" if latest.kind == "calculating" else "running"
        return None if self.events.is_over else {"stage": stage, **latest.data}

    @property
    def failure(self) -> str | None:
        """Why it ended, where it has failed."""
        latest = self.events.latest
        return latest.data["message"] if latest is not None and latest.kind == "error" else None

    @property
    def times(self) -> dict[str, int | None]:
        """For how long it has been waiting or running, and about how long it still will run, None where nobody knows:
        in ms.
        """
        elapsed = 1_000.0 * (time.monotonic() - self.begun_s)
        latest = self.events.latest
        percent = 0.0 if latest is None else latest.data.get("percent") or 0.0
        left = elapsed * (100.0 - percent) / percent if percent > 0.0 else None
        return {"elapsed_ms": round(elapsed), "left_ms": None if left is None else round(left)}


class Run(QueuedRun):
    """One back-test of this server."""

    def __init__(self, run_id: int, config: BacktestConfig, all_triggers: bool) -> None:
        super().__init__(run_id)
        self.config, self.all_triggers = config, all_triggers

    @property
    def job(self) -> dict[str, Any]:
        """Its configuration, and what of its log is stored."""
        return {"config": self.config.to_dict(), "all_triggers": self.all_triggers}

    def note_end(self, database: Database, message: str, cancelled: bool) -> None:
        """Give its row the status "error" with a message."""
        StoredRun(database, self.run_id).note_failure(message)

    def settle(self, database: Database, message: str) -> None:
        """Give its row that status if it has none yet."""
        StoredRun(database, self.run_id).fail_if_running(message)


AnyRun = TypeVar("AnyRun", bound=QueuedRun)


class RunQueue:
    """Starts runs in the order in which they came, at most so many at a time.

    Everything is called from the server's event loop only.
    """

    def __init__(self, database: Database, settings: ServerSettings) -> None:
        self._database, self._settings = database, settings
        self._places = asyncio.Semaphore(settings.most_runs)
        self._runs: OrderedDict[tuple[str, int], QueuedRun] = OrderedDict()
        self._starting = 0
        self._explaining = 0
        self._explainers: set[WorkerProcess] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._is_closing = False

    def get(self, run_id: int) -> Run | None:
        """Return a run of this server, or None for one that is only in the database."""
        found = self.find(BACKTESTS, run_id)
        return found if isinstance(found, Run) else None

    def find(self, of: str, run_id: int) -> QueuedRun | None:
        """Return a back-test or a study of this server, by its id; None where it is not known here."""
        return self._runs.get((of, run_id))

    @property
    def under_way(self) -> list[QueuedRun]:
        """The runs that are not over."""
        return [run for run in self._runs.values() if not run.events.is_over]

    @property
    def standings(self) -> dict[int, dict[str, Any]]:
        """How far the back-tests that are not over have come, by their ids, with their times and their places in the
        queue: 1 is the next, None where it runs.
        """
        found: dict[int, dict[str, Any]] = {}
        places = count(1)
        for run in self.under_way:
            place = None if run.has_place else next(places)
            if isinstance(run, Run):
                found[run.run_id] = {**(run.progress or {}), **run.times, "place": place}
        return found

    def forget(self, run_ids: Collection[int]) -> None:
        """Forget back-tests that are over: their ids may be given to others."""
        for run_id in run_ids:
            run = self.get(run_id)
            if run is not None and run.events.is_over:
                del self._runs[run.key]

    @property
    def explaining(self) -> int:
        """How many workers explain trades at this moment."""
        return len(self._explainers)

    async def start(self, config: BacktestConfig, all_triggers: bool = False) -> Run:
        """Store a run, put it in the queue, and return it; quiet triggers are stored with `all_triggers`. Refuses when
        too many wait already.
        """
        return await self.take(lambda: Run(ResultStore(self._database).begin(config).run_id, config, all_triggers))

    async def take(self, begun: Callable[[], AnyRun]) -> AnyRun:
        """Put into the queue what `begun` gives, which stores that it waits and is called in a thread. Refuses when too
        many wait already.
        """
        self._refuse_full()
        self._starting += 1  # its place is taken before anything is waited for
        try:
            run = await run_in_threadpool(begun)
        finally:
            self._starting -= 1
        self._runs[run.key] = run
        self._forget_old()
        run.task = asyncio.create_task(self._see_through(run))
        return run

    def _refuse_full(self) -> None:
        taken = len(self.under_way) + self._starting + self._explaining
        if taken >= self._settings.most_waiting + self._settings.most_runs:
            raise Refused(429, f"{self._settings.most_waiting} back-tests are waiting already; try again later")

    async def explain(self, run_id: int, trade: int) -> tuple[str, dict[str, Any]]:
        """Run a stored back-test again, in its turn among the others, and return what its worker says of a trade: the
        kind of its event, "explained" or "error", and what that holds.
        """
        self._refuse_full()
        self._explaining += 1
        try:
            async with self._places:
                return await self._explained(run_id, trade)
        finally:
            self._explaining -= 1

    async def _explained(self, run_id: int, trade: int) -> tuple[str, dict[str, Any]]:
        if self._is_closing:
            return "error", {"message": "the server is going down"}
        job = {"id": run_id, "trade": trade, "database": self._settings.database_url}
        worker = await WorkerProcess.start(job, "explain_worker")
        self._explainers.add(worker)
        try:
            said = [event async for event in worker.events()]
        finally:
            self._explainers.discard(worker)
        return said[-1] if said else ("error", {"message": f"it cannot be explained: {worker.exit_text}"})

    async def cancel(self, run: QueuedRun, for_ever: bool = False) -> None:
        """Cancel a run, `for_ever`: because the server goes down; it has stopped computing when this returns."""
        run.is_cancelled = True
        run.why_cancelled = SERVER_GONE if for_ever else CANCELLED
        worker = run.worker
        if worker is None:
            await self._end(run, run.why_cancelled, cancelled=True)
            return
        worker.interrupt(for_ever)
        if not await _within(run.stopped, _STOP_S):
            worker.kill()
            await _within(run.stopped, _STOP_S)

    async def close(self, is_answering: bool) -> None:
        """Cancel everything; the server is going down. Runs of which a database that is not `is_answering` cannot be
        told are killed, and count as lost later on.
        """
        self._is_closing = True
        for task in self._settling:
            task.cancel()
        for worker in self._explainers:
            worker.kill()
        runs = self.under_way
        if runs and is_answering:
            ends = [asyncio.create_task(self.cancel(run, for_ever=True)) for run in runs]
            ends += [run.task for run in runs if run.task is not None]
            await asyncio.wait(ends, timeout=_STORE_S)
        for run in runs:
            if run.worker is not None and not run.events.is_over:
                run.worker.kill()

    async def _see_through(self, run: QueuedRun) -> None:
        try:
            async with self._places:
                if not run.is_cancelled:
                    run.has_place, run.begun_s = True, time.monotonic()
                    await self._work(run)
        except Exception as error:
            logger.exception("run %d", run.run_id)
            await self._end(run, f"the server could not run it: {type(error).__name__}")
        finally:
            run.stopped.set()

    async def _work(self, run: QueuedRun) -> None:
        job = {"id": run.run_id, "database": self._settings.database_url, **run.job}
        worker = run.worker = await WorkerProcess.start(job, run.worker_module)
        if run.is_cancelled:
            worker.interrupt()
        async for kind, data in worker.events():
            if kind == "stopping":
                run.stopped.set()
                asyncio.get_running_loop().call_later(_STORE_S, worker.kill)
            else:
                run.events.add(kind, **data)
        if run.events.is_over:
            self._settle(run)
        else:
            why = run.why_cancelled if run.is_cancelled else worker.exit_text
            await self._end(run, why, cancelled=run.is_cancelled)

    async def _end(self, run: QueuedRun, message: str, cancelled: bool = False) -> None:
        """Store and tell that a run has ended without saying so itself."""
        await run_in_threadpool(run.note_end, self._database, message, cancelled)
        run.events.add("error", message=message, cancelled=cancelled)
        run.stopped.set()
        self._settle(run)

    def _settle(self, run: QueuedRun) -> None:
        """See to it that a run which is over is not stored as running: a database that was away or full comes back."""
        if run.events.latest is not None and run.events.latest.kind == "error":
            task = asyncio.create_task(self._settled(run, run.events.latest.data["message"]))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)

    async def _settled(self, run: QueuedRun, message: str) -> None:
        for pause_s in chain(_PAUSES_S, repeat(_PAUSES_S[-1])):
            try:
                await run_in_threadpool(run.settle, self._database, message)
                return
            except DataError as error:
                logger.info("run %d cannot be told yet: %s", run.run_id, without_secrets(str(error)))
                await asyncio.sleep(pause_s)

    def _forget_old(self) -> None:
        over = [key for key, run in self._runs.items() if run.events.is_over]
        for key in over[: max(len(over) - _MOST_OVER, 0)]:
            del self._runs[key]


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
