"""Following runs until they are over: those of this server event by event, others by what is stored of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from engine import DataError

from ...report import NotStored, ResultReader
from ...results import FIGURE_COLUMNS, RunStatus
from ..runs import BACKTESTS, RunEvent, RunEvents
from ..safety import Refused
from .lost_runs import LostRuns
from .run_queue import RunQueue
from .study_reader import StudyReader

#: A comment is sent when nothing has happened for so long, so that both ends know that the other is there.
_QUIET_S = 10.0
#: How often it is looked whether a run that is not of this server is over.
_LOOK_S = 1.0

Written = Callable[[RunEvent], bytes]


class FollowedRuns:
    """Streams the events of runs. A run that this server does not know ends with what is stored of it, whatever number
    of an event a client has had before: that was another server's. One that another process runs is waited for.
    """

    def __init__(self, queue: RunQueue, results: ResultReader, studies: StudyReader, lost: LostRuns) -> None:
        self._queue, self._results, self._studies, self._lost = queue, results, studies, lost

    async def require(self, run_id: int, of: str = BACKTESTS) -> None:
        """Refuse an unknown id."""
        if self._queue.find(of, run_id) is None:
            await run_in_threadpool(self._results.require if of == BACKTESTS else self._studies.head, run_id)

    async def stream(self, run_id: int, after: int = 0, of: str = BACKTESTS) -> AsyncIterator[bytes]:
        """Yield every event of a back-test or a study after a number, until the last."""
        run = self._queue.find(of, run_id)
        found = RunEvents(run_id, of) if run is None else run.events
        async for part in self._follow([found], RunEvent.to_bytes, after if run is not None else 0):
            yield part

    async def shared(self, keys: Sequence[tuple[str, int]]) -> AsyncIterator[bytes]:
        """Yield all events of several back-tests and studies, each from its beginning, until they are all over."""
        runs = [(of, run_id, self._queue.find(of, run_id)) for of, run_id in keys]
        found = [RunEvents(run_id, of) if run is None else run.events for of, run_id, run in runs]
        async for part in self._follow(found, RunEvent.to_shared_bytes, 0):
            yield part

    async def _follow(self, found: Sequence[RunEvents], written: Written, after: int) -> AsyncIterator[bytes]:
        more = asyncio.Event()
        told = dict.fromkeys(found, after)
        quiet_s = 0.0
        with ExitStack() as stack:
            for each in found:
                stack.enter_context(each.heard(more))
            while True:
                more.clear()
                await self._look_at([each for each in found if not each.is_over])
                for each in found:
                    for event in each.after(told[each]):
                        told[each], quiet_s = event.number, 0.0
                        yield written(event)
                if all(each.is_over for each in found):
                    return
                try:
                    await asyncio.wait_for(more.wait(), _LOOK_S)
                except TimeoutError:
                    quiet_s += _LOOK_S
                if quiet_s >= _QUIET_S:
                    quiet_s = 0.0
                    yield b": still there\n\n"

    async def _look_at(self, waited: Sequence[RunEvents]) -> None:
        """Look which of some runs that are not this server's are over. A database that is away is asked again."""
        for each in waited:
            if self._queue.find(each.of, each.run_id) is None:
                ended_of = self._ended if each.of == BACKTESTS else self._study_ended
                with suppress(DataError):
                    ended = await run_in_threadpool(ended_of, each.run_id)
                    if ended is not None:
                        each.add(ended[0], **ended[1])

    def _ended(self, run_id: int) -> tuple[str, dict[str, Any]] | None:
        """Return kind and data of the last event of a stored run, None for one that is not over."""
        try:
            item = self._results.require(run_id)
            if item["status"] == RunStatus.RUNNING and self._lost.look():
                item = self._results.require(run_id)
        except NotStored as error:
            return "error", {"message": str(error), "cancelled": False}
        if item["status"] == RunStatus.RUNNING:
            return None
        if item["status"] == RunStatus.COMPLETED:
            return "complete", {name: item[name] for name in FIGURE_COLUMNS}
        return "error", {"message": item["error"] or "it failed", "cancelled": item["error"] == "cancelled"}

    def _study_ended(self, study_id: int) -> tuple[str, dict[str, Any]] | None:
        """Return the same of a stored study."""
        try:
            _, item = self._studies.head(study_id)
        except Refused as error:
            return "error", {"message": str(error), "cancelled": False}
        if item["status"] == "running":
            return None
        told = {"done": item["done"], "failed": item["failed"], "best": None}
        if item["status"] == "completed":
            return "complete", told
        return "error", {
            "message": item["error"] or item["status"],
            "cancelled": item["status"] == "interrupted",
            **told,
        }
