"""Speed of studies on two workers, by the clock and by the processor time of both: figures to look at, never a test.

Goals, on two processors that do nothing else: W2 (100 parameter sets over the year of W1) 4 s by the clock; 1,000
trials of a month 60 s; what a trial takes beside its run 5 ms; workers there and ready 1 s; a worker 120 MB beside what
all of them map.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest

from adapters import synthetic_klines
from adapters.trials import Ground, Job, Trial, TrialRunner, run_trials
from adapters.workers import ProcessWorkers
from engine import BacktestConfig, KlineColumns, MarketHistory
from processes import ProgramBacktestEngine
from tests.support.process_facts import children
from tests.support.sandboxes import jailed

from .conftest import AddRow
from .programs import END, MINUTES, START, ReversionOnRsi
from .test_sandbox_speed import W1

TITLE = "Studies on two workers"
COLUMNS = ("", "wall", "CPU of the workers", "each, CPU", "goal")
TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
WORKERS = 2
MONTH_MS = 31 * 86_400_000
ROUNDS = 12


class Reversion(ReversionOnRsi):
    """W1 with a threshold that is varied: how often it trades moves with it."""

    def init(self, params: dict[str, Any]) -> None:
        self.threshold = params.get("threshold", 30.0)

    def should_trade(self, data: Any) -> Any:
        decision = super().should_trade(data)
        if decision is None or decision.operation == "sell":
            return decision
        return decision if data.get_indicator("BTC", "RSI14", "1h")["value"] < self.threshold else None


@dataclass(frozen=True)
class Spent:
    wall_s: float
    cpu_s: float


@pytest.fixture(scope="module")
def klines() -> KlineColumns:
    return synthetic_klines("BTC", START, MINUTES, 7)


def job_on(klines: KlineColumns, end_ms: int = END, **program: Any) -> Job:
    config = BacktestConfig(
        symbols=["BTC"],
        start_time=START,
        end_time=end_ms,
        scheduled_interval="1h",
        **(program or {"strategy": Reversion}),
    )
    return Job(config, {"": Ground(MarketHistory.from_klines({"BTC": klines}))})


def trials(count: int) -> list[Trial]:
    return [Trial(number, {"slippage_percent": 0.001 * (number % 10)}, {"threshold": 25.0 + 0.05 * (number // 10)})
            for number in range(count)]  # fmt: skip


def used_s(pid: int) -> float:
    """The processor time of a process and of its children that have ended."""
    return TICK_S * sum(map(int, Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:15]))


def private_mb(pid: int) -> float:
    """What a process has of its own."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
    sizes = {name: int(size) for name, size, *_ in (line.split() for line in lines)}
    return (sizes["Private_Clean:"] + sizes["Private_Dirty:"]) / 1024


def ran(job: Job, chosen: list[Trial], workers: ProcessWorkers) -> Spent:
    before, began = sum(map(used_s, workers.pids)), perf_counter()
    outcomes = [*run_trials(job, chosen, workers)]
    wall = perf_counter() - began
    assert [each.error for each in outcomes if each.error is not None] == []
    assert len(outcomes) == len(chosen)
    return Spent(wall, sum(map(used_s, workers.pids)) - before)


@pytest.mark.parametrize(
    ("name", "count", "end_ms", "goal"),
    [("W2: 100 sets over a year", 100, END, "4 s"), ("1,000 trials of a month", 1_000, START + MONTH_MS, "60 s")],
)
def test_a_study(name: str, count: int, end_ms: int, goal: str, klines: KlineColumns, add_row: AddRow) -> None:
    job = job_on(klines, end_ms)
    with ProcessWorkers(WORKERS) as workers:
        spent = ran(job, trials(count), workers)
        memory = max(map(private_mb, workers.pids))
    each = f"{1_000 * spent.cpu_s / count:.1f} ms"
    add_row(
        TITLE,
        COLUMNS,
        (f"{name}, start of the workers included", f"{spent.wall_s:.2f} s", f"{spent.cpu_s:.2f} s", each, goal),
    )
    add_row(
        TITLE,
        COLUMNS,
        (f"memory of a worker of its own after {name.partition(':')[0]}", f"{memory:.0f} MB", "", "", "120 MB"),
    )


def test_the_start_of_the_workers(klines: KlineColumns, add_row: AddRow) -> None:
    job = job_on(klines, START + 86_400_000)
    took = []
    for _ in range(5):
        began = perf_counter()
        with ProcessWorkers(WORKERS) as workers:
            opened = perf_counter() - began
            next(iter(run_trials(job, trials(2), workers)))
            took.append(perf_counter() - began)
    add_row(TITLE, COLUMNS, ("from nothing to the first outcome, best of 5", f"{min(took):.2f} s", "", "", "1 s"))
    add_row(TITLE, COLUMNS, ("of that until the caller goes on", f"{opened:.2f} s", "", "", ""))


def test_what_a_trial_takes_beside_its_run(klines: KlineColumns, add_row: AddRow) -> None:
    """In this process, in turns: a trial, and the run alone. The rest is what sending and hearing takes."""
    job, chosen = job_on(klines), trials(ROUNDS)
    engine = ProgramBacktestEngine(job.grounds[""].market)
    alone, whole = [], []
    with TrialRunner(job) as runner:
        for trial in chosen:
            runner([trial])
            began = process_time()
            engine.run(job.config_of(trial))
            alone.append(process_time() - began)
            began = process_time()
            runner([trial])
            whole.append(process_time() - began)
    beside = 1_000 * (min(whole) - min(alone))
    add_row(TITLE, COLUMNS, ("a trial beside its run", "", "", f"{beside:.1f} ms", "5 ms"))
    short = job_on(klines, START + 3_600_000)
    with ProcessWorkers(WORKERS) as workers:
        ran(short, trials(4), workers)
        began = process_time()
        spent = ran(short, trials(1_000), workers)
        here = process_time() - began
    each = f"{1_000 * spent.cpu_s / 1_000:.2f} ms"
    add_row(TITLE, COLUMNS, ("1,000 trials of an hour", f"{spent.wall_s:.2f} s", f"{spent.cpu_s:.2f} s", each, ""))
    add_row(TITLE, COLUMNS, ("of these the caller's own", "", f"{here:.2f} s", f"{here:.2f} ms", ""))


@jailed
def test_jailed_trials(klines: KlineColumns, add_row: AddRow) -> None:
    job = job_on(klines, code=W1)
    with ProcessWorkers(WORKERS) as workers:
        spent = ran(job, [Trial(number, {"slippage_percent": 0.01 * number}) for number in range(20)], workers)
        memory = max(private_mb(pid) + sum(map(private_mb, children(pid))) for pid in workers.pids)
    row = ("20 of W2, jailed", f"{spent.wall_s:.2f} s", f"{spent.cpu_s:.2f} s", f"{50 * spent.cpu_s:.1f} ms", "")
    add_row(TITLE, COLUMNS, row)
    add_row(TITLE, COLUMNS, ("memory of a worker with its sandbox, of their own", f"{memory:.0f} MB", "", "", "120 MB"))
