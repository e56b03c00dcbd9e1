"""Many runs in one process: nothing grows with their number, and each gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.command_files import fill_market, write_files

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads what a process has from /proc")

#: How many runs, and after how many of them everything is imported and every pool of memory has its size.
RUNS = [pytest.param(11, 6, id="small"), pytest.param(300, 10, id="whole", marks=pytest.mark.soak)]
#: Far less than one market or result that is kept for each of the runs that follow, more than what pools do.
MOST_GROWTH_KB = 16_384


@pytest.mark.parametrize(("runs", "warm"), RUNS)
def test_nothing_grows_with_the_number_of_runs_and_each_gives_the_same_bytes(
    tmp_path: Path, runs: int, warm: int
) -> None:
    url = fill_market(f"sqlite:///{write_files(tmp_path) / 'market.db'}")
    command = [sys.executable, "-m", "tests.support.many_runs", str(runs), str(tmp_path / "run.toml"), url]
    surroundings = {**os.environ, "PYTHONHASHSEED": "0"}  # --trust starts nothing anew
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == runs
    first, last = found[warm], found[-1]
    print(f"{runs} runs in one process, after {warm} of them: {first}; after all: {last}")
    assert len({each["result"] for each in found}) == 1
    for name in ("descriptors", "threads", "tasks", "children"):
        assert last[name] <= max(each[name] for each in found[:warm]), name
    assert last["memory_kb"] - first["memory_kb"] < MOST_GROWTH_KB
