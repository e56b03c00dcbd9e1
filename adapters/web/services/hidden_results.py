"""Results that were deleted on the page: hidden at once, and removed when they were not brought back for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool

from engine import DataError

from ...database import Database
from ...results import HIDDEN_MS, bring_back, hide_results, remove_hidden
from .run_queue import RunQueue

logger = logging.getLogger("perpsim.web")

_LATER_S = HIDDEN_MS / 1_000 + 1


class HiddenResults:
    """Deletes stored results so that it can be undone. Everything is called from the server's event loop only."""

    def __init__(self, database: Database, queue: RunQueue) -> None:
        self._database, self._queue = database, queue
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._remove_later()  # what an earlier server has hidden

    async def hide(self, run_ids: Sequence[int]) -> None:
        """Hide results and forget what is known of their runs; raises as `hide_results` does."""
        await run_in_threadpool(hide_results, self._database, run_ids)
        self._queue.forget(run_ids)
        self._remove_later()

    async def bring_back(self, run_ids: Sequence[int]) -> list[int]:
        """Show results again and return their ids."""
        return await run_in_threadpool(bring_back, self._database, run_ids)

    def close(self) -> None:
        """Remove nothing any more; the next server does."""
        for timer in self._timers:
            timer.cancel()

    def _remove_later(self) -> None:
        self._timers = {timer for timer in self._timers if not timer.cancelled() and timer.when() > _now_s()}
        self._timers.add(asyncio.get_running_loop().call_later(_LATER_S, self._begin))

    def _begin(self) -> None:
        task = asyncio.create_task(self._remove())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _remove(self) -> None:
        try:
            removed = await run_in_threadpool(remove_hidden, self._database)
        except DataError as error:
            logger.warning("deleted results stay in the database for now: %s", error)
        else:
            logger.info("removed deleted results: %s", removed)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
