"""The world that a program finds: clocks that tell simulated time, and randomness from a seed; nothing stays of it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from engine import SourceExecutor
from engine.program.simulated_world import SimulatedWorld
from tests.conftest import ROOT
from tests.support.runs import START
from tests.support.sandboxes import run_code

CLOCKS = "time monotonic perf_counter process_time thread_time".split()
AT_MS = 1_704_110_400_250
MOMENT = datetime(2024, 1, 1, 12, 0, 0, 250_000)


@pytest.mark.parametrize("name", CLOCKS)
def test_every_clock_tells_the_instant_of_the_call(name: str) -> None:
    with SimulatedWorld().at(AT_MS):
        assert getattr(time, name)() == AT_MS / 1_000
        assert getattr(time, f"{name}_ns")() == AT_MS * 1_000_000


def test_dates_are_those_of_the_instant_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with SimulatedWorld().at(AT_MS):
            assert datetime.now() == datetime.utcnow() == datetime.today() == MOMENT
            assert datetime.now(UTC) == MOMENT.replace(tzinfo=UTC)
            assert date.today() == MOMENT.date()
            assert time.strftime("%Y-%m-%d %H:%M:%S") == "2024-01-01 12:00:00"
            assert time.localtime()[:6] == time.gmtime()[:6] == (2024, 1, 1, 12, 0, 0)
            assert MOMENT.timestamp() == AT_MS / 1_000
    finally:
        monkeypatch.undo()
        time.tzset()


def test_sleeping_puts_the_clock_of_this_call_forward_and_does_not_wait() -> None:
    began = time.monotonic()
    world = SimulatedWorld()
    with world.at(AT_MS):
        time.sleep(3_600)
        assert time.time() == AT_MS / 1_000 + 3_600
    with world.at(AT_MS):
        assert time.time() == AT_MS / 1_000
    assert time.monotonic() - began < 60


def drawn() -> list[Any]:
    return [random.random(), np.random.rand(), os.urandom(8), random.SystemRandom().random(), random.Random().random()]


def test_what_is_drawn_is_the_same_in_every_run_and_goes_on_between_its_calls() -> None:
    runs = []
    for _ in range(2):
        world = SimulatedWorld()
        world.begin()
        found = []
        for at in (AT_MS, AT_MS + 1):
            with world.at(at):
                found.append(drawn())
        world.end()
        runs.append(found)
    assert runs[0] == runs[1]
    assert all(first != second for first, second in zip(*runs[0], strict=True))


def test_outside_of_calls_and_in_other_threads_nothing_is_simulated() -> None:
    told: list[float] = []
    with SimulatedWorld().at(AT_MS):
        thread = threading.Thread(target=lambda: told.append(time.time()))
        thread.start()
        thread.join()
    assert min(told[0], time.time(), datetime.now(UTC).timestamp()) > AT_MS / 1_000 + 86_400
    assert os.urandom(16) != os.urandom(16)


def test_a_run_leaves_the_generators_of_this_process_as_they_were() -> None:
    random.seed(5)
    np.random.seed(5)
    wanted = [random.random(), np.random.rand()]
    random.seed(5)
    np.random.seed(5)
    code = "import random\nclass A:\n    def should_trade(self, data):\n        log(random.random())\n"
    assert run_code(code).error is None
    assert [random.random(), np.random.rand()] == wanted


LOADED_LATE = """
import sys
sys.path.insert(0, {root!r})
if "early" in sys.argv:
    import concurrent.futures, multiprocessing, numpy.random, pandas
from engine import Strategy
from tests.support.sandboxes import run_code

code = '''
import concurrent.futures, multiprocessing, os
import numpy as np, pandas as pd
class A:
    def should_trade(self, data):
        log(os.urandom(4), np.random.rand(), np.random.default_rng().random())
'''
print([entry["logs"] for entry in run_code(code).trigger_log])
"""


def test_modules_that_draw_when_they_are_loaded_do_not_draw_from_a_program() -> None:
    script = LOADED_LATE.format(root=str(ROOT))
    told = {
        subprocess.run(
            [sys.executable, "-c", script, when], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for when in ("early", "late")
    }
    assert len(told) == 1
    assert "0.5488135" in told.pop()


def test_a_library_that_is_not_there_is_the_programs_own_error() -> None:
    code = "import numpy.nothing_like_it\nclass A:\n    def should_trade(self, data): pass\n"
    executor = SourceExecutor(code, {})
    with pytest.raises(ModuleNotFoundError, match="nothing_like_it"):
        executor.start(lambda: START)
