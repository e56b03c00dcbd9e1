"""The worker: takes a job, locks itself up, and runs it."""

from __future__ import annotations

import faulthandler
import os
import signal
from contextlib import suppress

from engine import HistoricalDataProvider, MarketHistory, ProgramError, Simulation, SourceExecutor
from engine.errors import ProgramFailed
from processes import start_standard_processes

from .heartbeat import Heartbeat
from .jail import lock_down
from .job import CallJob, Job, RunJob, unpack
from .journal import Journal
from .recorder import Recorder, TimeGuard

STANDARD_ERROR = 2


def work(job_file: int, heartbeat_file: int, result_pipe: int, parent: int) -> None:
    """Run the job in a memory file and report to a pipe; `parent` is the process that this one may not outlive."""
    faulthandler.enable(STANDARD_ERROR)
    faulthandler.register(signal.SIGUSR2, STANDARD_ERROR, all_threads=False)
    job = unpack(job_file)
    journal = Journal(result_pipe)
    guard = TimeGuard(Heartbeat(heartbeat_file), journal)
    for descriptor in (job_file, heartbeat_file):
        os.close(descriptor)
    lock_down(parent, job.uid, job.limits.memory_bytes, job.limits.total_s)
    run(job, journal, guard)


def run(job: Job, journal: Journal, guard: TimeGuard) -> None:
    """Compile and run the program; everything that happens is in the journal."""
    task = job.task
    try:
        executor = _executor(task, job.restricted)
    except ProgramError as error:
        journal.send("problems", problems=error.problems)
        return
    journal.send("ready")
    if isinstance(task, CallJob):
        _call(task, job, executor, journal, guard)
    else:
        _back_test(task, job, executor, journal, guard)


def _executor(task: RunJob | CallJob, restricted: bool) -> SourceExecutor:
    if isinstance(task, CallJob):
        return SourceExecutor(task.source, task.params, restricted=restricted)
    config = task.config
    return SourceExecutor(config.code or "", config.params, config.strategy_lifetime == "trigger", restricted)


def _back_test(task: RunJob, job: Job, executor: SourceExecutor, journal: Journal, guard: TimeGuard) -> None:
    sim = Simulation(task.market, task.config, record_queries=task.record_queries)

    def account() -> tuple[float, int]:
        return sim.account.state.cash, len(sim.account.trades)

    recorder = Recorder(executor, journal, guard, job.limits, account, sim.provider)
    start_standard_processes(sim, recorder, task.sources)
    sim.start()
    step = sim.env.step
    while not sim.is_over:
        step()
    recorder.finish(whole=True)


def _call(task: CallJob, job: Job, executor: SourceExecutor, journal: Journal, guard: TimeGuard) -> None:
    data = task.data
    recorder = Recorder(
        executor, journal, guard, job.limits, lambda: (0.0, 0), HistoricalDataProvider(MarketHistory({}))
    )
    with suppress(ProgramFailed):  # the journal has it
        recorder.start(lambda: data.timestamp)
        recorder.execute(data)
    recorder.finish(whole=True)
