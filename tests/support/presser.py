"""Ctrl-C from another process: it comes at any instruction. A thread of the process itself presses when the interpreter
lets it run, which is nearly always at the same place.

``python -m tests.support.presser FILE PID PRESSES SEED LONGEST_GAP_S`` presses; FILE is what both have in memory.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S

#: What stands in the cells that both have: how many presses were heard, whether somebody listens, whether it is over.
HEARD, LISTENING, OVER = range(3)
_CELL_BYTES = 8
_LOOK_S = 0.0001


def presser(cells: Path, presses: int, seed: int, longest_gap_s: float) -> tuple[memoryview, subprocess.Popen[bytes]]:
    """Return the cells, which are made, and a process that presses Ctrl-C of this one: each time that somebody listens,
    when what it pressed before was heard. It is over when it has pressed so often, or when one was not heard, or twice.
    """
    cells.write_bytes(bytes(_CELL_BYTES * 3))
    words = [cells, os.getpid(), presses, seed, longest_gap_s]
    command = [sys.executable, "-m", "tests.support.presser", *map(str, words)]
    return _mapped(cells), subprocess.Popen(command, cwd=ROOT)


def _mapped(path: Path) -> memoryview:
    with path.open("r+b") as file:
        return memoryview(mmap.mmap(file.fileno(), 0)).cast("q")


def _press(cells: memoryview, pid: int, presses: int, chance: random.Random, longest_gap_s: float) -> None:
    for number in range(presses):
        _wait_while(cells, LISTENING, 0)
        moment = time.perf_counter() + chance.random() * longest_gap_s
        while time.perf_counter() < moment:
            pass
        if cells[HEARD] != number:
            return
        os.kill(pid, signal.SIGINT)
        _wait_while(cells, HEARD, number)
        if cells[HEARD] != number + 1:
            return


def _wait_while(cells: memoryview, place: int, value: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while cells[place] == value and time.monotonic() < end:
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    file, pid, presses, seed, longest_gap_s = sys.argv[1:]
    shared = _mapped(Path(file))
    try:
        _press(shared, int(pid), int(presses), random.Random(int(seed)), float(longest_gap_s))
    finally:
        shared[OVER] = 1
