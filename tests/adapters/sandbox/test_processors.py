"""A run and its worker on one processor: only while it lasts, only in a run of our own, and never for good."""

import os
import subprocess
import sys
import threading

import pytest

from adapters.sandbox.processors import OneProcessor
from engine import Simulation
from processes import ProgramBacktestEngine, start_standard_processes
from tests.support.runs import MINUTE, config
from tests.support.sandboxes import jailed, wave

QUIET = "class A:\n    def should_trade(self, data):\n        return None\n"
FULL = os.sched_getaffinity(0)
several = pytest.mark.skipif(len(FULL) < 2, reason="a machine with one processor")


@pytest.fixture
def worker():
    """A process that does nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.stdin.close()


@several
def test_after_a_few_turns_both_run_on_one_processor_and_afterwards_on_all(worker):
    both = OneProcessor(worker.pid)
    for _ in range(5):
        assert os.sched_getaffinity(0) == FULL
        both.take_turn(1.0)
    here = os.sched_getaffinity(0)
    assert len(here) == 1
    assert os.sched_getaffinity(worker.pid) == here
    both.leave()
    both.leave()
    assert os.sched_getaffinity(0) == os.sched_getaffinity(worker.pid) == FULL


@several
def test_after_a_while_the_kernel_may_choose_again(worker):
    both = OneProcessor(worker.pid)
    for _ in range(5):
        both.take_turn(1.0)
    both.take_turn(1.09)
    assert len(os.sched_getaffinity(0)) == 1
    both.take_turn(1.11)
    assert os.sched_getaffinity(0) == os.sched_getaffinity(worker.pid) == FULL
    for _ in range(4):
        both.take_turn(1.11)
    assert len(os.sched_getaffinity(0)) == 1
    both.leave()


@several
def test_a_thread_that_may_not_run_everywhere_keeps_to_its_processors(worker):
    one = {max(FULL)}
    os.sched_setaffinity(0, one)
    try:
        both = OneProcessor(worker.pid)
        for _ in range(5):
            both.take_turn(1.0)
        both.leave()
        assert os.sched_getaffinity(0) == os.sched_getaffinity(worker.pid) == one
    finally:
        os.sched_setaffinity(0, FULL)


def test_a_worker_that_is_gone_leaves_the_thread_as_it_was(worker):
    worker.kill()
    worker.wait()
    both = OneProcessor(worker.pid)
    for now in (1.0, 2.0):
        for _ in range(5):
            both.take_turn(now)
        assert os.sched_getaffinity(0) == FULL


def looked_at(simulation: Simulation) -> list[int]:
    """Add a process that looks on how many processors the run may go on; return what it finds."""
    found: list[int] = []

    def look(sim: Simulation):
        for minute in range(1, 80):
            yield sim.at(sim.start_ms + minute * MINUTE)
            found.append(len(os.sched_getaffinity(0)))

    simulation.process(look)
    return found


@jailed
@several
@pytest.mark.parametrize("hosted", [False, True])
def test_in_the_environment_of_a_host_its_thread_runs_wherever_it_could(sandbox, hosted):
    import simpy

    settings = config(QUIET, minutes=80)
    env = simpy.Environment(initial_time=settings.start_ms) if hosted else None
    simulation = Simulation(wave(), settings, env)
    found = looked_at(simulation)
    executor = sandbox.executor(simulation)
    start_standard_processes(simulation, executor)
    if hosted:
        simulation.start()
        env.run(simulation.done)
    assert (simulation.result() if hosted else simulation.run()).total_triggers == 80
    executor.finish(whole=True)
    assert set(found) == ({len(FULL)} if hosted else {1, len(FULL)})
    assert os.sched_getaffinity(0) == FULL


@jailed
@pytest.mark.parametrize("line", ["raise ValueError", "import ctypes; ctypes.string_at(0)"])
def test_a_run_that_fails_gives_the_processors_back(sandbox, line):
    code = (
        f"class A:\n    n = 0\n    def should_trade(self, data):\n        self.n += 1\n        if self.n > 20: {line}\n"
    )
    result = ProgramBacktestEngine(wave(), executor_for=sandbox.executor).run(config(code, minutes=80))
    assert result.total_triggers > 20
    assert os.sched_getaffinity(0) == FULL


SLOW = "class A:\n    n = 0\n    def should_trade(self, data):\n        self.n += 1\n        while self.n == 20: pass\n"


@jailed
@several
def test_while_an_answer_takes_long_both_may_run_everywhere(sandbox):
    seen, is_over, runner = [], threading.Event(), threading.get_native_id()

    def look():
        while not is_over.wait(0.02):
            seen.append(len(os.sched_getaffinity(runner)))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        result = ProgramBacktestEngine(wave(), executor_for=sandbox.executor).run(config(SLOW, minutes=80))
    finally:
        is_over.set()
        looking.join()
    assert result.total_triggers == 20  # it is interrupted after a while
    assert len(seen) > 10
    assert set(seen[-8:]) == {len(FULL)}
