"""Workers that die: killed at any moment, with their zygote, and with the process that started them."""

import gc
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from adapters import Sandbox
from engine import StrategyError
from tests.conftest import ROOT
from tests.support.sandboxes import HEAD, TIGHT, TRADER, jailed, run_code, workers


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def kill_at_random(made, runs, seed):
    chance = random.Random(seed)
    code = HEAD + "        log(sum(range(2_000)))"
    outcomes = {"killed": 0, "finished": 0}
    for _ in range(runs):
        stop = threading.Event()

        delay = chance.random() * 0.12

        def killer(delay=delay, stop=stop):
            time.sleep(delay)
            while not stop.is_set():
                for pid in workers(made):
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.002)

        thread = threading.Thread(target=killer)
        thread.start()
        try:
            result = run_code(code, made.executor, minutes=80, scheduled_interval=1)
            error = result.error
        except StrategyError as raised:
            error = str(raised)
        stop.set()
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


@jailed
def test_no_worker_outlives_its_parent():
    code = f"""
import os, threading, time
from adapters.sandbox import Sandbox, SandboxLimits
from tests.sandbox_for_tests import run_code
from tests.test_sandbox import workers
made = Sandbox(SandboxLimits(call_s=60.0))
threading.Thread(target=lambda: run_code({HEAD + "        while True: pass"!r}, made.executor), daemon=True).start()
while not workers(made): time.sleep(0.01)
print(*workers(made), made._zygote._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    pids = [int(each) for each in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    until = time.monotonic() + 10
    while time.monotonic() < until and any(is_running(pid) for pid in pids):
        time.sleep(0.02)
    assert [pid for pid in pids if is_running(pid)] == []


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
