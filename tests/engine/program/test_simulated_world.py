"""What a program finds of clocks and chance, and that it is all as it was beside its calls."""

import datetime as dt
import os
import random
import secrets
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from engine import SourceExecutor
from engine.program import SimulatedWorld, simulated_world
from tests.conftest import ROOT
from tests.support.runs import START

AT_MS = 1_709_210_096_789  # 2024-02-29 12:34:56.789 UTC
AT_S = AT_MS / 1_000
MOMENT = datetime(2024, 2, 29, 12, 34, 56, 789_000)


@pytest.fixture
def world():
    made = SimulatedWorld()
    made.begin()
    yield made
    made.end()


@contextmanager
def inside(world, at_ms):
    """A part of a test that finds the world of an instant."""
    outer = simulated_world._thread.running.world
    world.stay(at_ms)
    try:
        yield
    finally:
        simulated_world._thread.running.world = outer


class Later(datetime):
    """A user's own kind of moment."""


#: Every clock, and what it tells at the instant.
CLOCKS = {
    "time": (lambda: time.time(), AT_S),
    "time_ns": (lambda: time.time_ns(), AT_MS * 1_000_000),
    "monotonic": (lambda: time.monotonic(), AT_S),
    "monotonic_ns": (lambda: time.monotonic_ns(), AT_MS * 1_000_000),
    "perf_counter": (lambda: time.perf_counter(), AT_S),
    "perf_counter_ns": (lambda: time.perf_counter_ns(), AT_MS * 1_000_000),
    "process_time": (lambda: time.process_time(), AT_S),
    "process_time_ns": (lambda: time.process_time_ns(), AT_MS * 1_000_000),
    "thread_time": (lambda: time.thread_time(), AT_S),
    "clock_gettime": (lambda: time.clock_gettime(time.CLOCK_REALTIME), AT_S),
    "clock_gettime_ns": (lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC), AT_MS * 1_000_000),
    "gmtime": (lambda: tuple(time.gmtime())[:6], (2024, 2, 29, 12, 34, 56)),
    "localtime": (lambda: tuple(time.localtime())[:6], (2024, 2, 29, 12, 34, 56)),
    "localtime of an instant": (lambda: tuple(time.localtime(0))[:6], (1970, 1, 1, 0, 0, 0)),
    "ctime": (lambda: time.ctime(), "Thu Feb 29 12:34:56 2024"),
    "asctime": (lambda: time.asctime(), "Thu Feb 29 12:34:56 2024"),
    "strftime": (lambda: time.strftime("%Y-%m-%d %H:%M"), "2024-02-29 12:34"),
    "mktime": (lambda: time.mktime(time.gmtime(86_400)), 86_400.0),
    "now": (lambda: datetime.now(), MOMENT),
    "now in UTC": (lambda: datetime.now(UTC), MOMENT.replace(tzinfo=UTC)),
    "now elsewhere": (lambda: datetime.now(timezone(timedelta(hours=2))).hour, 14),
    "now by name": (lambda: datetime.now(tz=UTC), MOMENT.replace(tzinfo=UTC)),
    "utcnow": (lambda: datetime.utcnow(), MOMENT),
    "today": (lambda: datetime.today(), MOMENT),
    "the day": (lambda: date.today(), date(2024, 2, 29)),
    "the module's": (lambda: dt.datetime.now(), MOMENT),
    "fromtimestamp": (lambda: datetime.fromtimestamp(0), datetime(1970, 1, 1)),
    "fromtimestamp in UTC": (lambda: datetime.fromtimestamp(AT_S, UTC), MOMENT.replace(tzinfo=UTC)),
    "the day of a timestamp": (lambda: date.fromtimestamp(86_399), date(1970, 1, 1)),
    "timestamp": (lambda: datetime(1970, 1, 2).timestamp(), 86_400.0),
    "astimezone": (lambda: datetime(1970, 1, 2).astimezone(UTC), datetime(1970, 1, 2, tzinfo=UTC)),
    "a kind of one's own": (lambda: (type(Later.now()), Later.now()), (Later, MOMENT)),
}


@pytest.mark.parametrize(("ask", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_every_clock_tells_the_simulated_time_in_a_call(ask, expected, world):
    with inside(world, AT_MS):
        told = ask()
    assert told == expected
    assert type(told) is type(expected)


#: Those whose answer does not stand still.
GOING = [name for name in CLOCKS if name.split("_")[0] in ("time", "monotonic", "perf", "now", "utcnow", "today")]


@pytest.mark.parametrize("name", GOING)
def test_outside_of_a_call_and_in_another_thread_every_clock_tells_the_real_time(name, world):
    ask, simulated = CLOCKS[name]
    told = []
    with inside(world, AT_MS):
        thread = threading.Thread(target=lambda: told.append(ask()))
        thread.start()
        thread.join()
    told.append(ask())
    assert simulated not in told
    world.end()
    assert ask() != simulated


def test_real_clocks_go_on_between_calls(world):
    before = time.time(), datetime.now()
    with inside(world, AT_MS):
        assert time.time() == AT_S
    assert time.time() >= before[0]
    assert datetime.now() >= before[1]


def test_sleeping_takes_no_time_and_moves_the_clock_of_the_call_alone(world):
    began = time.monotonic()
    with inside(world, AT_MS):
        time.sleep(1e6)
        assert time.time() == AT_S + 1e6
        assert datetime.now() == MOMENT + timedelta(seconds=1e6)
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
    with inside(world, AT_MS + 1):
        assert time.time_ns() == (AT_MS + 1) * 1_000_000
    assert time.monotonic() - began < 60.0


def test_a_call_within_a_call_finds_its_own_time_and_gives_the_outer_one_back(world):
    def outer(inner):
        return inner.call(lambda _: time.time(), None, 0), time.time()

    assert world.call(outer, SimulatedWorld(), AT_MS) == (0.0, AT_S)
    with pytest.raises(ZeroDivisionError):
        world.call(lambda zero: time.time() / zero, 0, AT_MS)
    assert time.time() > AT_S


#: Every source of chance: two programs find the same, and one that asks twice finds two.
CHANCE = {
    "urandom": lambda: os.urandom(8),
    "getrandom": lambda: os.getrandom(8),
    "random": lambda: random.random(),
    "randint": lambda: random.randint(0, 1 << 60),
    "shuffle": lambda: random.sample(range(1 << 40), 5),
    "gauss": lambda: random.gauss(0, 1),
    "a generator of one's own": lambda: random.Random().random(),
    "seeding anew": lambda: (random.seed(), random.random())[1],
    "seeding one's own anew": lambda: seeded_anew(),
    "the system's": lambda: random.SystemRandom().random(),
    "bytes": lambda: random.randbytes(8),
    "token_bytes": lambda: secrets.token_bytes(8),
    "token_hex": lambda: secrets.token_hex(),
    "randbelow": lambda: secrets.randbelow(1 << 60),
    "uuid4": lambda: uuid.uuid4(),
    "numpy": lambda: np.random.random(),
    "numpy's normal": lambda: np.random.standard_normal(),
    "numpy's own generator": lambda: np.random.default_rng().random(),
    "numpy's old generator": lambda: np.random.RandomState().rand(),
    "seeding numpy anew": lambda: (np.random.seed(), np.random.random())[1],
}


def seeded_anew():
    generator = random.Random(5)
    generator.seed()
    return generator.random()


@pytest.mark.parametrize("draw", CHANCE.values(), ids=CHANCE)
def test_chance_is_the_same_in_every_run_and_another_at_every_question(draw):
    runs = []
    for _ in range(2):
        made = SimulatedWorld()
        made.begin()
        with inside(made, AT_MS):
            first = draw()
        with inside(made, AT_MS + 60_000):
            runs.append((first, draw()))
        made.end()
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1]


#: Those that are fed by the system: of the global generators only the state counts.
FED = [name for name in CHANCE if "random" not in name or name in ("urandom", "getrandom")]


@pytest.mark.parametrize("name", FED)
def test_outside_of_a_call_and_in_another_thread_chance_is_real(name, world):
    draw, drawn = CHANCE[name], []
    fresh = SimulatedWorld()
    with inside(fresh, AT_MS):
        simulated = draw()
        thread = threading.Thread(target=lambda: drawn.append(draw()))
        thread.start()
        thread.join()
    if name in ("gauss", "shuffle", "randint", "bytes", "numpy", "numpy's normal"):
        return  # of a global generator, which all threads share
    assert simulated not in [*drawn, draw()]


def test_the_global_generators_go_on_after_a_run_as_if_it_had_not_been():
    random.seed(11), np.random.seed(11)
    expected = random.random(), np.random.random(), random.random(), np.random.random()
    random.seed(11), np.random.seed(11)
    first = random.random(), np.random.random()
    made = SimulatedWorld()
    made.begin(), made.begin()
    with inside(made, AT_MS):
        random.random(), np.random.random(), random.seed(), np.random.seed(3)
    made.end(), made.end()
    assert (*first, random.random(), np.random.random()) == expected


def test_a_seed_that_is_given_counts(world):
    with inside(world, AT_MS):
        random.seed("text")
        drawn = random.random(), random.Random(7).random(), np.random.default_rng(7).random()
    assert drawn == (random.Random("text").random(), random.Random(7).random(), np.random.default_rng(7).random())


@pytest.mark.parametrize("ask", [lambda: os.urandom(-1), lambda: datetime.fromtimestamp(1e20)], ids=["size", "instant"])
def test_what_the_real_functions_refuse_is_refused(ask, world):
    with pytest.raises((ValueError, OverflowError, OSError)) as real:
        ask()
    with pytest.raises(type(real.value)), inside(world, AT_MS):
        ask()


def test_the_time_zone_of_the_machine_does_not_count(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        with inside(SimulatedWorld(), AT_MS):
            assert datetime.now() == datetime.utcnow() == datetime.today() == MOMENT
            assert datetime.now(UTC) == MOMENT.replace(tzinfo=UTC)
            assert date.today() == MOMENT.date()
            assert time.strftime("%Y-%m-%d %H:%M:%S") == "2024-02-29 12:34:56"
            assert time.localtime()[:6] == time.gmtime()[:6] == (2024, 2, 29, 12, 34, 56)
            assert MOMENT.timestamp() == AT_S
    finally:
        monkeypatch.undo()
        time.tzset()


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


def test_modules_that_draw_when_they_are_loaded_do_not_draw_from_a_program():
    script = LOADED_LATE.format(root=str(ROOT))
    told = {
        subprocess.run(
            [sys.executable, "-c", script, when], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for when in ("early", "late")
    }
    assert len(told) == 1
    assert "0.5488135" in told.pop()


def test_a_library_that_is_not_there_is_the_programs_own_error():
    code = "import numpy.nothing_like_it\nclass A:\n    def should_trade(self, data): pass\n"
    executor = SourceExecutor(code, {})
    with pytest.raises(ModuleNotFoundError, match="nothing_like_it"):
        executor.start(lambda: START)
