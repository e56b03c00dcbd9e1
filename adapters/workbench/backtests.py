"""A back-test in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext, redirect_stdout
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from engine import BacktestConfig, BacktestResult, ExecutionModels, MarketData, MarketHistory, Simulation, VenueRules
from engine.result import PnlRange
from processes import ExecutorFor, OtherRules, ProgramBacktestEngine, TriggerSource, trusted_executor

from ..database import Database, open_database
from ..report import with_prices
from ..results import ResultStore, StoredRun
from ..runs import long_steps_shown, no_bars, run_progress
from ..sandbox import Sandbox
from ..trials import Ground, Job
from .certify_call import certified, certify_options
from .given_data import GivenFrames
from .given_input import given_ground
from .workspace import Workspace

if TYPE_CHECKING:
    import pandas


Finish: TypeAlias = Callable[[BacktestResult], BacktestResult]

_MAY_REMEMBER = "an object, and what `prepare` adds, may remember the run: pnl_range=True makes the others all the same"


class Program(Protocol):
    """What is back-tested: any object with this method, or the class of one."""

    def should_trade(self, data: MarketData) -> Any:
        """Return what to do now: a `Decision`, several, or None."""


def backtest(
    data: pandas.DataFrame | Mapping[str, pandas.DataFrame] | MarketHistory | Database | Workspace | str | Path,
    strategy: type[Program] | Program | str | Path,
    *,
    period: str | None = None,
    funding: Any = None,
    flow: Any = None,
    mark: Any = None,
    features: Mapping[str, Any] | None = None,
    signals: Sequence[TriggerSource] = (),
    models: ExecutionModels | None = None,
    rules: VenueRules | None = None,
    prepare: Callable[[Simulation], None] | None = None,
    trust: bool = False,
    progress: bool = True,
    pnl_range: bool | None = None,
    save: str | Path | Database | Workspace | None = None,
    record_journal: bool = False,
    certify: bool | Mapping[str, Any] = False,
    **fields: Any,
) -> BacktestResult:
    """Back-test a program and return its result.

    `data` is a pandas frame of klines (its symbol is that of `symbols=`, else "ASSET"), a dict of them by symbol (see
    `MarketHistory.from_frames`, also for `period`, `funding`, `flow` and `mark`), a `MarketHistory`, or a database: its
    URL, the path of an SQLite file, or what `perpsim.open` gives. `features` are data of one's own by name.

    `strategy` is a class or an object with `should_trade`, which runs in this process; or source text, or the path of a
    .py file, which run in a sandbox, or with `trust` in this process.

    `fields` are those of `BacktestConfig`, which `help(BacktestConfig)` explains: `params`, `initial_balance`,
    `fee_rate`, `venue`, ... Symbols, base period, start and end are those of the data where they are not given, and the
    program is called at every kline unless `scheduled_interval`, `signal_pool_ids`, `wake_on` or `signals` says when.
    `funding` as true or false is the field of that name.

    `signals`, `models` and `rules` are as `ProgramBacktestEngine` takes them, `prepare` gets the simulation before it
    starts. `progress` shows a bar in a terminal or a notebook. `save` is a database that keeps the result, or its URL
    (`perpsim.results` gives it back). `record_journal` keeps every message of the run, as `result.journal`, and in the
    database too: a line each, with its cause, its rule and its row of the data. `certify` proves what can be proved of
    the result, as `perpsim.certify` does (with options of it, as in certify={"cuts": 10, "postgresql": url}): its
    certificate is in `result.certificate`, as plain values, in its report, and in what `save` keeps of it.

    Where klines touched two exits of one entry the run is made again by the other rules for them, and the result says
    between which amounts its net PnL lies (`pnl_low`, `pnl_high`): with `pnl_range` as None unless the program is an
    object or there is a `prepare`, which may remember a run; as true also then, as false never. An object is copied for
    it, and what a program of one's own prints there is dropped.

    The result keeps what its chart needs of the prices, and no market.

    Raises `ConfigurationError`, `DataError` and `ProgramError` before anything runs; what the program does wrong later
    is in the result.
    """
    options, frames = certify_options(certify), GivenFrames(period, funding, flow, mark)
    config, market, sources, warnings, _ = given_ground(data, strategy, frames, features, signals, fields)
    with ExitStack() as stack:
        executor = _executor(config, trust, stack)
        engine = ProgramBacktestEngine(market, sources, warnings, executor, models, rules)
        finished = _finished_by(engine, config, prepare, progress, pnl_range)
        run = partial(engine.run, config, record_journal=record_journal or bool(certify))
        with run_progress(config) if progress else nullcontext() as report:
            saved = None
            if save is None:
                result = finished(run(report, prepare))
            else:
                result, saved = _saved(run, config, report, prepare, save, finished, record_journal or bool(certify))
        if result.recording is not None:
            result.recording.let_go()
    if certify and not result.interrupted:
        job = Job(config, {"": Ground(market, sources, warnings)}, trust, models=models, rules=rules, prepare=prepare)
        with long_steps_shown() if progress else no_bars():
            result = replace(result, certificate=certified(job, result=result, **options).to_dict())
        if saved is not None:
            saved.certify(result.certificate)
    return with_prices(result, market)


def _finished_by(
    engine: ProgramBacktestEngine,
    config: BacktestConfig,
    prepare: Callable[[Simulation], None] | None,
    progress: bool,
    pnl_range: bool | None,
) -> Finish:
    """Return what tells a result its range, where that is wanted; to be called before the run."""
    is_object = config.code is None and not isinstance(config.strategy, type)
    is_wanted = not (is_object or prepare is not None) if pnl_range is None else pnl_range
    if not is_wanted and pnl_range is None:
        return lambda result: PnlRange.unknown(result, _MAY_REMEMBER) if result.ambiguous_klines else result
    others = OtherRules(config if is_wanted else None)

    def again(other: BacktestConfig) -> BacktestResult:
        prints = nullcontext() if other.code is not None else redirect_stdout(StringIO())
        with run_progress(other, f"{other.intrabar} ") if progress else nullcontext() as report, prints:
            return engine.run(other, report, prepare)

    return lambda result: others.told_in(result, again)


def _executor(config: BacktestConfig, trust: bool, stack: ExitStack) -> ExecutorFor | None:
    """Return what asks the program: source text is locked up unless it is trusted."""
    if config.code is None:
        return None
    return trusted_executor if trust else stack.enter_context(Sandbox()).executor


def _saved(
    run: Callable[..., BacktestResult],
    config: BacktestConfig,
    report: Callable[[Simulation], None] | None,
    prepare: Callable[[Simulation], None] | None,
    save: str | Path | Database | Workspace,
    finished: Finish,
    journal: bool,
) -> tuple[BacktestResult, StoredRun]:
    """Run and store the result and its trigger log in a database, and the `journal`, if one is kept; return where that
    is, too.
    """
    store = save.database if isinstance(save, Workspace) else save
    database = store if isinstance(store, Database) else open_database(store)
    with ResultStore(database).saving(config, journal=journal) as saved:

        def watch(simulation: Simulation) -> None:
            saved.watch(simulation)
            if prepare is not None:
                prepare(simulation)

        def save_and_report(simulation: Simulation) -> None:
            saved.save_triggers()
            if report is not None:
                report(simulation)

        result = finished(run(save_and_report, watch))
        saved.complete(result)
    return result, saved
