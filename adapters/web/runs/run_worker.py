"""The process that runs one back-test for the server: ``python -m adapters.web.runs.run_worker``.

It reads its job, one line of JSON, from standard input, stores the run in the database, and writes what happens to
standard output, one JSON event a line. SIGINT, SIGTERM and SIGHUP cancel the run; so does the end of standard input,
which means that the server is gone. Nothing that it computes passes through the server.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import Any, NoReturn

from engine import BacktestConfig, BacktestResult, PerpsimError, Simulation
from processes import OtherRules, ProgramBacktestEngine

from ...database import Database, open_database
from ...market import load_market
from ...results import FIGURE_COLUMNS, PATIENCE_S, StoredRun
from ...runs import ENDINGS, Interruption, ended_by_signals, interruptible, let_go
from ...sandbox import Sandbox, limited_memory
from .expected_triggers import known_triggers, trigger_total

CANCELLED = "cancelled"
SERVER_GONE = "the server ended during the run"
_TICK_S = 0.25


class Channel:
    """Standard output as a stream of events; whatever else writes there goes to standard error instead."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, event: str, **data: Any) -> None:
        """Write one event; a server that is gone does not hear it."""
        with self._lock:
            try:
                self._out.write(json.dumps({"event": event, "data": data}) + "\n")
                self._out.flush()
            except BrokenPipeError:
                return


class Progress:
    """Sends how far a simulation has come every quarter of a second, however slow the program is; of a further run by
    another `rule` for ambiguous klines also which.
    """

    def __init__(self, channel: Channel, total: int, rule: str | None = None) -> None:
        self._channel, self._total, self._rule = channel, total, {} if rule is None else {"rule": rule}
        self._noted: dict[str, Any] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, simulation: Simulation) -> None:
        """Name the simulation, and begin."""
        self._noted = {"equity": simulation.config.initial_balance, "time": simulation.start_ms, "done": 0}
        self._thread = threading.Thread(target=self._tick, args=(simulation,), daemon=True)
        self._thread.start()

    def report(self, simulation: Simulation) -> None:
        """Note how far it is: only the simulation's own thread may ask, so that all of it is of one instant."""
        done = len(simulation.trigger_log)
        self._noted = {"equity": simulation.account.equity(), "time": simulation.now, "done": done}

    def end(self) -> None:
        """Send no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _tick(self, simulation: Simulation) -> None:
        began = time.monotonic()
        while not self._over.wait(_TICK_S):
            noted, span = self._noted, simulation.end_ms - simulation.start_ms
            simulation.report_soon()  # for the next time
            done, at = noted["done"], noted["time"]
            self._channel.send(
                "progress",
                current=done,
                total=max(self._total, done),
                equity=noted["equity"],
                time=at,
                percent=round(100.0 * (at - simulation.start_ms) / span, 3),
                triggers_per_second=round(done / (time.monotonic() - began), 1),
                **self._rule,
            )


class Job:
    """One run, from its configuration to its stored result."""

    def __init__(self, channel: Channel, entry: dict[str, Any]) -> None:
        self._channel = channel
        self._database: Database = open_database(entry["database"])
        self._stored = StoredRun(self._database, entry["id"], entry["all_triggers"])
        self._config = BacktestConfig.from_dict(entry["config"])
        self._whole: BacktestResult | None = None
        self.gone = threading.Event()

    def run(self) -> None:
        """Run and store; what goes wrong is stored as the run's error and sent as the last event."""
        try:
            self._stored.take_over()
            with Sandbox(most_runs=1) as sandbox:  # it starts while the market is loaded
                self._deliver(self._compute(sandbox))
        except KeyboardInterrupt as error:
            let_go(error)
            self._fail(self._why_cancelled())
        except PerpsimError as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"perpsim failed: {type(error).__name__}: {error}")
            raise

    def _compute(self, sandbox: Sandbox) -> BacktestResult:
        config = self._config
        self._channel.send("calculating")
        market = load_market(self._database, config)
        sources, warnings = known_triggers(self._database, market, config)
        total = trigger_total(config, sources)
        span = {"start_time": config.start_ms, "end_time": config.end_ms}
        self._channel.send("init", total=total, total_triggers=total, **span)
        progress = Progress(self._channel, total)
        engine = ProgramBacktestEngine(market, sources, warnings, sandbox.executor)

        def on_report(simulation: Simulation) -> None:
            self._stored.save_triggers()
            progress.report(simulation)

        with ended_by_signals(self._last_resort) as interruption:

            def prepare(simulation: Simulation) -> None:
                self._stored.watch(simulation)
                interruption.watch(simulation)
                progress.watch(simulation)

            try:
                self._whole = engine.run(config, on_report, prepare, record_queries=True)
            finally:
                progress.end()
            return OtherRules(config).told_in(self._whole, partial(self._again, engine, interruption, total))

    def _again(
        self, engine: ProgramBacktestEngine, interruption: Interruption, total: int, config: BacktestConfig
    ) -> BacktestResult:
        """Make a further run by another rule for ambiguous klines."""
        progress = Progress(self._channel, total, config.intrabar)

        def prepare(simulation: Simulation) -> None:
            interruption.watch(simulation)
            progress.watch(simulation)

        try:
            return engine.run(config, progress.report, prepare)
        finally:
            progress.end()

    def _deliver(self, result: BacktestResult) -> None:
        self._hear_no_more()
        if result.interrupted:
            self._channel.send("stopping")
        self._stored.complete(result, PATIENCE_S)
        if result.interrupted:
            self._stored.fail(self._why_cancelled())
            self._channel.send("error", message=self._why_cancelled(), cancelled=True)
        elif not result.success:
            self._channel.send("error", message=result.error, cancelled=False)
        else:
            self._channel.send("complete", **{name: getattr(result, name) for name in FIGURE_COLUMNS})

    def _last_resort(self, simulation: Simulation) -> NoReturn:
        """Store what there is and end the process from inside a program that cannot be made to come back."""
        simulation.stop(interrupted=True)
        try:
            self._deliver(self._whole or simulation.result())
        except PerpsimError as error:
            self._fail(str(error))
        finally:
            os._exit(0)

    def _hear_no_more(self) -> None:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)  # what there is, is stored whole

    def _why_cancelled(self) -> str:
        return SERVER_GONE if self.gone.is_set() else CANCELLED

    def _fail(self, message: str) -> None:
        self._hear_no_more()
        self._stored.note_failure(message)
        self._channel.send("error", message=message, cancelled=message in (CANCELLED, SERVER_GONE))


def watch_server(gone: threading.Event) -> None:
    """Interrupt this process at the end of standard input, where nothing else comes from, and set an event before."""
    while os.read(0, 1):  # not through sys.stdin, whose lock a daemon thread must not hold at the end
        continue
    gone.set()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Do the job that stands on standard input."""
    channel = Channel()
    job = Job(channel, json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=watch_server, args=(job.gone,), daemon=True).start()
    with limited_memory(), interruptible():
        job.run()


if __name__ == "__main__":
    main()
