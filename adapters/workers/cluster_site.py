"""What a worker of a cluster does for a client: it holds the file of a setup, and has its processes answer arguments.

The functions here are tasks of Dask. A site is the result of one and stays where it was made; when the client lets it
go, or is gone, the scheduler has the worker forget it, and with it go its processes.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import weakref
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple

from distributed import Status, get_worker
from distributed.worker import thread_state

from .cluster_fetching import Fetch, fetched_columns
from .shared_folder import SharedFolder
from .worker_main import READY
from .worker_process import WorkerProcess

_SETUP = "setup"
_LOOK_S = 0.2
_PATIENCE_S = 0.8
_CHUNK_BYTES = 1 << 20
_WORKING = (Status.running, Status.paused, Status.closing_gracefully)


class SetupFile(NamedTuple):
    """The file of the setup `number` on the client's machine: columns and, behind them, what else it holds, in `size`
    bytes of which the first `columns` are columns. The digests say what is in it, whoever has it.
    """

    number: int
    path: str
    size: int
    digest: str
    columns: int
    columns_digest: str


class Heard(NamedTuple):
    """What an argument came to: the answer as the process sent it, or how that died, or that nobody waits for it."""

    answer: bytes | None
    died: str | None = None


class SiteLost(Exception):
    """The site is not here any more: this worker was retired, or has begun anew under the same address."""


class Site:
    """A place where arguments are answered: each by a process that does one at a time, as many as are asked for."""

    def __init__(self, file: SetupFile) -> None:
        self._file = file
        self._folder = SharedFolder(get_worker().local_directory)  # Dask tidies up there after one that was killed
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._processes: list[WorkerProcess] = []
        self.path: Path | None = None
        self.note = ""
        self.end = weakref.finalize(self, _end_all, self._processes, self._folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return _moved, ()  # Dask copies what a worker holds that is retired

    @property
    def missing_from(self) -> int:
        """From which byte on the file has to be sent; its size, when it is all there."""
        if self.path is not None:
            return self._file.size
        return self._copy.stat().st_size if self._copy.exists() else 0

    @property
    def _copy(self) -> Path:
        return self._folder.path / _SETUP

    def look(self, fetch: Fetch | None) -> None:
        """Find the file where the client has it, or at least its columns in a database; `note` says why not."""
        path, file = Path(self._file.path), self._file
        try:
            if path.stat().st_size == file.size and digest_of(path) == file.digest:
                self.path = path
                return
            self.note = f"{path} is another file there"
        except OSError as error:
            self.note = f"{path}: {error.strerror}"
        if fetch is not None:
            problem = fetched_columns(fetch, self._copy)
            if not problem and (self.missing_from, digest_of(self._copy)) != (file.columns, file.columns_digest):
                problem = "it holds other rows than here"
            if problem:
                self._copy.unlink(missing_ok=True)
                self.note += f"; {fetch.database}: {problem}"

    def add(self, piece: bytes) -> None:
        """Take the next piece of the file."""
        with open(self._copy, "ab") as file:
            file.write(piece)
        if self.missing_from == self._file.size:
            if digest_of(self._copy) != self._file.digest:
                raise ValueError("the file of the setup has arrived damaged")
            self.path = self._copy

    def begin(self) -> Exception | None:
        """Make a process ready; return why that cannot be done."""
        process, error = self._started()
        if process is not None:
            self._put_back(process)
        return error

    def answered(self, argument: bytes) -> Heard:
        """Have an argument answered by an idle process, or by a new one."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None:
            process, error = self._started()
            if process is None:
                return Heard(None, f"could not be started: {error}" if error is not None else None)
        process.send_argument(1, argument)
        message = self._heard(process)
        if message is None:
            return Heard(None, self._buried(process))
        process.ticket = None
        self._put_back(process)
        return Heard(message[1:])

    def _started(self) -> tuple[WorkerProcess | None, Exception | None]:
        """Return a process that is ready, or why there is none."""
        if self.path is None:
            raise SiteLost
        process = WorkerProcess(self._folder.path, None)
        with self._lock:
            self._processes.append(process)
        process.send_setup(self._file.number, self.path)
        while message := self._heard(process):
            if message[:1] == READY:
                _, error, _ = pickle.loads(message[1:])
                if error is None:
                    return process, None
                self._buried(process)
                return None, error
        return None, RuntimeError(f"its process was {self._buried(process)}")

    def _heard(self, process: WorkerProcess) -> bytes | None:
        """Return what a process says next, None when it has died or nobody waits for it any more."""
        while not wait(process.waited_for, _LOOK_S):
            if not _is_wanted():
                return None
        return process.hear()

    def _put_back(self, process: WorkerProcess) -> None:
        with self._lock:
            self._idle.append(process)

    def _buried(self, process: WorkerProcess) -> str:
        """End a process and return how it ended."""
        with self._lock:
            if process in self._processes:  # else the site has ended it
                self._processes.remove(process)
        process.stop()
        process.end(_PATIENCE_S)
        return process.exit_text


def _moved() -> None:
    """Return what is left of a site on another worker."""


def _there(site: Site | None) -> Site:
    if site is None:
        raise SiteLost
    return site


def _end_all(processes: list[WorkerProcess], folder: SharedFolder) -> None:
    ending = [processes.pop() for _ in range(len(processes))]
    for process in ending:
        process.stop()
    for process in ending:
        process.end(_PATIENCE_S)
    folder.close()


def _is_wanted() -> bool:
    """Whether the client still waits for the task of this thread."""
    worker = get_worker()
    task = worker.state.tasks.get(thread_state.key)
    return task is not None and task.state == "executing" and worker.status in _WORKING


def digest_of(path: Path, most: int | None = None) -> str:
    """Return the digest of a file, or of its first so many bytes."""
    digest, left = hashlib.blake2b(digest_size=16), path.stat().st_size if most is None else most
    with open(path, "rb") as file:
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def open_site(file: SetupFile, fetch: Fetch | None) -> Site:
    """Return a site, with what of the file can be had without the client."""
    site = Site(file)
    site.look(fetch)
    return site


def what_is_missing(site: Site | None) -> tuple[int, str]:
    """Return from which byte on the file is missing, and why it was not found."""
    found = _there(site)
    return found.missing_from, found.note


def add_piece(site: Site | None, piece: bytes) -> None:
    """Add the next piece of the file."""
    _there(site).add(piece)


def begin(site: Site | None) -> Exception | None:
    """Make a process ready; return why that cannot be done."""
    return _there(site).begin()


def answer(site: Site | None, argument: bytes) -> Heard:
    """Have an argument answered."""
    return _there(site).answered(argument)


def end_site(site: Site | None) -> None:
    """End its processes."""
    _there(site).end()
