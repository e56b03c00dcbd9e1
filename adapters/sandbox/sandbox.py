"""The sandbox: runs programs that nobody vouches for, each in a locked-down process of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from engine import ConfigurationError, Decision, MarketData, Simulation, SimulationError
from engine.program import ProgramExecutor
from processes import KnownTriggers, TriggerSource, make_executor, own_parts

from .jail import jail_problem, unused_uid
from .jailed_process import WorkerProcess
from .job import CallJob, Job, RunJob, SandboxLimits
from .replay import JailedExecutor
from .turnstile import Turnstile
from .zygote_client import ZygoteClient

_PLAIN = (bool, int, float, str, bytes, date, time, type(None))


class Sandbox:
    """Runs programs under `limits`, at most `most_runs` at a time (default: the number of processors).

    ``ProgramBacktestEngine(market, signals, sandbox.executor)`` uses it for source text; further runs wait in the order
    in which they came, for at most `queue_s`. Raises `SandboxUnavailable` where the machine has no jail: there is no
    running without. `restricted=False` leaves the language policy out, to test the walls behind it. Use it as a
    context, or `close` it.
    """

    def __init__(
        self,
        limits: SandboxLimits | None = None,
        most_runs: int | None = None,
        queue_s: float | None = None,
        restricted: bool = True,
    ) -> None:
        problem = jail_problem()
        if problem is not None:
            raise SandboxUnavailable(problem)
        self.limits = limits or SandboxLimits()
        self.turnstile = Turnstile(most_runs or os.cpu_count() or 1)
        self._queue_s, self._restricted = queue_s, restricted
        self._lock = threading.Lock()
        self._zygote: ZygoteClient | None = ZygoteClient(self.limits.start_s)
        self._is_closed = False

    def executor(self, simulation: Simulation, signals: Sequence[TriggerSource] = ()) -> ProgramExecutor:
        """Return what asks the configured program of a simulation: a worker for source text, which starts at once.

        Strategy classes and objects are the user's own code and run in this process.
        """
        config = simulation.config
        if config.code is None:
            return make_executor(config)
        _require_plain(config.params)
        _refuse_own_parts(simulation)
        market, span = simulation.market, (config.symbols, config.start_ms, config.end_ms)
        sources = tuple(KnownTriggers(tuple(source.triggers(market, *span))) for source in signals)
        task = RunJob(market, config, sources, simulation.provider.records_queries)
        account = simulation.account
        return self._start(task, lambda: (account.state.cash, len(account.trades)), simulation)

    def execute(self, code: str, market_data: MarketData, params: Mapping[str, Any]) -> Decision | None:
        """Ask a program once: construct it with `params` and return what it decides on `market_data`.

        Raises `ProgramError` when the text cannot be used and `StrategyError` for everything else that it does wrong.
        """
        _require_plain(params)
        executor = self._start(CallJob(code, dict(params), market_data), lambda: (0.0, 0), None)
        try:
            executor.start(lambda: market_data.timestamp)
            return executor.execute(market_data)
        finally:
            executor.finish(whole=False)

    def _start(self, task: RunJob | CallJob, account: Any, simulation: Simulation | None) -> JailedExecutor:
        place = self.turnstile.enter(self._queue_s)
        if place is None:
            raise SimulationError(f"no place in the sandbox became free within {self._queue_s:g} s")
        try:
            worker = WorkerProcess(self._living_zygote(), Job(task, self.limits, unused_uid(place), self._restricted))
        except BaseException:
            self.turnstile.leave(place)
            raise
        provider = None if simulation is None else simulation.provider
        check = (lambda: None) if simulation is None else partial(_refuse_own_parts, simulation)
        params = task.config.params if isinstance(task, RunJob) else task.params
        return JailedExecutor(worker, account, provider, partial(self.turnstile.leave, place), check, params)

    def _living_zygote(self) -> ZygoteClient:
        with self._lock:
            if self._is_closed:
                raise SimulationError("the sandbox was closed")
            if self._zygote is None or not self._zygote.is_alive:
                if self._zygote is not None:
                    self._zygote.close()
                self._zygote = ZygoteClient(self.limits.start_s)
            return self._zygote

    def close(self) -> None:
        """End everything that still runs in it."""
        with self._lock:
            self._is_closed = True
            if self._zygote is not None:
                self._zygote.close()
                self._zygote = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class SandboxUnavailable(ConfigurationError):
    """This machine cannot lock programs up; `problem` says why."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        text = (
            f"source text runs only in a sandbox, and there is none on this machine: {problem}. For a program of your "
            "own there is --trust (in Python: executor_for=trusted_executor)"
        )
        super().__init__([text])


def _refuse_own_parts(simulation: Simulation) -> None:
    """Raise `ConfigurationError` where the worker could not repeat the run: it knows the configuration alone."""
    parts = own_parts(simulation)
    if parts:
        raise ConfigurationError(
            [
                f"code: source text in the sandbox cannot be run together with {', '.join(parts)} of your own yet: "
                "give the program as a class, or run it in this process (executor_for=trusted_executor)"
            ]
        )


def _require_plain(params: Mapping[str, Any], place: str = "params") -> None:
    """Raise `ConfigurationError` for what cannot be handed to another process: anything but plain values."""
    for key, value in params.items():
        where = f"{place}.{key}"
        if isinstance(value, Mapping):
            _require_plain(value, where)
        elif isinstance(value, (list, tuple, set, frozenset)):
            _require_plain({str(place): each for place, each in enumerate(value)}, where)
        elif not isinstance(value, _PLAIN):
            raise ConfigurationError([f"{where}: a {type(value).__name__} cannot be handed to source text"])
