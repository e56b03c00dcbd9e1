"""Calls that are made on a cluster of Dask."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from .cluster_address import parse_address
from .cluster_connection import Connection, quiet_loggers
from .cluster_crew import Crew
from .cluster_fetching import fetch_of
from .cluster_member import Order
from .cluster_site import SetupFile, digest_of
from .mapped_files import columns_bytes
from .sent_objects import NotSendable, packed
from .shared_folder import SharedFolder
from .worker_interface import Done, Setup

T = TypeVar("T")

#: A task takes 2 ms of its scheduler: with messages of 10 ms for each of the workers it is at most a fifth busy.
_SHORTEST_MESSAGE_MS, _MESSAGE_MS_A_WORKER = 100.0, 10.0
_PATIENCE_S = 1.7


class _Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="perpsim cluster", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin something there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def call(self, function: Any, *given: Any) -> None:
        """Call something there; does not wait."""
        self._loop.call_soon_threadsafe(function, *given)

    def close(self) -> None:
        """Stop what still goes on there."""
        with suppress(TimeoutError):
            self.start(_all_stopped()).result(_PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)


async def _all_stopped() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class ClusterWorkers:
    """Answers arguments on the workers of a cluster, on all their threads, or on `most` at the same time: each in a
    process that the worker starts for it. `address` is that of a scheduler (``tcp://HOST:PORT``, ``tls://HOST:PORT``)
    or ``local``, ``local:2`` for workers on this machine.

    Raises `ConfigurationError` for an address that is none, and `WorkersFailed`, within ten seconds, for a scheduler
    that does not answer or has no workers, and for workers that do not run the same perpsim. Use it as a context: at
    its end what the workers have started for it ends; they, and a scheduler, go on.
    """

    def __init__(self, address: str, most: int | None = None) -> None:
        self._connection = Connection(parse_address(address), most)
        self._told: SimpleQueue[tuple[int | None, bytes | None, Exception | None]] = SimpleQueue()
        self._crew = Crew(self._connection, most, lambda *told: self._told.put(told))
        self._setup: Setup | None = None
        self._path: Path | None = None
        self._setups = self._tickets = 0
        self._open: set[int] = set()
        with ExitStack() as stack:
            stack.enter_context(quiet_loggers())
            self._folder = SharedFolder()
            stack.callback(self._folder.close)
            self._loop = _Loop()
            stack.callback(self._loop.close)
            self._loop.start(self._connection.__aenter__()).result()
            stack.callback(self._leave)
            self._loop.start(self._crew.gather()).result()
            self._stack = stack.pop_all()

    def _leave(self) -> None:
        self._finish(self._crew.leave())
        self._finish(self._connection.__aexit__())

    def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done, unless that takes too long: with a scheduler that is gone it never ends."""
        doing = self._loop.start(work)
        try:
            doing.result(_PATIENCE_S)
        except (OSError, TimeoutError, CancelledError):  # the last where Dask has given up a part of it
            doing.cancel()

    @property
    def size(self) -> int:
        """How many arguments are answered at the same time; it changes as workers come and go."""
        return self._crew.size

    @property
    def message_ms(self) -> float:
        """How long the answer of an argument should at least take, in ms, so that the scheduler keeps up."""
        return max(_SHORTEST_MESSAGE_MS, _MESSAGE_MS_A_WORKER * self.size)

    def setup(self, setup: Setup) -> None:
        """Say what answers the arguments from now on; nothing is done when that is the same as before.

        A worker maps the file of it where it finds the same file under its path, else fetches the columns from their
        database where that holds the same, else is sent them. Raises `NotSendable` for what cannot be sent.
        """
        if self._setup is not None and self._setup == setup:
            return
        sent = packed(setup, "the strategy, or another part of what is run,", aside=True, far=True)
        self._setups += 1
        path, columns = self._folder.write(f"setup-{self._setups}", sent), columns_bytes(sent)
        sizes_and_digests = path.stat().st_size, digest_of(path), columns, digest_of(path, columns)
        file = SetupFile(self._setups, str(path.resolve()), *sizes_and_digests)
        self._loop.start(self._crew.dismiss()).result()
        while not self._told.empty():
            self._told.get()  # what was said of the setup before
        self._loop.start(self._crew.begin(file, fetch_of(setup))).result()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._setup, self._path = setup, path

    def submit(self, argument: Any) -> int:
        """Have an argument answered and return its ticket; one that cannot be sent is answered by the reason."""
        self._tickets += 1
        self._open.add(self._tickets)
        try:
            content = packed(argument, "a parameter or another part of what varies", far=True).stream
        except NotSendable as error:
            self._told.put((self._tickets, None, error))
        else:
            self._loop.call(self._crew.put, Order(self._tickets, content))
        return self._tickets

    def as_completed(self) -> Iterator[Done]:
        """Yield what was submitted as it is answered, also what is submitted meanwhile; end when nothing is left.

        Raises `WorkersFailed` when the scheduler is gone, or a worker cannot be made ready.
        """
        while self._open:
            if self._crew.gone is not None:
                raise self._crew.gone
            ticket, answer, error = self._told.get()
            if ticket is None and error is not None:
                self._setup = None  # it is sent again, should somebody go on
                raise error
            if ticket in self._open:
                self._open.discard(ticket)
                value, error = (None, error) if answer is None else pickle.loads(answer)
                yield Done(ticket, value, error)

    def cancel(self) -> None:
        """Forget what is submitted and not yet answered, and end the processes in which it is under way."""
        if self._open:
            self._open.clear()
            self._finish(self._crew.forget())

    def __enter__(self) -> ClusterWorkers:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.clear()
        self._stack.close()
