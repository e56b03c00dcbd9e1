"""The sandbox: runs programs that nobody vouches for, each in a locked-down process of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, Any

from engine import ConfigurationError, HistoricalDataProvider, Language, MarketData, Simulation, SimulationError
from engine.account import MarginRules
from engine.errors import Problem
from engine.market.flow import own_metrics
from engine.market.past import symbol_facts
from engine.program import Answer, ProgramExecutor, what_is_asked
from processes import make_executor

if TYPE_CHECKING:  # who is woken by no signals needs nothing of them
    from processes import TriggerSource

from .arena import Arena
from .jailed_executor import JailedExecutor, problems_found
from .jailed_process import WorkerProcess
from .job import MEBIBYTE, Job, MarketFacts, SandboxLimits
from .shown_market import ShownMarket
from .turnstile import Turnstile
from .walls import jail_problem, unused_uid
from .zygote_client import ZygoteClient

#: What the validation of a program may take.
_VALIDATION_S, _VALIDATION_BYTES = 2.0, 256 * MEBIBYTE
#: What the zygote, and libraries that programs import, take beside.
_ZYGOTE_BYTES = 1 << 30
_PLAIN = (bool, int, float, str, bytes, date, time, type(None))


class Sandbox:
    """Runs programs under `limits`, at most `most_runs` at a time (default: the number of processors).

    ``ProgramBacktestEngine(market, signals, sandbox.executor)`` uses it for source text; further runs wait in the order
    in which they came, for at most `queue_s`. Raises `SandboxUnavailable` where the machine has no jail: there is no
    running without. Use it as a context, or `close` it.
    """

    def __init__(
        self, limits: SandboxLimits | None = None, most_runs: int | None = None, queue_s: float | None = None
    ) -> None:
        problem = jail_problem()
        if problem is not None:
            raise SandboxUnavailable(problem)
        self.limits = limits or SandboxLimits()
        self.turnstile = Turnstile(most_runs or os.cpu_count() or 1)
        self._queue_s = queue_s
        self._lock = threading.Lock()
        self._zygote: ZygoteClient | None = self._new_zygote()
        self._is_closed = False

    def executor(self, simulation: Simulation, signals: Sequence[TriggerSource] = ()) -> ProgramExecutor:
        """Return what asks the configured program of a simulation: a worker for source text, which starts at once.

        Strategy classes and objects are the user's own code and run in this process.
        """
        config = simulation.config
        if config.code is None:
            return make_executor(config)
        asked = simulation.provider, simulation.exchange.margins
        fresh = config.strategy_lifetime == "trigger"
        return self._start(config.code, config.params, *asked, config.language, fresh, simulation.is_alone)

    def execute(
        self, code: str, market_data: MarketData, params: Mapping[str, Any], language: Language = "python"
    ) -> Answer:
        """Ask a program once: construct it with `params` and return what it decides on `market_data`, which `view_at`
        of `engine.program` makes.

        Raises `ProgramError` when the text cannot be used and `StrategyError` for everything else that it does wrong.
        """
        *_, provider, margins, _, _ = what_is_asked(market_data)
        executor = self._start(code, params, provider, margins, language)
        try:
            executor.start(lambda: market_data.timestamp)
            return executor.execute(market_data)
        finally:
            executor.finish(whole=False)

    def _start(
        self,
        code: str,
        params: Mapping[str, Any],
        provider: HistoricalDataProvider,
        margins: MarginRules,
        language: Language,
        fresh: bool = False,
        one_processor: bool = False,
    ) -> JailedExecutor:
        _require_plain(params)
        market, limits = provider.market, self.limits
        facts = MarketFacts(
            tuple(symbol_facts(market)), market.regime, margins, provider.mark_stale_ms, tuple(own_metrics())
        )
        job = Job(code, dict(params), limits, facts, language, fresh, provider.records_queries)
        with ExitStack() as kept:
            place = self._place(kept)
            shown = ShownMarket(market, limits.derived_bytes)
            kept.callback(shown.close)
            worker = WorkerProcess(self._living_zygote(), job, shown.descriptor, unused_uid(place))
            kept.pop_all()
        executor = JailedExecutor(worker, job, shown, provider, partial(self.turnstile.leave, place))
        if one_processor:
            worker.share_processor()
        return executor

    def validate(self, code: str, language: Language = "python") -> list[Problem]:
        """Return every problem of a program's text, as `validate_program` does, found in the sandbox: a text that
        cannot be looked at within 2 s and 256 MB has that problem.
        """
        return self.look_at(code, language, None)[0]

    def look_at(
        self, code: str, language: Language, symbols: Collection[str] | None
    ) -> tuple[list[Problem], list[Problem]]:
        """Return what `validate_program` and, unless `symbols` is None, what `find_mistakes` finds in a program's text,
        both found in the sandbox.
        """
        limits = replace(self.limits, call_s=_VALIDATION_S, grace_s=0.5, memory_bytes=_VALIDATION_BYTES)
        with ExitStack() as kept:
            place = self._place(kept)
            arena = Arena(0)
            kept.callback(arena.close)
            job = Job(code, {}, limits, None, language, symbols=None if symbols is None else tuple(symbols))
            worker = WorkerProcess(self._living_zygote(), job, arena.descriptor, unused_uid(place))
            kept.callback(worker.close)
            return problems_found(worker)

    def _place(self, kept: ExitStack) -> int:
        """Wait for a place, which is given back by `kept`."""
        place = self.turnstile.enter(self._queue_s)
        if place is None:
            raise SimulationError(f"no place in the sandbox became free within {self._queue_s:g} s")
        kept.callback(self.turnstile.leave, place)
        return place

    def _living_zygote(self) -> ZygoteClient:
        with self._lock:
            if self._is_closed:
                raise SimulationError("the sandbox was closed")
            if self._zygote is None or not self._zygote.is_alive:
                if self._zygote is not None:
                    self._zygote.close()
                self._zygote = self._new_zygote()
            return self._zygote

    def _new_zygote(self) -> ZygoteClient:
        runs = self.turnstile.places
        return ZygoteClient(self.limits.start_s, runs, runs * self.limits.memory_bytes + _ZYGOTE_BYTES)

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
            "own there is --trust (in Python: trust=True of backtest, or executor_for=trusted_executor)"
        )
        super().__init__([text])


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
