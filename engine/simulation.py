"""One simulated account on a market: the environment, the bus, the resources, and the processes that act."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import repeat
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar

from simpy import Environment, Event

from .account import VirtualAccount
from .config import BacktestConfig
from .disturbance import FaultRun, ProgramLink, changed_markets
from .errors import ConfigurationError, DataError, SimulationError
from .exchange import ExecutionSimulator
from .faults import Fault, FaultPlan, plans_of
from .instants import utc_text
from .journal import Recorded, RecordedBus, RecordedExchange, Recorder, Recording, start_of
from .kernel import (
    AFTER_ALL,
    Alarm,
    Bus,
    Clock,
    IntegerEnvironment,
    Moment,
    Phase,
    ProcessTable,
    Progress,
    Subscription,
    announcement_problem,
    rarely_collecting,
)
from .market import MarketHistory, SymbolHistory, symbol_coverage
from .periods import HOUR_MS, PERIOD_MS, period_name
from .plain_values import kind_of, shown
from .program import HistoricalDataProvider, ParameterReads, RecordingProvider
from .result import BacktestResult, summarize
from .triggers import TriggerRecords
from .venue import VenueRules, rules_for
from .venue.models import ExecutionModels

P = ParamSpec("P")
M = TypeVar("M")
ProcessFunction = Callable[Concatenate["Simulation", P], Generator[Event, Any, Any]]

STEPS_BETWEEN_REPORTS = 256
_ENV = "make it with Environment(initial_time=config.start_ms)"


class Simulation:
    """Owns the clock, the bus, the market, the account, the exchange and the processes of one run.

    `env` may be the environment of a host simulation: its time must be integer epoch ms, not later than the start.
    A process is a generator function whose first argument is the simulation; `process` announces it, `start` (or
    `run`) starts all of them in alphabetical order of their names, so that the order of announcing means nothing.
    The standard processes of a run (`start_standard_processes` of the room `processes`) must be among them.
    Several simulations may share one environment, each under a `name` of its own. `is_over` tells processes that the
    run has ended or was stopped: they should return. `done` is the event of that; `until_ms`, `error` and `interrupted`
    say when it was, and how. `record_queries` keeps what the program asked and was answered at each trigger in the
    trigger log, `record_journal` every message, for the journal of the result. `models` are execution models of one's
    own, and `rules` a venue's rules of one's own, in place of what the configuration names.
    """

    def __init__(
        self,
        market: MarketHistory,
        config: BacktestConfig,
        env: Environment | None = None,
        name: str = "main",
        record_queries: bool = False,
        models: ExecutionModels | None = None,
        rules: VenueRules | None = None,
        record_journal: bool = False,
    ) -> None:
        self.name = name
        #: Whether nobody else's processes run in its environment.
        self.is_alone = env is None
        _require_parts(market, config, env, models, rules)
        self.env = IntegerEnvironment(config.start_ms) if env is None else env
        problems = [*_clock_problems(self.env, config), *_market_problems(market, config)]
        if problems:
            raise ConfigurationError(problems)
        if config.strict_data:
            _require_whole_data(market, config)
        asked_ms, config = config.end_ms, _ending_with_data(market, config)
        self.config = config
        self.start_ms, self.end_ms = config.start_ms, config.end_ms
        self.clock = Clock.of(self.env)
        plans = plans_of(config.faults, config.symbols, self.start_ms, self.end_ms)
        market, told, touched = changed_markets(market, plans, config.mark_stale_ms)
        self.market = market
        recording = RecordingProvider(told, config.mark_stale_ms) if record_queries else None
        self.trigger_log = TriggerRecords(recording)
        #: What keeps the messages of the run for its journal, if anything does.
        self.recorder = Recorder(self.clock, self.trigger_log.times) if record_journal else None
        self.bus = Bus(self.clock) if self.recorder is None else RecordedBus(self.clock, self.recorder)
        self.provider = recording or HistoricalDataProvider(told, config.mark_stale_ms)
        #: What goes wrong in the run, in the order of the configuration.
        self.faults = self._fault_runs(plans, touched)
        #: The way from the exchange to the program.
        self.link = ProgramLink(self.clock, self.end_ms)
        rules = rules_for(config) if rules is None else rules
        bounds_losses = config.liquidation and config.margin_mode == "isolated"
        self.account = VirtualAccount(
            self.clock, config.initial_balance, self.margin_price, rules.instruments, bounds_losses
        )
        self._models = models or ExecutionModels()
        self.exchange = self._new_exchange(rules)
        self._began: dict[str, Any] | None = None
        self.warnings = [*rules.assumptions, *_cut_short(asked_ms, self.end_ms)]
        self.strategy_errors = 0
        #: How often the program asked to be woken at a time that was not after its present.
        self.late_wakes = 0
        #: Which parameters the program has read; None until it was started.
        self.parameters: ParameterReads | None = None
        self.done: Event = Event(self.env)
        #: The processes that were announced, by name.
        self.processes: dict[str, Callable[..., Any]] = {}
        self._table = ProcessTable(self.clock, name, self.stop)
        self.is_over = False
        self._started = False
        self._expect_start()
        self.until_ms = config.start_ms
        self.error: str | None = None
        self.interrupted = False
        self._leave = self._pause = False
        self._starts: Random | None = None
        self._ties: Random | None = None

    def _fault_runs(self, plans: Iterable[FaultPlan], touched: Mapping[Any, int]) -> tuple[FaultRun, ...]:
        return tuple(FaultRun(plan, self.bus, self.clock, self.at, self.end_ms, touched) for plan in plans)

    def _new_exchange(self, rules: VenueRules) -> ExecutionSimulator:
        make = ExecutionSimulator if self.recorder is None else RecordedExchange
        complete = self._models.completed(self.config, rules.fee_tiers)
        return make(self.clock, self.bus, self.market, self.account, self.config, complete, rules, self.name)

    @property
    def now(self) -> int:
        """The present instant in epoch ms."""
        return self.clock.now()

    def price(self, symbol: str) -> float:
        """Return the last known price of a symbol now, 0.0 when there is none."""
        return self.price_at(symbol, self.clock.now())

    def price_at(self, symbol: str, time_ms: int) -> float:
        """Return the last price that was known at an instant, 0.0 when there was none (or no such symbol)."""
        return self.market.last_price(symbol, time_ms, self.config.mark_stale_ms)

    def margin_price(self, symbol: str) -> float:
        """Return the price that a symbol's margin is judged at now, 0.0 when there is none."""
        return self.market.margin_price(symbol, self.clock.now(), self.config.mark_stale_ms)

    def at(self, time_ms: int, phase: Phase = Phase.MARKET_DATA) -> Moment:
        """Return the event of an instant and phase: ``yield sim.at(t)``; ranked by the name of the process."""
        return self.clock.at(time_ms, phase, self._table.active_rank())

    def alarm(self, phase: Phase) -> Alarm:
        """Return an alarm that rings in a phase: for a process whose next instant may move."""
        return Alarm(self.clock, phase)

    def progress(self) -> Progress:
        """Return what watches over the loop of the process that asks: ``progress.check(state)`` after each ring."""
        process = self.env.active_process
        return Progress(self.clock, "" if process is None else process.name)

    def subscribe(self, message_type: type[Any], phase: Phase | None = None) -> Subscription[Any]:
        """Return an inbox for messages of a type: ``messages = yield inbox.batch()``."""
        return self.bus.subscribe(message_type, phase, self._table.active_rank())

    def announce(
        self, message_type: type[M], upcoming: Iterable[tuple[int, Sequence[M]]], phase: Phase = Phase.MARKET_DATA
    ) -> Event:
        """Publish messages at instants that are known ahead, ranked by the name of the process; see `Bus.announce`.

        ``yield sim.announce(...)`` waits until all are said, or the run is over.
        """
        return self.bus.announce(message_type, upcoming, phase, self._table.active_rank())

    def process(self, function: ProcessFunction[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Announce a process under its function's name; see `process_named`."""
        name = getattr(function, "__name__", None)
        if name is None and callable(function):
            raise SimulationError(f"{function!r} has no name: announce it with sim.process_named(name, function, ...)")
        self.process_named(name or "", function, *args, **kwargs)

    def process_named(self, name: str, function: ProcessFunction[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Announce a process, or start it at once when the simulation runs already. Names must be unique.

        Raises `SimulationError` for what cannot be a process. An exception in it ends the run, and is raised as
        `ProcessFailed` where the environment is run.
        """
        self._announce(name, function, args, kwargs, is_standard=False)

    def standard_process(self, name: str, function: ProcessFunction[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Announce a process without which nothing would happen in the run, such as what asks the program: an
        exception in it is raised as it is. See `process_named`.
        """
        self._announce(name, function, args, kwargs, is_standard=True)

    def _announce(self, name: str, function: ProcessFunction[P], args: Any, kwargs: Any, is_standard: bool) -> None:
        problem = announcement_problem(name, function, self, args, kwargs)
        if self.is_over and problem is None:
            problem = f"process {name!r} cannot be started: simulation {self.name!r} has ended"
        if problem is not None:
            raise SimulationError(f"{problem} (at {utc_text(self.now)})")
        full_name = self._table.announce(name, lambda: function(self, *args, **kwargs), is_standard)
        self.processes[name] = function
        if self._started:
            self._table.start(full_name)

    def shuffle_starts(self, seed: int) -> None:
        """Start the processes in another order than the alphabet's, drawn from `seed`: nothing of a run may change."""
        self._require_unstarted("shuffle_starts")
        self._starts = Random(seed)

    def shuffle_ties(self, seed: int) -> None:
        """Let what only names, places in lists or the order of asking put in order take turns in another one, at each
        instant anew, drawn from `seed`: processes in one phase of an instant, those that wait for one, orders that
        were sent at different instants and arrive at one, sources of signals and their symbols. What depends on it
        depends on no rule of the market. What one process does at one instant keeps its order.
        """
        self._require_unstarted("shuffle_ties")
        self._ties = Random(seed)
        self.clock.shuffle(self._ties)

    @property
    def has_shuffled_ties(self) -> bool:
        """Whether what no rule puts in order is shuffled."""
        return self._ties is not None

    def in_tie_order(self, things: Iterable[M]) -> list[M]:
        """Return things of which no rule says which comes first: as they are, or shuffled (`shuffle_ties`)."""
        found = list(things)
        if self._ties is not None:
            self._ties.shuffle(found)
        return found

    def _require_unstarted(self, what: str) -> None:
        if self._started:
            raise SimulationError(f"simulation {self.name!r} runs already: call sim.{what}(seed) before it starts")

    def start(self) -> None:
        """Start the announced processes and schedule the end. A host simulation calls this before it runs.

        Raises `SimulationError` when nothing would ask the program, a second time, and when its start has passed.
        """
        if self._started:
            raise SimulationError(
                f"simulation {self.name!r} was started already: one simulation is one run, make another for another run"
            )
        if not self._table.has_standard:
            raise SimulationError(
                f"nothing asks the program of simulation {self.name!r}: call start_standard_processes(sim, "
                "make_executor(config)), both of processes, before sim.start() or sim.run()"
            )
        foreign = next((check for check in self.exchange.checks if not callable(check)), None)
        if foreign is not None:
            raise SimulationError(f"exchange.checks: {shown(foreign)} is no function check(decision, now_ms)")
        if self.now > self.start_ms:
            raise SimulationError(
                f"simulation {self.name!r} was started at {utc_text(self.now)}, after its start_time "
                f"{utc_text(self.start_ms)}: call sim.start() before its environment has come there"
            )
        self._started = True
        self._table.start_all(self._starts)
        end = self.clock.at(self.end_ms, Phase.END)
        end.callbacks.append(lambda _: self._finish())

    def configure(self, config: BacktestConfig, further: Sequence[FaultRun] = ()) -> None:
        """Let another configuration hold from now on: its models of costs and latency, its volume cap, its limits of
        the account, `warm_up`, `bracket_execution` (of exits to come) and `on_strategy_error`. In no other field may it
        differ from the one before, for of these a run has made something at its start; but it may have `faults` beside
        those that the run has: `further` are these, of `further_faults`, whose processes somebody has started.
        """
        self.begin_as(self.config)
        tiers = self.exchange.rules.fee_tiers
        before, after = (vars(self._models.completed(each, tiers)) for each in (self.config, config))
        changed = {name: model for name, model in after.items() if model != before[name]}
        self.config = config
        self.faults += tuple(further)
        self.exchange.configure(config, replace(self.exchange.models, **changed))

    def begin_as(self, config: BacktestConfig) -> None:
        """Let the journal say that the run began with another configuration than this one, which differs from it in
        nothing that matters until later.
        """
        if self.recorder is not None and self._began is None:
            self._began = start_of(config, self.exchange)

    def further_faults(self, faults: Sequence[Fault]) -> tuple[FaultRun, ...]:
        """Return faults that begin while the run goes on, beside its own, as they would go in it. Such as change rows
        of the market cannot: these are laid out at the start of a run.
        """
        config = self.config
        plans = plans_of((*config.faults, *faults), config.symbols, self.start_ms, self.end_ms)
        return self._fault_runs(plans[len(config.faults) :], {})

    def _expect_start(self) -> None:
        """Let the environment find out, when everything of the start is over, whether `start` was forgotten."""
        reminder = Event(self.env)
        reminder._ok, reminder._value = True, None
        reminder.callbacks.append(self._require_start)
        self.env.schedule(reminder, AFTER_ALL, self.start_ms - self.now)

    def _require_start(self, _: Event) -> None:
        if not self._started:
            raise SimulationError(
                f"simulation {self.name!r} was not started when its environment came to its start_time, "
                f"{utc_text(self.start_ms)}: call sim.start() before env.run()"
            )

    def run(self, report: Callable[[Simulation], None] | None = None) -> BacktestResult:
        """Start, run to the end and return the result. `report` is called every few hundred events.

        `stop` (from a report or a process) or `interrupt` (from a signal handler) ends the run early. An error of a
        process or of perpsim itself is raised.
        """
        if self.env.active_process is not None:
            raise SimulationError(
                f"sim.run() was called by process {self.env.active_process.name!r}, inside of what it would run: call "
                "sim.start() there, and wait with yield sim.done"
            )
        if report is not None and not callable(report):
            raise SimulationError(f"report: {shown(report)} is no function: it is called with the simulation")
        if not self._started:
            self.start()
        with rarely_collecting() if self.is_alone else nullcontext():
            try:
                self._step(report)
            except Exception as error:
                self._table.tell(error)
            finally:
                self.clock.leaps = iter(())
            return self.result()

    def _step(self, report: Callable[[Simulation], None] | None) -> None:
        step = self.env.step
        while not self.is_over:
            steps = repeat(True, STEPS_BETWEEN_REPORTS)
            if self.is_alone:
                self.clock.leaps = steps  # one of both kinds is taken for each
            for _ in steps:
                step()
                if self._pause:
                    break
            self._pause = False
            if self._leave and not self.is_over:
                self.stop(interrupted=True)
            if report is not None:
                report(self)

    def interrupt(self) -> None:
        """Let `run` stop, with an interrupted result, before the next event. A signal handler may call this at any
        time, in the middle of an event too: unlike `stop` it changes nothing by itself.
        """
        self._leave = True
        self.report_soon()

    def report_soon(self) -> None:
        """Let `report` of `run` be called before the next event, and not only after a few hundred: what it tells is of
        now then. Another thread may call this, too.
        """
        self._pause = True
        self.clock.leaps = iter(())

    def stop(self, error: str | None = None, interrupted: bool = False) -> None:
        """End the run after the present event; `error`, a text, makes it a failed one."""
        if error is not None and not isinstance(error, str):
            raise SimulationError(f"stop: {shown(error)} is no text: say in one sentence why the run has failed")
        self.error = self.error or error
        self.interrupted = self.interrupted or interrupted
        self._finish()

    def _finish(self) -> None:
        if self.is_over:
            return
        self.until_ms = min(max(self.clock.now(), self.start_ms + 1), self.end_ms)
        self.exchange.finish()
        self.account.check()
        self.is_over = self._leave = self._pause = True
        self.bus.withdraw()
        self.done.succeed()

    def result(self) -> BacktestResult:
        """Return the result of the run: to its end, or to where it was stopped.

        Raises `SimulationError` while it is still running: `stop` it first.
        """
        if not self.is_over:
            state = f"is still running at {utc_text(self.now)}" if self._started else "was not started"
            raise SimulationError(
                f"simulation {self.name!r} {state}: run it to its end with sim.run(), or in an environment of your own "
                "with sim.start() and env.run(until=sim.done), or stop it first with sim.stop()"
            )
        result, recorder = summarize(self), self.recorder
        if recorder is None:
            return result
        start = self._began or start_of(self.config, self.exchange)
        kept = recorder.entries, recorder.wakes, recorder.views
        return replace(result, recording=Recording(Recorded(start, self.config, self.market, self.trigger_log, *kept)))


def _cut_short(asked_ms: int, end_ms: int) -> list[str]:
    """Return the warning that a run ends before it was to."""
    if asked_ms <= end_ms:
        return []
    return [
        f"end_time: {utc_text(asked_ms)} lies after all loaded klines: the run ends with the last of them, at "
        f"{utc_text(end_ms)}"
    ]


def _require_parts(market: object, config: object, env: object, models: object, rules: object) -> None:
    """Raise `ConfigurationError` for what is no market, no configuration, no environment, no models or no rules."""
    wanted = {"market": (market, MarketHistory), "config": (config, BacktestConfig), "env": (env, Environment)}
    bundles = {"models": (models, ExecutionModels), "rules": (rules, VenueRules)}
    problems = [
        f"{name}: {kind_of(given)} is no {kind.__name__}: {name}={kind.__name__}(...)"
        for name, (given, kind) in bundles.items()
        if not (given is None or isinstance(given, kind))
    ]
    problems += [
        f"{name}: {kind_of(given)} is no {kind.__name__}: Simulation(market, config) or Simulation(market, config, env)"
        for name, (given, kind) in wanted.items()
        if not isinstance(given, kind) and not (name == "env" and given is None)
    ]
    if problems:
        raise ConfigurationError(problems)


def _clock_problems(env: Environment, config: BacktestConfig) -> list[str]:
    if type(env.now) is not int:
        return [f"env: its time is {env.now!r}, but perpsim's clock is integer milliseconds since 1970: {_ENV}"]
    if env.now > config.start_ms:
        return [f"env: its time is {env.now}, after start_time {config.start_ms}: {_ENV}"]
    return []


def _market_problems(market: MarketHistory, config: BacktestConfig) -> list[str]:
    problems = []
    for symbol in config.symbols:
        history = market.symbols.get(symbol)
        if history is None:
            known = ", ".join(market.symbols) or "none"
            problems.append(f"symbols: {symbol} is not in the market history (there: {known})")
        elif history.base.period_ms != PERIOD_MS[config.base_period]:
            finest = period_name(history.base.period_ms)
            problems.append(f"base_period: {symbol} has klines of {finest} as its finest, not of {config.base_period}")
        elif not _klines_between(history, config.start_ms, config.end_ms):
            problems.append(f"symbols: {symbol} has no klines between start_time and end_time; {_loaded(history)}")
        elif config.watch_period == "15s" and history.flow.priced is None:
            problems.append(f"watch_period: there are no 15-second rows of {symbol}; use 1m")
    return problems or _outside_problems(market, config)


def _klines_between(history: SymbolHistory, start_ms: int, end_ms: int) -> bool:
    """Whether any base kline has a part in the range."""
    base = history.base
    return base.first_opening(end_ms) > base.finished(start_ms)


def _loaded(history: SymbolHistory) -> str:
    opened, period = history.base.columns.open_ms, history.base.period_ms
    if not len(opened):
        return "none are loaded"
    return f"loaded are those from {utc_text(int(opened[0]))} to {utc_text(int(opened[-1]) + period)}"


def _outside_problems(market: MarketHistory, config: BacktestConfig) -> list[str]:
    """Return which end of the run lies too far away from all loaded klines; only with `strict_data` the later one.

    Holes between klines are no problem here, nor is a symbol that begins later or ends earlier than another.
    """
    first, last, margin = _loaded_range(market, config)
    is_late = config.strict_data and config.end_ms > last + margin
    outside = {"start_time": config.start_ms < first - margin, "end_time": is_late}
    text = f"lies outside of the loaded klines, which go from {utc_text(first)} to {utc_text(last)}"
    return [f"{name}: {text}" for name, is_outside in outside.items() if is_outside]


def _loaded_range(market: MarketHistory, config: BacktestConfig) -> tuple[int, int, int]:
    """Return when the loaded klines begin and end, and how far away the ends of a run may lie: an hour, or as long as
    prices may be old.
    """
    loaded = [market.symbols[symbol].base for symbol in config.symbols]
    first = min(int(base.columns.open_ms[0]) for base in loaded)
    last = max(int(base.columns.open_ms[-1]) + base.period_ms for base in loaded)
    return first, last, max(config.stale_ms, HOUR_MS)


def _ending_with_data(market: MarketHistory, config: BacktestConfig) -> BacktestConfig:
    """Return the configuration, with an end too far beyond the loaded klines moved to where these end: nothing can
    happen after it.
    """
    _, last, margin = _loaded_range(market, config)
    return replace(config, end_time=last) if config.end_ms > last + margin else config


def _require_whole_data(market: MarketHistory, config: BacktestConfig) -> None:
    """Raise `DataError` with every hole in the range: what is a warning otherwise."""
    found = [
        coverage.warning()
        for symbol in config.symbols
        for coverage in symbol_coverage(market.symbols[symbol], config.start_ms, config.end_ms)
    ]
    holes = [text for text in found if text is not None]
    if holes:
        raise DataError("strict_data: " + "\n".join(holes))
