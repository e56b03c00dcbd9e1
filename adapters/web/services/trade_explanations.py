"""Explanations of trades of stored back-tests: each is run again for the first one who asks, by a worker process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from ..safety import Refused
from .run_queue import RunQueue

#: So many explanations are kept, a few kB each.
_MOST_KEPT = 500

#: A run, when it was begun (an id is given anew), and a trade of it.
_Asked = tuple[int, int | None, int]


class TradeExplanations:
    """Answers what led to a trade. Who asks for the same at the same time waits for the same run.

    Everything is called from the server's event loop only.
    """

    def __init__(self, queue: RunQueue) -> None:
        self._queue = queue
        self._kept: OrderedDict[_Asked, dict[str, Any]] = OrderedDict()
        self._under_way: dict[_Asked, asyncio.Task[dict[str, Any]]] = {}

    async def get(self, run_id: int, begun: int | None, trade: int) -> dict[str, Any]:
        """Return what led to a trade of a run that was begun then, by its number from 1 on; refuses where it cannot be
        explained.
        """
        asked = run_id, begun, trade
        if asked in self._kept:
            self._kept.move_to_end(asked)
            return self._kept[asked]
        if asked not in self._under_way:
            task = self._under_way[asked] = asyncio.create_task(self._ask(asked))
            task.add_done_callback(lambda _: self._under_way.pop(asked))
        return await asyncio.shield(self._under_way[asked])

    async def _ask(self, asked: _Asked) -> dict[str, Any]:
        run_id, _, trade = asked
        kind, data = await self._queue.explain(run_id, trade)
        if kind != "explained":
            raise Refused(409, data["message"])
        self._kept[asked] = data
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return data
