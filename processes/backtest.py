"""The standard back-test: wires the standard processes and runs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from engine import (
    PERIOD_MS,
    BacktestConfig,
    BacktestResult,
    ConfigurationError,
    ExecutionModels,
    InProcessExecutor,
    MarketHistory,
    Simulation,
    SimulationError,
    SourceExecutor,
    VenueRules,
    funding_schedule,
)
from engine.kernel import rarely_collecting
from engine.plain_values import kind_of, shown
from engine.program import ProgramExecutor, WatchedExecutor

from .agent import strategy_agent
from .funding import funding_payments
from .hash_seed import HASH_SEED_WARNING, is_hash_random
from .liquidation import liquidation_watcher
from .orders import order_watcher
from .other_rules import OtherRules
from .schedule import scheduled_ticks, ticks_after_triggers
from .wake_ups import order_wake_ups

if TYPE_CHECKING:  # who is woken by no signals needs nothing of them
    from .signals import TriggerSource

ExecutorFor: TypeAlias = "Callable[[Simulation, Sequence[TriggerSource]], ProgramExecutor]"


class ProgramBacktestEngine:
    """Runs configurations on one market history.

    `executor_for` returns what asks the program of a simulation. Strategy classes and objects need none; source text
    does: `Sandbox.executor` of the adapters locks it up, `trusted_executor` runs one's own in this process.

    `signals` are the trigger sources of every run beside its schedule: `PoolSource` for each of its
    `signal_pool_ids`, and any other. `warnings` were found when these were made, and come into every result.
    `models` are execution models and `rules` the rules of a venue of one's own, in place of the configured ones.
    """

    def __init__(
        self,
        market: MarketHistory,
        signals: Sequence[TriggerSource] = (),
        warnings: Sequence[str] = (),
        executor_for: ExecutorFor | None = None,
        models: ExecutionModels | None = None,
        rules: VenueRules | None = None,
    ) -> None:
        if not isinstance(market, MarketHistory):
            raise ConfigurationError([f"market: {kind_of(market)} is no MarketHistory: load_market(...) gives one"])
        self.market = market
        self.signals = trigger_sources(signals)
        self.warnings = tuple(warnings)
        self.executor_for = executor_for or _own_objects
        self.models, self.rules = models, rules

    def run(
        self,
        config: BacktestConfig,
        report: Callable[[Simulation], None] | None = None,
        prepare: Callable[[Simulation], None] | None = None,
        record_queries: bool = False,
        pnl_range: bool = False,
        record_journal: bool = False,
    ) -> BacktestResult:
        """Run one back-test and return its result.

        `prepare` gets the simulation before it starts: the place to add processes of one's own. `report` is
        called every few hundred events. `record_queries` keeps what the program asked in the trigger log,
        `record_journal` every message, for the journal of the result. Ctrl-C ends the run with a result up to then
        (`interrupted`). With `pnl_range` a run that had ambiguous klines is made again by each other rule for them
        (with `prepare` and `report`, and a program that is an object copied), and the result has the range of the net
        PnL. Raises `ConfigurationError` and `ProgramError` before anything runs; what the strategy does wrong later is
        in the result.
        """
        others = OtherRules(config if pnl_range else None)
        result = self._run(config, report, prepare, record_queries, record_journal)
        return others.told_in(result, lambda other: self._run(other, report, prepare))

    def _run(
        self,
        config: BacktestConfig,
        report: Callable[[Simulation], None] | None,
        prepare: Callable[[Simulation], None] | None,
        record_queries: bool = False,
        record_journal: bool = False,
    ) -> BacktestResult:
        began = time.perf_counter()
        with rarely_collecting():
            # nothing here refers to the simulation, so that the look at the end finds it as the garbage that it is
            result = self._completed(self._simulation(config, prepare, record_queries, record_journal), report)
        if not result.total_triggers and result.success and not result.interrupted:
            result = replace(result, success=False, error=_no_trigger_text(config, self.signals))
        return replace(result, execution_time_ms=(time.perf_counter() - began) * 1_000.0)

    def _simulation(
        self,
        config: BacktestConfig,
        prepare: Callable[[Simulation], None] | None,
        record_queries: bool,
        record_journal: bool,
    ) -> Simulation:
        """Return the simulation of a configuration with what a user adds to it."""
        simulation = Simulation(
            self.market,
            config,
            record_queries=record_queries,
            models=self.models,
            rules=self.rules,
            record_journal=record_journal,
        )
        simulation.warnings.extend((*self.market.remarks, *self.warnings))
        if prepare is not None:
            _prepare(simulation, prepare)
        return simulation

    def _completed(self, simulation: Simulation, report: Callable[[Simulation], None] | None) -> BacktestResult:
        """Run to the end, or until Ctrl-C is pressed."""
        executor: ProgramExecutor | None = None
        result: BacktestResult | None = None
        try:
            executor = self.executor_for(simulation, self.signals)
            start_standard_processes(simulation, executor, self.signals)
            result = simulation.run(report)
        except KeyboardInterrupt:
            simulation.stop(interrupted=True)
            result = simulation.result()
        finally:
            problem = None if executor is None else executor.finish(result is not None and result.success)
        return result if problem is None else replace(result, success=False, error=problem)


def _prepare(simulation: Simulation, prepare: Callable[[Simulation], object]) -> None:
    """Let a user add processes; a process that was called and not announced would never run."""
    if not callable(prepare):
        raise ConfigurationError([f"prepare: {shown(prepare)} is no function: it is called with the simulation"])
    made = prepare(simulation)
    if isinstance(made, (Generator, Coroutine)):
        made.close()
        name = getattr(made, "__name__", "it")
        raise SimulationError(
            f"prepare gave process {name!r}, which nobody runs: announce it, with "
            f"prepare=lambda sim: sim.process({name}, ...)"
        )


def trigger_sources(signals: object) -> tuple[TriggerSource, ...]:
    """Return trigger sources, or raise `ConfigurationError` for what is none."""
    if callable(getattr(signals, "triggers", None)):
        raise ConfigurationError([f"signals: {shown(signals)} is one source: give a list, [source]"])
    if isinstance(signals, str) or not isinstance(signals, Iterable):
        raise ConfigurationError([f"signals: {shown(signals)} is no list of trigger sources"])
    found = tuple(signals)
    foreign = [each for each in found if not callable(getattr(each, "triggers", None))]
    if foreign:
        raise ConfigurationError(
            [f"signals: {shown(foreign[0])} is no trigger source, which has a method triggers: see processes/README.md"]
        )
    return found


def _require_executor(simulation: object, executor: object) -> None:
    """Raise an error for what is no simulation or no executor, and for a simulation that has one already."""
    if not isinstance(simulation, Simulation):
        raise ConfigurationError([f"simulation: {kind_of(simulation)} is no Simulation: Simulation(market, config)"])
    if "strategy_agent" in simulation.processes:
        raise SimulationError(f"the standard processes of simulation {simulation.name!r} were announced already")
    if isinstance(executor, type) or not callable(getattr(executor, "execute", None)):
        raise ConfigurationError(
            [f"executor: {kind_of(executor)} asks no program: give make_executor(config), or Sandbox().executor(sim)"]
        )


def trusted_executor(simulation: Simulation, signals: Sequence[TriggerSource] = ()) -> ProgramExecutor:
    """Return what runs the configured program in this process, source text too: for programs of one's own only."""
    return make_executor(simulation.config)


def _own_objects(simulation: Simulation, signals: Sequence[TriggerSource]) -> ProgramExecutor:
    if simulation.config.code is not None:
        raise ConfigurationError(
            [
                "code: source text runs in a sandbox: give ProgramBacktestEngine executor_for=Sandbox().executor (of "
                "adapters), or executor_for=trusted_executor for a program of your own"
            ]
        )
    return make_executor(simulation.config)


def make_executor(config: BacktestConfig) -> ProgramExecutor:
    """Return what runs the configured program; source text with problems raises `ProgramError`."""
    fresh = config.strategy_lifetime == "trigger"
    if config.code is not None:
        return SourceExecutor(config.code, config.params, fresh, config.language)
    restarts = any(fault.kind == "restart" for fault in config.faults)
    return InProcessExecutor(config.strategy, config.params, fresh, restarts)


def start_standard_processes(
    simulation: Simulation, executor: ProgramExecutor, signals: Sequence[TriggerSource] = ()
) -> None:
    """Announce the standard processes: schedule, signals, funding, liquidation, order watcher and strategy agent.

    Raises `ConfigurationError` for a configuration that names signal pools where no signals are given, and for what is
    no executor or no trigger source.
    """
    _require_executor(simulation, executor)
    signals, config = trigger_sources(signals), simulation.config
    asked = executor.inner if isinstance(executor, WatchedExecutor) else executor
    if isinstance(asked, InProcessExecutor) and is_hash_random():
        simulation.warnings.append(HASH_SEED_WARNING)
    if config.signal_pool_ids and not signals:
        raise ConfigurationError(["signal_pool_ids: the pools were not loaded (load_pool_sources does it)"])
    _start_schedule(simulation)
    if signals:
        from .signals import signal_source

        simulation.standard_process("signal_source", signal_source, signals)
    if config.wake_on:
        simulation.standard_process("order_wake_ups", order_wake_ups, config.wake_on)
    simulation.standard_process("order_watcher", order_watcher)
    if config.liquidation:
        simulation.standard_process("liquidation_watcher", liquidation_watcher)
    if config.funding:
        _start_funding(simulation)
    if simulation.faults:
        from .faults import start_faults

        start_faults(simulation, simulation.faults)
    simulation.standard_process("strategy_agent", strategy_agent, executor)


def _start_schedule(simulation: Simulation) -> None:
    config = simulation.config
    if config.interval_ms is not None:
        ticks = scheduled_ticks if config.schedule_mode == "grid" else ticks_after_triggers
        simulation.standard_process("scheduled_ticks", ticks, config.interval_ms)


def _start_funding(simulation: Simulation) -> None:
    interval = simulation.config.funding_interval or simulation.exchange.rules.funding_interval
    interval_ms = PERIOD_MS[interval]
    for symbol in simulation.config.symbols:
        rates = simulation.market.symbols[symbol].flow.funding_rate
        if rates is not None:
            schedule = funding_schedule(rates.rows, interval_ms)
            simulation.standard_process(f"funding_payments {symbol}", funding_payments, symbol, schedule)


def _no_trigger_text(config: BacktestConfig, signals: Sequence[TriggerSource]) -> str:
    pools = ", ".join(getattr(source, "name", type(source).__name__) for source in signals) or "none"
    schedule = "none" if config.scheduled_interval is None else f"every {config.scheduled_interval}"
    return f"nothing ever triggered the strategy between start and end (signal sources: {pools}; schedule: {schedule})"
