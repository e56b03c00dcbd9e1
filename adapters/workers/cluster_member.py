"""One worker of a cluster as the client sees it: it is sent what it lacks, and then asked, on all of its threads."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Future, KilledWorker
from distributed.client import FutureCancelledError

from .cluster_connection import Connection
from .cluster_fetching import Fetch
from .cluster_site import Heard, SetupFile, SiteLost, add_piece, answer, begin, end_site, open_site, what_is_missing
from .worker_interface import WorkersFailed

logger = logging.getLogger("perpsim.workers")

#: A file is sent in pieces of so many bytes, the next when the one before has arrived.
_PIECE_BYTES = 4 << 20
_PATIENCE_S = 1.2
_QUICK_S = 1.0


@dataclass(eq=False, slots=True)
class Order:
    """An argument under its ticket, and how many workers have died of it."""

    ticket: int
    content: bytes
    deaths: int = 0


@dataclass(frozen=True)
class Desk:
    """Where members take orders and tell what came of them: `settled` an order, `failed` everything, `lost` a member
    by its address.
    """

    waiting: asyncio.Queue[Order]
    settled: Callable[[Order, Heard], None]
    failed: Callable[[WorkersFailed], None]
    lost: Callable[[str], None]


class Member:
    """Serves orders on one worker, `slots` at the same time, from the moment when it is made until `leave`.

    Where all its threads are slots, each has a second order waiting there while orders are quick, because an order is
    on its way for 20 ms; slow ones wait here for whoever is free first.
    """

    def __init__(
        self,
        connection: Connection,
        address: str,
        slots: int,
        threads: int,
        desk: Desk,
        file: SetupFile,
        fetch: Fetch | None,
    ) -> None:
        self._connection, self.address, self.slots, self._desk = connection, address, slots, desk
        self._ahead = slots if slots == threads else 0
        self._is_quick = asyncio.Event()
        self._file, self._fetch = file, fetch
        self._site: Future[Any] | None = None
        self._under_way: list[Order] = []
        self._task = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        try:
            if self._site is None:
                self._site = await self._opened()
            at_once, ahead = [None] * self.slots, [self._is_quick] * self._ahead
            await asyncio.gather(*(self._slot(self._site, when) for when in (*at_once, *ahead)))
        except (SiteLost, KilledWorker, FutureCancelledError):
            self._desk.lost(self.address)
        except WorkersFailed as error:
            self._desk.failed(error)
        except Exception as error:  # what Dask makes of what goes wrong there
            self._desk.failed(WorkersFailed(f"cluster: worker {self.address} failed: {type(error).__name__}: {error}"))

    async def _opened(self) -> Future[Any]:
        """Return a site that is ready."""
        site = self._connection.started(self.address, open_site, self._file, self._fetch)
        place, why = await self._connection.done(self.address, what_is_missing, site)
        if place < self._file.size:
            await self._send(site, place, why)
        problem = await self._connection.done(self.address, begin, site)
        if problem is not None:
            raise _not_ready(self.address, problem)
        return site

    async def _send(self, site: Future[Any], place: int, why: str) -> None:
        size = self._file.size - place
        level = logging.WARNING if size > _PIECE_BYTES else logging.INFO
        text = "sending %.1f MB to the worker %s, which cannot read them where they are (%s)"
        logger.log(level, text, size / 1e6, self.address, why)
        with open(Path(self._file.path), "rb") as file:
            file.seek(place)
            while piece := file.read(_PIECE_BYTES):
                await self._connection.done(self.address, add_piece, site, piece)

    async def _slot(self, site: Future[Any], when: asyncio.Event | None) -> None:
        while True:
            if when is not None:
                await when.wait()
            order, began = await self._desk.waiting.get(), time.monotonic()
            self._under_way.append(order)
            heard = await self._connection.done(self.address, answer, site, order.content)
            self._under_way.remove(order)
            (self._is_quick.set if time.monotonic() - began < _QUICK_S else self._is_quick.clear)()
            self._desk.settled(order, heard)

    async def pause(self) -> None:
        """Stop what is under way."""
        self._task.cancel()
        await asyncio.wait([self._task])
        self._under_way.clear()

    def give_up(self) -> tuple[list[Order], list[Order]]:
        """Wait for nothing more, the worker is gone; return which orders it was at, and which were waiting there."""
        if self._task is not asyncio.current_task():
            self._task.cancel()
        return self._under_way[: self.slots], self._under_way[self.slots :]

    def resume(self) -> None:
        """Go on with what waits."""
        self._task = asyncio.create_task(self._serve())

    async def leave(self) -> None:
        """Stop, and have the worker end what it has started for this client."""
        await self.pause()
        if self._site is not None:
            site, self._site = self._site, None
            try:
                await asyncio.wait_for(self._connection.done(self.address, end_site, site), _PATIENCE_S)
            except (OSError, TimeoutError, KilledWorker, FutureCancelledError, SiteLost) as error:
                logger.info("%s could not be told that it is over: %r", self.address, error)  # it sees that by itself
            site.release()


def _not_ready(address: str, problem: Exception) -> WorkersFailed:
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        return WorkersFailed(
            f"cluster: worker {address} has no module {problem.name}, in which something stands that is run: install "
            "it there, or send it with Client.upload_file of dask, or define it in your script or notebook, or have it "
            f"sent along: cloudpickle.register_pickle_by_value({problem.name})"
        )
    if isinstance(problem, WorkersFailed):
        return problem
    return WorkersFailed(f"cluster: worker {address} could not be made ready: {type(problem).__name__}: {problem}")
