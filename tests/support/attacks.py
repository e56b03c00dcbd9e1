"""Hostile programs in the sandbox, and what they did to the machine, told from outside of their workers."""

from __future__ import annotations

import gc
import os
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

from adapters import Sandbox
from engine import BacktestResult, Decision, MarketData, ProgramError, Simulation
from engine.errors import ProgramLost
from processes import TriggerSource
from tests.conftest import ROOT
from tests.support.process_facts import status
from tests.support.sandboxes import MEBIBYTE, TIGHT, TRADER, figures, logged, run_code, word_for

#: Under which the attacks run: most of their time goes by in waiting for the end of those that hang.
LIMITS = replace(TIGHT, call_s=0.4, grace_s=0.15)
#: So long after its limit a call has ended at the latest.
MOST_LATE_S = 1.0
MOST_GROWTH_BYTES = 300 * MEBIBYTE
#: What files are called that attacks try to leave behind.
MARK = "perpsim_attack"
_FOLDERS = ("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", str(ROOT))


class Attempt(NamedTuple):
    """What became of an attack: in one word, and what it said."""

    word: str
    said: str


class Machine(NamedTuple):
    """What an attack could have changed: files, descriptors of this process and of the zygote, processes of its own."""

    files: tuple[str, ...]
    descriptors: int
    descriptors_of_zygote: tuple[str, ...]
    processes: tuple[int, ...]


def program(body: str, before: str = "") -> str:
    """A program whose `should_trade` is `body`."""
    return f"{before}\nclass A:\n    def should_trade(self, data):\n{indent(body.strip(), ' ' * 8)}\n"


def attempt(code: str, sandbox: Sandbox, kept: dict[str, BacktestResult] | None = None, **given: Any) -> Attempt:
    """Run an attack, put its result into `kept`, and assert that nothing has come of it: the machine is as it was, no
    call took longer than it may, this process has not grown, its error is one line, and the next run in the same
    sandbox gives the right figures.
    """
    before, began_with = machine(sandbox), resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
    watched = Watched(sandbox)
    try:
        result: BacktestResult | None = run_code(code, watched.executor, **given)
    except (ProgramError, ProgramLost) as refused:
        word, error, lines = "killed", str(refused), []
        if isinstance(refused, ProgramError):  # has a line for each problem
            word, error, lines = "refused", "", error.splitlines()
    else:
        assert result is not None
        word, error, lines = word_for(result), result.error or "", logged(result)
        if kept is not None:
            kept["result"] = result
        del result
    grown = resident("VmHWM") - began_with
    assert grown < MOST_GROWTH_BYTES, f"this process has grown by {grown / MEBIBYTE:.0f} MB"
    assert watched.longest_s < sandbox.limits.call_s + MOST_LATE_S
    assert error.isprintable()
    assert all(line.isprintable() for line in lines)
    said = "\n".join([error, *lines])
    assert not re.search(r"^PWNED", said, re.MULTILINE), said
    after = machine(sandbox)
    if after != before:
        gc.collect()  # of this process: it takes longer than the attack
        after = machine(sandbox)
    # fewer descriptors: something of before the attack has been let go of
    assert after.descriptors <= before.descriptors, f"{before} became {after}"
    assert after._replace(descriptors=before.descriptors) == before, f"{before} became {after}"
    assert figures(run_code(TRADER, sandbox.executor, minutes=5)) == honest_figures()
    return Attempt(word, said)


@cache
def honest_figures() -> str:
    """What the program after an attack has to come to."""
    return figures(run_code(TRADER, minutes=5))


def resident(name: str) -> int:
    """How many bytes of memory this process has (VmRSS), or has had at most (VmHWM)."""
    return int(status(os.getpid(), name).split()[0]) * 1024


def machine(sandbox: Sandbox) -> Machine:
    """Return what is there now."""
    living = sandbox._living_zygote()
    living._await_start()
    zygote = living._process.pid
    files = sorted(str(path) for folder in _FOLDERS for path in Path(folder).glob(f"*{MARK}*"))
    return Machine(tuple(files), len(os.listdir("/proc/self/fd")), open_files(zygote), session(zygote))


def open_files(pid: int) -> tuple[str, ...]:
    """What the descriptors of a process are, as the kernel tells, without the numbers of pipes and sockets."""
    found = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.append(re.sub(r":\[\d+\]", "", os.readlink(path)))
        except FileNotFoundError:  # closed meanwhile
            continue
    return tuple(sorted(found))


def session(leader: int) -> tuple[int, ...]:
    """The processes of a session, whoever is their parent by now; what has ended does not count."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            if os.getsid(pid) == leader and not status(pid, "State").startswith(("Z", "X")):
                found.append(pid)
        except ProcessLookupError:
            continue
    return tuple(sorted(found))


class Watched:
    """A sandbox whose `executor` notes how long each call of a program took."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.longest_s = 0.0

    def executor(self, simulation: Simulation, signals: Sequence[TriggerSource] = ()) -> Any:
        """Return what asks the program."""
        return _TimedExecutor(self._sandbox.executor(simulation, signals), self)


class _TimedExecutor:
    def __init__(self, inner: Any, watched: Watched) -> None:
        self._inner, self._watched = inner, watched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def start(self, now: Any) -> None:
        self._timed(self._inner.start, now)

    def execute(self, data: MarketData) -> Decision | None:
        decision: Decision | None = self._timed(self._inner.execute, data)
        return decision

    def _timed(self, call: Any, argument: Any) -> Any:
        began = time.monotonic()
        try:
            return call(argument)
        finally:
            self._watched.longest_s = max(self._watched.longest_s, time.monotonic() - began)
