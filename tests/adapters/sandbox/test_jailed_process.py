"""Workers that die: killed at any moment, with their zygote, and with the process that started them."""

import gc
import os
import random
import select
import signal
import subprocess
import sys
import threading
import time

import pytest

from adapters import Sandbox
from engine import StrategyError
from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S
from tests.support.sandboxes import HEAD, TIGHT, TRADER, jailed, run_code, workers


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def kill(pid, made):
    """Kill a worker of a sandbox unless it has ended meanwhile; nobody else, should its number have been given away."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if pid in workers(made):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except ProcessLookupError:  # it ended by itself between the two looks
        return
    finally:
        os.close(descriptor)


def kill_at_random(made, runs, seed):
    """Kill at moments spread over all of a run, its start included, and a little beyond its end."""
    chance = random.Random(seed)
    code = HEAD + "        log(sum(range(2_000)))"

    def run():
        return run_code(code, made.executor, minutes=80, scheduled_interval=1).error

    began = time.monotonic()
    assert run() is None
    undisturbed_s = time.monotonic() - began
    outcomes = {"killed": 0, "finished": 0}
    for _ in range(runs):
        over = threading.Event()

        def killer(delay, over=over):
            over.wait(delay)
            while not over.wait(0.001):
                for pid in workers(made):
                    kill(pid, made)

        thread = threading.Thread(target=killer, args=(chance.random() * 1.2 * undisturbed_s,))
        thread.start()
        try:
            error = run()
        except StrategyError as raised:
            error = str(raised)
        over.set()
        thread.join()
        assert error is None or "it was killed from outside" in error, error
        outcomes["finished" if error is None else "killed"] += 1
    return outcomes


def check_random_kills(runs):
    with Sandbox() as made:
        run_code(TRADER, made.executor)
        gc.collect()
        before = descriptors()
        outcomes = kill_at_random(made, runs, runs)
        gc.collect()
        assert outcomes["killed"] > runs // 4
        assert descriptors() == before
        assert workers(made) == []
        assert made.turnstile.inside == 0
        assert run_code(TRADER, made.executor).success
        zygote = made._living_zygote()._process
    assert zygote.returncode is not None


@jailed
def test_killing_workers_at_random_moments():
    check_random_kills(20)


@jailed
@pytest.mark.soak
def test_killing_workers_at_random_moments_two_hundred_times():
    check_random_kills(200)


@jailed
def test_a_zygote_that_dies_is_replaced():
    with Sandbox(TIGHT) as made:
        assert run_code(TRADER, made.executor).success
        made._living_zygote()._process.kill()
        made._living_zygote()._process.wait()
        assert run_code(TRADER, made.executor).success


ORPHANS = f"""
import os, sys, threading
from adapters.sandbox import Sandbox, SandboxLimits
from tests.support.patience import PATIENCE_S
from tests.support.sandboxes import HEAD, run_code, workers
made, started = Sandbox(SandboxLimits(call_s=60.0)), threading.Event()
def executor(simulation, signals):
    worker = made.executor(simulation, signals)
    started.set()
    return worker
endless = HEAD + "        while True: pass"
threading.Thread(target=lambda: run_code(endless, executor), daemon=True).start()
assert started.wait({PATIENCE_S})
print(*workers(made), made._zygote._process.pid, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


@jailed
def test_no_worker_outlives_its_parent():
    with subprocess.Popen(
        [sys.executable, "-c", ORPHANS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        pids = [int(each) for each in parent.stdout.readline().split()]
        assert len(pids) == 2
        descriptors = [os.pidfd_open(pid) for pid in pids]
        parent.stdin.write("\n")
    for descriptor in descriptors:
        ended = select.poll()
        ended.register(descriptor, select.POLLIN)
        assert ended.poll(PATIENCE_S * 1_000)
        os.close(descriptor)
