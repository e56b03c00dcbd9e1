"""Calls that are made in processes of this machine."""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple

from engine import PerpsimError

from .main_script import is_loading_main, script_of_main
from .processor_count import usable_cores
from .sent_objects import NotSendable, packed
from .shared_folder import SharedFolder
from .worker_interface import Done, Setup, WorkerDied, WorkersFailed
from .worker_main import ANSWER, HERE, READY
from .worker_process import WorkerProcess
from .worker_version import own_version

#: An argument is submitted so often again after its worker has died.
_MOST_AGAIN = 3
#: So many workers may die, one after another, before they are ready.
_MOST_STILLBORN = 3
#: What takes so long takes much longer than the message that asks for it.
_MESSAGE_MS = 50.0
#: Who does not end by itself is killed after so long.
_PATIENCE_S = 0.8


@dataclass(slots=True)
class _Argument:
    content: bytes
    deaths: int = 0


class _SentSetup(NamedTuple):
    """A setup as the workers are told of it: a file, of which each of them maps what is big."""

    number: int
    path: Path
    setup: Setup


class ProcessWorkers:
    """Answers arguments in `size` processes of this machine: one for each processor starts at once, while the caller
    goes on, the others when there is something for them to do.

    What a setup holds of big arrays is written to one file once, and every process maps it. `environment` stands in
    place of variables of their own environment. Raises `WorkersFailed` where no processes can be started. Use it as a
    context: at its end the processes end.
    """

    def __init__(self, size: int, environment: Mapping[str, str] | None = None) -> None:
        if is_loading_main():
            raise WorkersFailed(
                "the script starts worker processes while a worker imports it: write "
                'if __name__ == "__main__": before what it does and indent that below it'
            )
        if os.name != "posix" or not sys.executable:
            raise WorkersFailed("worker processes cannot be started on this system: run with workers=1")
        self.size, self.message_ms = size, _MESSAGE_MS
        self._at_once = usable_cores()
        self._folder = SharedFolder()
        self._script, self._environment = script_of_main(), dict(environment or {})
        self._setup: _SentSetup | None = None
        self._setups = self._tickets = self._stillborn = 0
        self._waiting: deque[int] = deque()
        self._arguments: dict[int, _Argument] = {}
        self._answered: deque[Done] = deque()
        self._processes: list[WorkerProcess] = []
        self._fill_up()

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes."""
        return [process.pid for process in self._processes]

    @property
    def folder(self) -> Path:
        """Where the processes keep what they share, as long as these workers are there."""
        return self._folder.path

    def _fill_up(self) -> None:
        while len(self._processes) < min(self.size, max(self._at_once, len(self._arguments))):
            self._processes.append(WorkerProcess(self._folder.path, self._script, self._environment))

    def setup(self, setup: Setup) -> None:
        """Say what answers the arguments from now on; nothing is done when that is the same as before.

        Raises `NotSendable` for what cannot be sent to another process, and `WorkersFailed` where a script has no main
        guard.
        """
        if self._setup is not None and self._setup.setup == setup:
            return
        sent = packed(setup, "the strategy, or another part of what is run,", aside=True)
        self._folder.clear()  # also of what was worked out for the one before
        self._setups += 1
        path = self._folder.write(f"setup-{self._setups}", sent)
        self._setup = _SentSetup(self._setups, path, setup)
        self._fill_up()
        for process in self._processes:
            process.send_setup(self._setups, path)

    def submit(self, argument: Any) -> int:
        """Have an argument answered and return its ticket; one that cannot be sent is answered by the reason."""
        self._tickets += 1
        try:
            content = packed(argument, "a parameter or another part of what varies").stream
        except (NotSendable, WorkersFailed) as error:
            self._answered.append(Done(self._tickets, None, error))
            return self._tickets
        self._arguments[self._tickets] = _Argument(content)
        self._waiting.append(self._tickets)
        self._give_out()
        return self._tickets

    def _give_out(self) -> None:
        """Give what waits to who is idle."""
        setup = self._setup
        assert setup is not None
        self._fill_up()
        for process in self._processes:
            if not self._waiting:
                return
            if process.ticket is None:
                if process.setup != setup.number:
                    process.send_setup(setup.number, setup.path)
                ticket = self._waiting.popleft()
                process.send_argument(ticket, self._arguments[ticket].content)

    def as_completed(self) -> Iterator[Done]:
        """Yield what was submitted as it is answered, also what is submitted meanwhile; end when nothing is left."""
        while self._arguments or self._answered:
            while self._answered:
                yield self._answered.popleft()
            if self._arguments:
                self._give_out()
                self._hear()

    def _hear(self) -> None:
        """Wait until a worker says something, or dies, and take it in."""
        by_what = {each: process for process in self._processes for each in process.waited_for}
        for process in {id(by_what[each]): by_what[each] for each in wait([*by_what])}.values():
            message = process.hear()
            if message is None:
                self._bury(process)
            else:
                self._take_in(process, message[:1], memoryview(message)[1:])

    def _take_in(self, process: WorkerProcess, kind: bytes, content: memoryview) -> None:
        if kind == HERE:
            if bytes(content).decode() != own_version():
                raise WorkersFailed(
                    f"this process runs {own_version()} and new workers run {bytes(content).decode()}: perpsim was "
                    "changed meanwhile; start this process anew"
                )
        elif kind == READY:
            self._note_ready(process, *pickle.loads(content))
        elif kind == ANSWER:
            assert process.ticket is not None
            del self._arguments[process.ticket]
            self._answered.append(Done(process.ticket, *_answer(content)))
            process.ticket = None

    def _note_ready(self, process: WorkerProcess, number: int, error: Exception | None, told: str | None) -> None:
        process.is_ready, self._stillborn = True, 0
        if error is None or self._setup is None or number != self._setup.number:
            return
        if not isinstance(error, WorkersFailed):
            failed = WorkersFailed(f"the workers could not be made ready: {type(error).__name__}: {error}")
            failed.add_note(f"in a worker process:\n{told}")
            error = failed
        raise error

    def _bury(self, process: WorkerProcess) -> None:
        """Have what was under way in a dead worker done by another, unless several have died of it."""
        self._processes.remove(process)
        process.stop()
        how, ticket = process.exit_text, process.ticket
        process.end(0.0)
        if not process.is_ready:
            self._note_stillborn(how)
        if ticket is None:
            return
        argument = self._arguments[ticket]
        argument.deaths += process.is_ready
        if argument.deaths <= _MOST_AGAIN:
            self._waiting.appendleft(ticket)
            return
        del self._arguments[ticket]
        self._answered.append(Done(ticket, None, WorkerDied(why_died(argument.deaths, how))))

    def _note_stillborn(self, how: str) -> None:
        self._stillborn += 1
        if self._stillborn > _MOST_STILLBORN:
            raise WorkersFailed(
                f"worker processes cannot be started here, or cannot hold what they are to run: the last one was {how} "
                "before it was ready"
            )

    def cancel(self) -> None:
        """Forget what is submitted and not yet answered, and end the processes in which it is under way; others take
        their places when there is more to do.
        """
        self._waiting.clear()
        self._arguments.clear()
        self._answered.clear()
        self._end([process for process in self._processes if process.ticket is not None])

    def _end(self, processes: list[WorkerProcess]) -> None:
        until = time.monotonic() + _PATIENCE_S
        for process in processes:
            process.stop()
        for process in processes:
            process.end(until - time.monotonic())
            self._processes.remove(process)

    def __enter__(self) -> ProcessWorkers:
        return self

    def __exit__(self, *error: object) -> None:
        self.cancel()
        self._end([*self._processes])
        self._folder.close()


def _answer(content: memoryview) -> tuple[Any, Exception | None]:
    """Return the value and the error that a worker has sent."""
    try:
        value, error = pickle.loads(content)
    except Exception as problem:  # of a class that is not there in this process
        return None, PerpsimError(f"the answer of a worker cannot be read: {type(problem).__name__}: {problem}")
    return value, error


def why_died(times: int, how: str) -> str:
    """Return the text of a `WorkerDied`."""
    return (
        f"the process that ran it died {times} times (the last one was {how}): if that is because memory ran out, run "
        "with fewer workers"
    )
