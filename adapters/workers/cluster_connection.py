"""The connection to a scheduler of Dask, or to one of this process with its workers: everything of it is awaited."""

from __future__ import annotations

import asyncio
import inspect
import logging
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import dask
from distributed import Client, Future, LocalCluster, Security
from distributed.comm import connect, parse_address, parse_host_port
from distributed.versions import VersionMismatchWarning

from . import cluster_facts
from .cluster_address import LOCAL, ClusterAddress
from .processor_count import usable_cores
from .shared_folder import SharedFolder
from .worker_interface import WorkersFailed

T = TypeVar("T")

#: A cluster that has not answered by then does not.
ANSWER_S = 8.0
_MOMENT_S = 0.3
_SETTINGS = "the settings distributed.comm.tls of Dask"
_TLS = (
    f"for tls:// Dask needs certificates here too: {_SETTINGS}, or DASK_DISTRIBUTED__COMM__TLS__CA_FILE, "
    "..__CLIENT__CERT and ..__CLIENT__KEY in the environment"
)
#: What listens nowhere needs none, whatever Dask is told.
_NO_TLS = {"tls_ca_file": None, "require_encryption": False}
_LOOPBACK = "127.0.0.1:0"
#: Loggers that write to standard error by themselves once distributed is imported, and that of its event loop.
_LOUD = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application", "asyncio", "bokeh")
#: Run by name and as text: a worker of another Python cannot read our functions, one without perpsim finds none.
_FACTS = "[exec({source!r}, space := {{'__name__': 'facts'}}), space['facts']()][-1]"


@contextmanager
def quiet_loggers() -> Iterator[None]:
    """A context in which distributed logs nothing to standard error: what matters is said in our own words."""
    before = {name: (logger := logging.getLogger(name), [*logger.handlers], logger.propagate) for name in _LOUD}
    try:
        for logger, _, _ in before.values():
            logger.handlers[:], logger.propagate = [logging.NullHandler()], False
        yield
    finally:
        for logger, handlers, propagate in before.values():
            logger.handlers[:], logger.propagate = handlers, propagate


class Connection:
    """A client of a cluster; a context, which leaves a scheduler that it has not started as it was. One of this
    process has `most` workers unless the address says how many."""

    def __init__(self, address: ClusterAddress, most: int | None = None) -> None:
        self._address, self._most = address, most
        self._stack = AsyncExitStack()
        self._client: Any = None

    @property
    def name(self) -> str:
        """What the cluster is called."""
        return self._address.scheduler or LOCAL

    async def __aenter__(self) -> Connection:
        try:
            await asyncio.wait_for(self._connect(), ANSWER_S + 1.0)
        except (asyncio.CancelledError, WorkersFailed):
            raise
        except Exception as error:  # of sockets, of TLS, of what is no scheduler at all
            await self.__aexit__()
            raise WorkersFailed(
                f"cluster: no scheduler answers at {self.name} ({_why_not(error, self.name)}); start one with "
                "`dask scheduler`, which prints its address, or run without a cluster"
            ) from None
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def _connect(self) -> None:
        where: Any = self._address.scheduler
        if where is None:
            where = await self._own_cluster()
        else:
            security = _security(where)
            most = ANSWER_S + _MOMENT_S  # who accepts the connection and says nothing is waited for without an end
            comm = await asyncio.wait_for(connect(where, timeout=ANSWER_S, **security), most)
            await comm.close()  # who answers with the greeting of Dask does not keep a client waiting for ever
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # what matters is compared, and said, by us
            self._client = Client(where, asynchronous=True, timeout=ANSWER_S, set_as_default=False)
            self._stack.push_async_callback(self._client.close)
            await self._client

    async def _own_cluster(self) -> Any:
        """Return a scheduler and workers in this process, which listen nowhere: what they start are our processes."""
        folder = SharedFolder()
        self._stack.callback(folder.close)
        scratch = str(folder.path)
        cluster = LocalCluster(
            n_workers=self._address.workers or self._most or usable_cores(), threads_per_worker=1, processes=False,
            memory_limit=0, local_directory=scratch, asynchronous=True, silence_logs=False,
            scheduler_kwargs={"local_directory": scratch}, dashboard_address=_LOOPBACK,
            worker_dashboard_address=_LOOPBACK, security=Security(**_NO_TLS),
        )  # fmt: skip
        self._stack.push_async_callback(cluster.close)
        await cluster
        for node in (cluster.scheduler, *cluster.workers.values()):
            node.http_server.stop()  # Dask has no setting that leaves it away
        return cluster

    async def workers(self) -> dict[str, int]:
        """Return the threads of each worker by its address. Raises `OSError` when the scheduler is gone."""
        if self._client.status != "running":  # it tries to connect again, to a scheduler that knows nothing of us
            raise OSError("the connection is closed")
        found = await self._client.scheduler.identity(n_workers=-1)
        return {address: int(about["nthreads"]) for address, about in found["workers"].items()}

    async def facts(self, address: str) -> dict[str, str]:
        """Return what `facts` says on a worker, at once, whatever it is doing."""
        text = _FACTS.format(source=inspect.getsource(cluster_facts))
        found: dict[str, str] = (await self._client.run(eval, text, workers=[address]))[address]
        return found

    def started(self, address: str, function: Callable[..., Any], *given: Any) -> Future[Any]:
        """Have a worker, and no other, do something."""
        found: Future[Any] = self._client.submit(
            function, *given, key=f"perpsim-{function.__name__}-{uuid4().hex}", workers=[address],
            allow_other_workers=False, pure=False, retries=0,
        )  # fmt: skip
        return found

    async def done(self, address: str, function: Callable[..., T], *given: Any) -> T:
        """Return what a worker comes to; when nobody waits for that any more, the worker is told so."""
        future = self.started(address, function, *given)
        try:
            found: T = await asyncio.shield(future)  # Dask fetches several at once: who gives up ends it for all
        finally:
            future.release()
        return found


def _security(address: str) -> dict[str, Any]:
    """Return what Dask connects with, certificates among it. Raises `WorkersFailed` where those that it is told to use
    cannot be read, or there must be some and the address has none.
    """
    security = Security()
    files = {name: value for name, value in security.get_tls_config_for_role("client").items() if value}
    named = ", ".join(f"{name} {'as text' if chr(10) in value else value}" for name, value in files.items())
    try:
        found: dict[str, Any] = security.get_connection_args("client")
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or error
        raise WorkersFailed(
            f"cluster: the certificates that {_SETTINGS} name ({named}) cannot be used: {why}"
        ) from None
    if found["require_encryption"] and not address.startswith("tls:"):
        raise WorkersFailed(
            f"cluster: nothing is encrypted at {address}, and the setting distributed.comm.require-encryption of Dask "
            "asks for that: give the tls:// address of a scheduler"
        )
    return found


def _why_not(error: Exception, address: str) -> str:
    """Return why the scheduler at an address could not be reached, in words."""
    if "ssl_context" in f"{error}":
        return _TLS
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:  # of the socket; what Dask raises has none
            hint = (
                ", as one that uses TLS does: its address is tls://.."
                if isinstance(cause, ConnectionResetError)
                else ""
            )
            return f"tried for {ANSWER_S:g} s: {cause.strerror}{hint}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, OSError) and f"{error}":
        return f"tried for {ANSWER_S:g} s: {_refusal(address) or error}"
    return "what is there says nothing that a scheduler would say"


def _refusal(address: str) -> str | None:
    """Return what the socket says where Dask says only that time is up; None where it can be connected."""
    if "://" not in address:
        return None
    try:
        socket.create_connection(parse_host_port(parse_address(address)[1]), 1.0).close()
    except OSError as error:
        return error.strerror
    return None


def most_deaths() -> int:
    """Return how many workers something may kill before it is given up, as this Dask is told."""
    return int(dask.config.get("distributed.scheduler.allowed-failures"))
