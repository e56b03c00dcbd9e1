"""All workers of a cluster that serve one client: who comes, who goes, who cannot be used."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from .cluster_connection import ANSWER_S, Connection, most_deaths
from .cluster_facts import facts
from .cluster_fetching import Fetch
from .cluster_member import Desk, Member, Order
from .cluster_site import Heard, SetupFile
from .process_workers import why_died
from .worker_interface import WorkerDied, WorkersFailed

logger = logging.getLogger("perpsim.workers")

#: How often the scheduler is asked who is there, and how long work may wait for a worker when there is none.
_LOOK_S, _ALONE_S = 0.5, 60.0
_MOST_NAMED = 5

#: Told a ticket and its answer, as the process sent it, or why there is none; or, without a ticket, that all is over.
Tell = Callable[[int | None, bytes | None, Exception | None], None]


class Crew:
    """Has orders served by the workers of a cluster, at most `most` at the same time (None: by all their threads)."""

    def __init__(self, connection: Connection, most: int | None, tell: Tell) -> None:
        self._connection, self._most, self._tell = connection, most, tell
        self._waiting: asyncio.Queue[Order] = asyncio.Queue()
        self._desk = Desk(self._waiting, self._settled, self._failed, self._lost)
        self._threads: dict[str, int] = {}
        self._members: dict[str, Member] = {}
        self._refused: set[str] = set()
        self._setup: tuple[SetupFile, Fetch | None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._seen_at = time.monotonic()
        #: Why nothing can be served any more.
        self.gone: WorkersFailed | None = None

    @property
    def size(self) -> int:
        """How many orders are served at the same time."""
        there = sum(self._threads.values())
        return max(1, there if self._most is None else min(there, self._most))

    async def gather(self) -> None:
        """Wait for the first workers. Raises `WorkersFailed` where none come, or some cannot be used."""
        name, until = self._connection.name, time.monotonic() + ANSWER_S
        while not (found := await self._connection.workers()):
            if time.monotonic() > until:
                raise WorkersFailed(
                    f"cluster: the scheduler at {name} answers and has no workers (waited for {ANSWER_S:g} s); start "
                    f"one with `dask worker {name}`"
                )
            await asyncio.sleep(_LOOK_S / 2)
        problems = [each for each in await asyncio.gather(*map(self._problem, found)) if each]
        if problems:
            more = len(problems) - _MOST_NAMED
            raise WorkersFailed("\n".join(problems[:_MOST_NAMED] + [f"and {more} workers more"] * (more > 0)))
        self._threads = found
        self._watch = asyncio.create_task(self._watched())

    async def _problem(self, address: str) -> str | None:
        """Return why a worker cannot be used."""
        try:
            there = await asyncio.wait_for(self._connection.facts(address), ANSWER_S)
        except TimeoutError:
            return f"cluster: worker {address} does not answer (waited for {ANSWER_S:g} s)"
        except Exception as error:  # whatever the other end makes of the question
            return f"cluster: worker {address} cannot be asked what it is: {type(error).__name__}: {error}"
        problem = difference(facts(), there)
        return None if problem is None else f"cluster: worker {address} {problem}"

    async def begin(self, file: SetupFile, fetch: Fetch | None) -> None:
        """Have orders served as a setup says, when `dismiss` has ended the one before."""
        self._setup = file, fetch
        self._employ()

    def _employ(self) -> None:
        """Make members of all that are there, as far as there is room."""
        if self._setup is None:
            return
        room = self.size - sum(member.slots for member in self._members.values())
        for address, threads in self._threads.items():
            slots = min(threads, room)
            if slots > 0 and address not in self._members:
                room -= slots
                member = Member(self._connection, address, slots, threads, self._desk, *self._setup)
                self._members[address] = member

    async def dismiss(self) -> None:
        """Have all workers end what they have started."""
        members = [self._members.pop(address) for address in [*self._members]]
        self._setup = None
        await asyncio.gather(*(member.leave() for member in members))

    def put(self, order: Order) -> None:
        """Have an order served."""
        self._waiting.put_nowait(order)

    async def forget(self) -> None:
        """Forget what waits and stop what is under way."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        await asyncio.gather(*(member.pause() for member in self._members.values()))
        for member in self._members.values():
            member.resume()

    async def leave(self) -> None:
        """Stop everything, and have the workers end what they have started."""
        if self._watch is not None:
            self._watch.cancel()
        await self.dismiss()

    def _settled(self, order: Order, heard: Heard) -> None:
        if heard.answer is not None:
            self._tell(order.ticket, heard.answer, None)
        else:
            self._died(order, heard.died or "stopped by its worker")

    def _died(self, order: Order, how: str) -> None:
        """Have an order served by another worker, unless several have died of it."""
        order.deaths += 1
        if order.deaths <= most_deaths():
            self._waiting.put_nowait(order)
        else:
            self._tell(order.ticket, None, WorkerDied(why_died(order.deaths, how)))

    def _failed(self, error: WorkersFailed) -> None:
        self._tell(None, None, error)

    def _lost(self, address: str) -> None:
        """Have others do what was under way on a worker that is gone; it is looked for again."""
        self._threads.pop(address, None)
        member = self._members.pop(address, None)
        if member is not None:
            at_work, waiting = member.give_up()
            for order in waiting:
                self._waiting.put_nowait(order)
            for order in at_work:
                self._died(order, f"lost with the worker {address}")

    async def _watched(self) -> None:
        """See who comes and goes until the scheduler is gone."""
        try:
            while True:
                await asyncio.sleep(_LOOK_S)
                await self._look(await asyncio.wait_for(self._connection.workers(), ANSWER_S))
        except (OSError, TimeoutError):
            name = self._connection.name
            self.gone = WorkersFailed(f"cluster: the scheduler at {name} is gone; what was done until then is kept")
            self._failed(self.gone)

    async def _look(self, found: dict[str, int]) -> None:
        for address in self._threads.keys() - found.keys():
            self._lost(address)
        self._refused &= found.keys()
        for address in found.keys() - self._threads.keys() - self._refused:
            problem = await self._problem(address)
            if problem is None:
                self._threads[address] = found[address]
            else:
                self._refused.add(address)
                logger.warning("%s; it is not used", problem)
        self._employ()
        if self._threads or self._waiting.empty():
            self._seen_at = time.monotonic()
        elif time.monotonic() > self._seen_at + _ALONE_S:
            self._seen_at, name = time.monotonic(), self._connection.name
            self._failed(WorkersFailed(f"cluster: the scheduler at {name} has had no workers for {_ALONE_S:g} s"))


def difference(here: dict[str, str], there: dict[str, str]) -> str | None:
    """Return in what a worker differs from this process so that it cannot be used, None where it can."""
    if not there["code"]:
        return f"has no perpsim; here is {here['perpsim'] or 'a clone of it'}: install the same there, beside dask"
    for what, name in (("python", "Python"), ("numpy", "numpy")):
        if _minor(here[what]) != _minor(there[what]):
            return (
                f"runs {name} {there[what] or 'of no version'}, here is {here[what]}: both must be of one minor version"
            )
    if (here["perpsim"], here["code"]) != (there["perpsim"], there["code"]):
        return f"runs perpsim {_named(there)}, here is {_named(here)}: install the same on both"
    return None


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _named(found: dict[str, str]) -> str:
    return f"{found['perpsim'] or '(not installed)'} (code {found['code']})"
