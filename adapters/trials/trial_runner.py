"""Runs the trials of a job, one after another, in one process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from engine import BacktestConfig, BacktestResult, MarketHistory, PerpsimError, Simulation
from engine.disturbance import FAULT_LINE
from engine.market.series import FloatColumn, TimeColumn
from engine.program import WatchedExecutor, shown_text
from engine.result import FIGURES, Unit
from processes import ExecutorFor, ProgramBacktestEngine, trusted_executor

from .trial import Trial, TrialOutcome
from .trial_job import Ground, Job

if TYPE_CHECKING:  # who runs no source text needs no jail
    from ..sandbox import Sandbox

Prepare: TypeAlias = "Callable[[Simulation], None]"
_NO_TIMES, _NO_VALUES = np.empty(0, np.int64), np.empty(0, np.float64)
#: Figures that are single values: tables and the like are those of a run, and not kept of a trial.
KEPT_FIGURES = tuple(
    name
    for name, figure in FIGURES.items()
    if figure.unit
    in (Unit.FLAG, Unit.TEXT, Unit.MOMENT, Unit.USD, Unit.PERCENT, Unit.DURATION, Unit.RATIO, Unit.COUNT, Unit.TIMES)
)


class TrialRunner:
    """Runs trials of a job; a context, which ends the sandbox of its programs.

    A run that is interrupted raises KeyboardInterrupt, for it was Ctrl-C; not in a process `of_workers`, which hears
    none: there it was the program, and its trial has failed.
    """

    def __init__(self, job: Job, of_workers: bool = False) -> None:
        self._job, self._of_workers = job, of_workers
        self._stack = ExitStack()
        self._sandbox: Sandbox | None = None
        self._changed: tuple[Any, MarketHistory] | None = None

    def __call__(self, trials: Sequence[Trial]) -> list[TrialOutcome]:
        """Return what each trial came to; what goes wrong in one is in its outcome."""
        return [self._outcome(trial) for trial in trials]

    def result(self, trial: Trial, pnl_range: bool = False) -> BacktestResult:
        """Return the whole result of a trial, as ``perpsim run`` has it; with `pnl_range` what other rules for
        ambiguous klines make of its net PnL, too.
        """
        config = self._job.config_of(trial)  # what is wrong with it is said first
        ground = self._job.ground_of(trial)
        market = self._market(trial, ground)
        if trial.surroundings is None:
            return self._run(trial, config, ground, market, pnl_range)
        held_by = (self._job.config.strategy, *ground.signals, self._job.prepare)
        with trial.surroundings.entered(held_by, ground.market, market):
            return self._run(trial, self._job.config_of(trial), ground, market, pnl_range)

    def _run(
        self, trial: Trial, config: BacktestConfig, ground: Ground, market: MarketHistory, pnl_range: bool
    ) -> BacktestResult:
        job = self._job
        executor = self._executor(config)
        engine = ProgramBacktestEngine(market, ground.signals, ground.warnings, executor, job.models, job.rules)
        stop_ms = trial.stop_ms
        is_recorded = job.record_journal or job.keep_journal or stop_ms is not None
        report = None if stop_ms is None else _stop_after(stop_ms)
        prepare = _both(job.prepare, trial.prepare)
        return engine.run(config, report, prepare, trial.record_queries, pnl_range, is_recorded)

    def _market(self, trial: Trial, ground: Ground) -> MarketHistory:
        if trial.change is None:
            return ground.market
        key = trial.ground, trial.change
        if self._changed is None or self._changed[0] != key:
            self._changed = key, trial.change.applied(ground.market)
        return self._changed[1]

    def _executor(self, config: BacktestConfig) -> ExecutorFor | None:
        asks, answered = self._asks(config), self._job.answered
        if answered is None:
            return asks
        own = asks or trusted_executor
        return lambda simulation, signals: WatchedExecutor(own(simulation, signals), answered)

    def _asks(self, config: BacktestConfig) -> ExecutorFor | None:
        if config.code is None:
            return None
        if self._job.trust:
            return trusted_executor
        if self._sandbox is None:
            from ..sandbox import Sandbox

            self._sandbox = self._stack.enter_context(Sandbox(most_runs=1))
        return self._sandbox.executor

    def _outcome(self, trial: Trial) -> TrialOutcome:
        began = time.perf_counter()
        try:
            result = self.result(trial)
            if result.interrupted:
                raise KeyboardInterrupt
        except PerpsimError as error:
            return failed(trial.number, str(error), _ms_since(began))
        except (SystemExit, KeyboardInterrupt) as error:  # of a trusted program: it ends a run, and no study
            if not self._is_of_program(error):
                raise
            why = shown_text(error).removesuffix(": ")  # without a message
            return failed(trial.number, f"the program ended the run: {why}", _ms_since(began))
        return self._kept(trial, result, began)

    def _is_of_program(self, error: BaseException) -> bool:
        """Whether it was the program, and neither Ctrl-C nor who tells a worker to end."""
        return type(error) is SystemExit or (self._of_workers and isinstance(error, KeyboardInterrupt))

    def _kept(self, trial: Trial, result: BacktestResult, began: float) -> TrialOutcome:
        daily_ms, daily_equity = result.equity.daily()
        points, curve = self._job.curve_points, _NO_VALUES
        if points:
            curve = result.equity.equity[np.linspace(0, len(result.equity) - 1, points + 1).round().astype(np.int64)]
        return TrialOutcome(
            trial.number,
            {name: getattr(result, name) for name in KEPT_FIGURES},
            result.digest,
            result.error,
            _ms_since(began),
            daily_ms,
            daily_equity,
            curve,
            *(_closings(result) if self._job.keep_trades else (_NO_TIMES, _NO_VALUES)),
            result.journal_head if self._job.record_journal or self._job.keep_journal else None,
            self._journal(trial, result),
            len(result.liquidations),
            tuple(text for text in result.warnings if text.startswith(FAULT_LINE)),
        )

    def _journal(self, trial: Trial, result: BacktestResult) -> bytes:
        """Return what is kept of a journal."""
        journal = result.journal
        if journal is None:
            return b""
        if trial.stop_ms is not None:
            lines = journal.upto(trial.stop_ms)
            is_known = trial.known_line is not None and lines.endswith(trial.known_line + b"\n")
            return b"" if is_known else lines
        return b"".join(journal) if self._job.keep_journal else b""

    def close(self) -> None:
        """End the sandbox."""
        self._stack.close()

    def __enter__(self) -> TrialRunner:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _both(first: Prepare | None, second: Prepare | None) -> Prepare | None:
    """Return what calls one and then the other, as far as they are there."""
    if first is None or second is None:
        return first or second

    def prepare(simulation: Simulation) -> None:
        for each in (first, second):
            each(simulation)

    return prepare


def _stop_after(time_ms: int) -> Callable[[Simulation], None]:
    """Return what ends a run, with its market and its configuration as they are, when it has come past an instant."""

    def report(simulation: Simulation) -> None:
        if simulation.now > time_ms:
            simulation.stop()

    return report


def failed(number: int, error: str, duration_ms: float) -> TrialOutcome:
    """Return the outcome of a trial that came to no result."""
    return TrialOutcome(number, {}, None, error, duration_ms, _NO_TIMES, _NO_VALUES, _NO_VALUES, _NO_TIMES, _NO_VALUES)


def _closings(result: BacktestResult) -> tuple[TimeColumn, FloatColumn]:
    trades = result.trades
    return np.array([each.exit_timestamp for each in trades], np.int64), np.array([each.pnl for each in trades])


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1_000.0
