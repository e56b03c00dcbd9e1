"""Commands in processes of their own that start in milliseconds: forks of a process that has imported everything.

``python -m tests.support.warm_commands`` reads orders from its input, one JSON array of `Order` a line, runs all of a
line at the same time, and answers with what became of each when all have ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

#: What a command tells that must not write to a file.
_LONGEST_TEXT = 1 << 20


@dataclass(frozen=True)
class Order:
    """One command: its words, when to end it (never: None) and with which signal, and how large a file may become."""

    words: tuple[str, ...]
    kill_after_s: float | None = None
    largest_file: int | None = None
    kill_with: int = signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """How a command has ended: the exit status (negative: the signal), what it printed, and how long it took."""

    status: int
    stdout: str
    stderr: str
    took_s: float

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL


class WarmCommands:
    """The process that the commands are forks of; `before` are the words of a command that starts it."""

    def __init__(self, *before: str) -> None:
        command = [*before, sys.executable, "-m", "tests.support.warm_commands"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def at_once(self, orders: Sequence[Order]) -> list[Ended]:
        """Run some commands at the same time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([asdict(each) for each in orders]) + "\n")
        self.process.stdin.flush()
        return [Ended(**each) for each in json.loads(self.process.stdout.readline())]

    def run(self, *words: object, **how: Any) -> Ended:
        """Run one command; see `Order`."""
        return self.at_once([Order(tuple(map(str, words)), **how)])[0]

    def done(self, *words: object) -> Ended:
        """Run one command that must succeed."""
        ended = self.run(*words)
        assert ended.status == 0, ended
        return ended

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


@contextmanager
def warm_commands(*before: str) -> Iterator[WarmCommands]:
    """Give a process to run commands from while the context lasts."""
    warm = WarmCommands(*before)
    try:
        yield warm
    finally:
        warm.close()


def _serve() -> None:
    _warm_up()
    for line in sys.stdin:
        running = [_start(**order) for order in json.loads(line)]
        print(json.dumps([_end(*each) for each in running]), flush=True)


def _warm_up() -> None:
    from adapters.commands.command_line import COMMANDS, PROOF_COMMANDS, STUDY_COMMANDS

    for name in COMMANDS:
        import_module(f"adapters.commands.{name}_command")
    for name in STUDY_COMMANDS:
        import_module(f"adapters.study_commands.{name.replace('-', '_')}_command")
    for name in PROOF_COMMANDS:
        import_module(f"adapters.proof_commands.{name.replace('-', '_')}_command")
    for name in ("adapters.database.postgresql_database", "ccxt", "matplotlib.pyplot", "pandas", "psycopg2"):
        import_module(name)


def _start(
    words: list[str], kill_after_s: float | None, largest_file: int | None, kill_with: int
) -> tuple[int, float, float | None, int, list[int]]:
    told = [_place_to_tell(largest_file is None) for _ in ("stdout", "stderr")]
    pid = os.fork()
    if not pid:
        _become(words, largest_file, [write for _, write in told])
    for _, write in told:
        os.close(write)
    return pid, time.monotonic(), kill_after_s, kill_with, [read for read, _ in told]


def _place_to_tell(may_be_file: bool) -> tuple[int, int]:
    """Return where to read what a command tells and where it writes that: a file, or a pipe that holds enough."""
    if may_be_file:
        file = os.memfd_create("told")
        return file, os.dup(file)
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, _LONGEST_TEXT)
    return read, write


def _become(words: list[str], largest_file: int | None, told: list[int]) -> None:
    """Be the command, in the child; does not return."""
    status = 70
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in zip([nothing, *told], (0, 1, 2), strict=True):
            os.dup2(source, target)
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        from adapters.commands.command_line import main

        main(words, prog_name="perpsim")
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and len(traceback.extract_tb(error.__traceback__)) <= 2:
            status = 1  # the command had not begun: a process of its own ends at once then
        else:
            traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _end(pid: int, started: float, kill_after_s: float | None, kill_with: int, told: list[int]) -> dict[str, Any]:
    """Wait for the end of a command, or be it; a child that nobody has waited for keeps its number."""
    ended = os.pidfd_open(pid)
    left_s = PATIENCE_S if kill_after_s is None else started + kill_after_s - time.monotonic()
    if not select.select([ended], [], [], max(0.0, left_s))[0]:
        os.kill(pid, kill_with)
        if not select.select([ended], [], [], PATIENCE_S)[0]:
            os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    took_s = time.monotonic() - started
    os.close(ended)
    texts = []
    for place in told:
        with suppress(OSError):  # a pipe is read from where it is
            os.lseek(place, 0, os.SEEK_SET)
        with os.fdopen(place, "rb") as file:
            texts.append(file.read().decode("utf-8", "replace"))
    return asdict(Ended(status, *texts, took_s))


if __name__ == "__main__":
    _serve()
