"""Copies of this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.branches.forks import Forks, can_fork
from engine import SimulationError
from tests.conftest import ROOT
from tests.support.process_facts import children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux")


def answers(work: Callable[[int], Any], count: int = 1, most: int = 2) -> dict[int, Any]:
    with Forks(most) as forks:
        for number in range(count):
            if forks.fork(number):
                try:
                    value = work(number)
                except Exception as error:
                    value = error
                forks.answer(value)
        return dict(forks.answers())


def test_each_copy_tells_what_it_has_come_to() -> None:
    assert answers(lambda number: number * 1.5, count=7) == {number: number * 1.5 for number in range(7)}


def test_an_answer_may_be_longer_than_a_pipe_holds() -> None:
    assert answers(lambda number: bytes(3_000_000 + number), count=3) == {n: bytes(3_000_000 + n) for n in range(3)}


def test_what_a_copy_raises_and_what_cannot_be_sent_are_errors() -> None:
    def fail(number: int) -> Any:
        if number:
            return lambda: None
        raise SimulationError("no")

    found = answers(fail, count=2)
    assert isinstance(found[0], SimulationError)
    assert str(found[0]) == "no"
    assert str(found[1]).startswith("what a copy of the run came to cannot be sent: ")


def test_a_copy_that_is_killed_is_told() -> None:
    found = answers(lambda number: os.kill(os.getpid(), signal.SIGKILL))
    assert "a copy of the run was killed (SIGKILL)" in str(found[0])
    found = answers(lambda number: os._exit(3))
    assert "a copy of the run ended with status 3" in str(found[0])


def test_no_more_than_so_many_are_there_at_a_time() -> None:
    before, seen = set(children(os.getpid())), []
    with Forks(2) as forks:
        for number in range(6):
            if forks.fork(number):
                time.sleep(0.02)
                forks.answer(None)
            seen.append(len(set(children(os.getpid())) - before))
        assert len(dict(forks.answers())) == 6
    assert max(seen) == 2


def interrupted() -> None:
    with Forks(2) as forks:
        if forks.fork(0):
            time.sleep(600)
        raise KeyboardInterrupt


def test_who_leaves_ends_those_that_are_left() -> None:
    before = set(children(os.getpid()))
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert set(children(os.getpid())) <= before


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_copies_end_with_whoever_was_copied() -> None:
    program = (
        "import os, time\nfrom adapters.branches.forks import Forks\n"
        "with Forks(2) as forks:\n"
        "    if forks.fork(0):\n        print(os.getpid(), flush=True)\n        time.sleep(600)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT, text=True) as parent:
        assert parent.stdout is not None
        copy = int(parent.stdout.readline())
        parent.kill()
    while is_running(copy):
        time.sleep(0.01)


def test_nothing_is_copied_beside_other_threads() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not can_fork()
    finally:
        done.set()
        other.join()
