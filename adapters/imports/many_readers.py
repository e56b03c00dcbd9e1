"""Files read by several processes at once, and given in order: the same as one after the other.

Processes and not threads: most of the work is done by Python and pandas while they hold the interpreter.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

from engine import DataError

Read = TypeVar("Read")

#: Less than this is read before a process would have started.
_WORTH_BYTES = 48 << 20
#: How far ahead of the file that is due the others may be: what they hold waits in memory.
_AHEAD = 2


def readers_for(paths: Sequence[str]) -> int:
    """Return how many processes are to read some files: one for each processor, where there is work for them."""
    sizes = [_size(path) for path in paths]
    if sum(sizes) < _WORTH_BYTES or len(paths) < 2:
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(paths))


def read_each(read: Callable[[str], Read], paths: Sequence[str], readers: int) -> Iterator[Read]:
    """Yield what is read of each file, in order; the first error in this order is raised. With several `readers` each
    is a process, ended with the iteration; `read` and what it returns must be picklable.
    """
    if readers < 2:
        yield from map(read, paths)
        return
    crew = _Crew()
    try:
        crew.start(read, readers)
        yield from crew.read(paths)
    finally:
        crew.end()


class _Crew:
    """Processes that read files."""

    def __init__(self) -> None:
        self._processes: list[Any] = []
        self._idle: list[Connection] = []
        self._busy: dict[Connection, int] = {}

    def start(self, read: Callable[[str], Any], count: int) -> None:
        """Start so many of them."""
        context = multiprocessing.get_context("spawn")
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, read), daemon=True)
            with _deaf_children():
                process.start()
                self._processes.append(process)
            theirs.close()
            self._idle.append(ours)

    def read(self, paths: Sequence[str]) -> Iterator[Any]:
        """Yield what is read of each file, in order."""
        given = 0
        done: dict[int, tuple[Any, Exception | None]] = {}
        for due in range(len(paths)):
            while due not in done:
                while self._idle and given < min(len(paths), due + _AHEAD * len(self._processes)):
                    worker = self._idle.pop()
                    worker.send(paths[given])
                    self._busy[worker] = given
                    given += 1
                ready = wait(list(self._busy))
                for worker in [each for each in self._busy if each in ready]:
                    place = self._busy.pop(worker)
                    self._idle.append(worker)
                    done[place] = self._answer(worker, paths[place])
            found, error = done.pop(due)
            if error is not None:
                raise error
            yield found

    def _answer(self, worker: Connection, path: str) -> tuple[Any, Exception | None]:
        try:
            answer: tuple[Any, Exception | None] = worker.recv()
        except (EOFError, OSError) as error:
            problem = "the process that read it was ended; is there memory enough for it?"
            raise DataError(f"{path}: {problem}") from error
        return answer

    def end(self) -> None:
        """End the processes, whatever they do."""
        for worker in (*self._idle, *self._busy):
            worker.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


@contextmanager
def _deaf_children() -> Iterator[None]:
    """A context whose child processes do not hear Ctrl-C: who started them ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, read: Callable[[str], Any]) -> None:
    """Read the files that are named, until nobody asks any more."""
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            path = connection.recv()
            try:
                answer: tuple[Any, Exception | None] = (read(path), None)
            except Exception as error:
                answer = (None, _portable(error))
            connection.send(answer)


def _portable(error: Exception) -> Exception:
    """Return an error as another process can have it: one that cannot be pickled by what it says."""
    error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _size(path: str) -> int:
    with suppress(OSError, ValueError):
        return Path(path).stat().st_size
    return 0
