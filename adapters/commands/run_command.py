"""``perpsim run``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import click

from engine import BacktestConfig, BacktestResult, Simulation, validate_program
from engine.errors import Problem
from engine.profiles import PROFILES
from processes import OtherRules, ProgramBacktestEngine, trusted_executor

from .. import results, signals  # a name of them is imported when it is used
from ..configuration import ConfigFile, read_config_file
from ..database import open_database
from ..market import load_market
from ..output import require_matplotlib
from ..runs import Interruption, ended_by_signals, hearing, no_bars, run_progress
from ..sandbox import Sandbox, limited_memory
from ..terminal import (
    FAILED,
    INPUT_FILE,
    INTERRUPTED,
    OUTPUT_FILE,
    OUTPUT_OR_DASH,
    STANDARD_OUTPUT,
    by_option,
    database_option,
    keeping_everything,
    picture_file,
    require_one_for_standard_output,
    tell_failure,
    writable_file,
)
from .run_ending import RunEnding

#: How long a database may take for each answer after Ctrl-C.
_LAST_S = 3.0


def _label(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    try:
        return None if text is None else results.checked_label(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _require_fit_files(paths: tuple[Path | None, ...], shown: Path | bool | None) -> None:
    require_one_for_standard_output(paths)
    if shown == STANDARD_OUTPUT:
        raise click.UsageError("--open needs a file: leave --report - out")


def _file_option(
    name: str, text: str, check: Callable[..., Path | None] = writable_file
) -> Callable[..., Callable[..., None]]:
    kind = OUTPUT_FILE if check is picture_file else OUTPUT_OR_DASH
    return click.option(name, type=kind, callback=check, metavar="FILE", help=text)


@click.command("run")
@click.argument("config", type=INPUT_FILE, metavar="CONFIG.toml")
@database_option
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the file; repeatable.")
@click.option("--profile", type=click.Choice(list(PROFILES)), help="Run as the live platform does; keys given win.")
@_file_option("--json", "Write the result as JSON; FILE may be -, standard output, here and for all but --plot.")
@_file_option("--trades", "Write the closed trades as CSV.")
@_file_option("--equity-csv", "Write the equity at every minute as CSV.")
@_file_option("--records", "Write the series that the program recorded as CSV.")
@_file_option("--journal", "Write every message of the run as a line with its cause, its rule and its row of the data; "
              "a stored result keeps it, too.")  # fmt: skip
@_file_option(
    "--plot", "Draw equity, drawdown, prices with trades and what was recorded (png, svg or pdf).", picture_file
)
@_file_option("--report", "Write the report: an HTML file with charts and tables.")
@click.option(
    "--open", "is_shown", is_flag=True, help="Show the report in the browser; without --report a temporary file."
)
@click.option("--save", is_flag=True, help="Store the result and its trigger log in the database.")
@click.option("--results", "results_url", metavar="URL", help="Store them in this database instead; implies --save.")
@click.option("--label", callback=_label, metavar="TEXT", help="What the stored result is called in lists.")
@click.option("--all-triggers", is_flag=True, help=f"{results.ALL_TRIGGERS} Of JSON and of what is stored.")
@click.option("--queries", is_flag=True, help="Keep what each trigger asked, with the answers, in the log.")
@click.option(
    "--range/--no-range",
    "pnl_range",
    default=True,
    help="Where klines touched two exits, run again by the other rules for them and say the range. On by default.",
)
@click.option("--no-timing", is_flag=True, help="Leave the run time out of JSON and report: same run, same bytes.")
@click.option("--trust", is_flag=True, help="Run the program in this process: for programs of your own only.")
@by_option
@click.option("--quiet", is_flag=True, help="No table and no progress bar.")
def run_backtest(
    config: Path,
    database_url: str,
    overrides: tuple[str, ...],
    profile: str | None,
    json: Path | None,
    trades: Path | None,
    equity_csv: Path | None,
    records: Path | None,
    journal: Path | None,
    plot: Path | None,
    report: Path | None,
    is_shown: bool,
    save: bool,
    results_url: str | None,
    label: str | None,
    all_triggers: bool,
    queries: bool,
    pnl_range: bool,
    no_timing: bool,
    trust: bool,
    by: tuple[str, ...],
    quiet: bool,
) -> None:
    """Back-test the program of CONFIG.toml on the klines in a database.

    The keys of the file are those that perpsim fields lists; strategy = "FILE" names the program's source text,
    relative to the file; the table [params] goes to its init. Values of --set are TOML, or else plain text.

    The program runs in a sandbox, a process that can reach nothing but the market, unless --trust says otherwise.

    Ctrl-C ends the run with the statistics up to then. Exit status: 0 success, 1 the run failed, could not be started,
    or something could not be shown, written or stored, 2 wrong usage, 70 a defect of perpsim, 130 interrupted.
    """
    if label is not None and not (save or results_url):
        raise click.UsageError("--label is of a stored result: add --save, or --results URL")
    if plot is not None:
        require_matplotlib()
    _require_fit_files((json, trades, equity_csv, records, journal, report), is_shown and report)
    pools: tuple[Any, Any] = ((), ())
    source = read_config_file(config, overrides if profile is None else (*overrides, f"profile={profile}"))
    with ExitStack() as stack:
        if quiet:
            stack.enter_context(no_bars())
        if not trust:
            stack.enter_context(limited_memory())
        sandbox = None if trust else stack.enter_context(Sandbox())
        with _problems_of(source, sandbox) as found, keeping_everything():
            database = open_database(database_url, read_only=True)
            if source.config.signal_pool_ids:
                pools = signals.load_pool_sources(database, source.config)
            market = load_market(database, source.config)
            for remark in source.remarks(found.result()):
                click.echo(f"Note: {remark}", err=True)
        saving: AbstractContextManager[results.StoredRun | None] = nullcontext()
        if save or results_url is not None:
            store = results.ResultStore(open_database(results_url or database_url))
            keeps = {"all_triggers": all_triggers, "journal": journal is not None}
            saving = store.saving(source.config, label=label, **keeps)
        files = (json, trades, equity_csv, records, journal, plot, report)
        ending = RunEnding(source, market, *files, is_shown, not no_timing, all_triggers, not quiet, by)
        engine = ProgramBacktestEngine(market, *pools, executor_for=sandbox.executor if sandbox else trusted_executor)
        with ended_by_signals(partial(_leave, ending)) as interruption, hearing(_LAST_S):
            with saving as ending.saved:
                result = ending.whole = _run(source, engine, interruption, ending, quiet, queries)
            others = OtherRules(source.config if pnl_range else None)
            result = others.told_in(result, partial(_run_again, engine, interruption, quiet))
            is_delivered = ending.finish(result)
    succeeded = result.success and is_delivered
    click.get_current_context().exit(INTERRUPTED if result.interrupted else 0 if succeeded else FAILED)


@contextmanager
def _problems_of(source: ConfigFile, sandbox: Sandbox | None) -> Iterator[Future[list[Problem]]]:
    """Look at the program, in the sandbox where there is one, which starts while the market is loaded."""
    validate = validate_program if sandbox is None else sandbox.validate
    with ThreadPoolExecutor(1) as background:
        yield background.submit(validate, source.config.code or "", source.config.language)


def _run(
    source: ConfigFile,
    engine: ProgramBacktestEngine,
    interruption: Interruption,
    ending: RunEnding,
    quiet: bool,
    queries: bool,
) -> BacktestResult:
    saved = ending.saved

    def prepare(simulation: Simulation) -> None:
        interruption.watch(simulation)
        if saved is not None:
            saved.watch(simulation)

    with nullcontext() if quiet else run_progress(source.config) as report:

        def on_report(simulation: Simulation) -> None:
            if saved is not None:
                saved.save_triggers()
            if report is not None:
                report(simulation)

        return engine.run(source.config, on_report, prepare, queries, record_journal=ending.journal is not None)


def _run_again(
    engine: ProgramBacktestEngine, interruption: Interruption, quiet: bool, config: BacktestConfig
) -> BacktestResult:
    with nullcontext() if quiet else run_progress(config, f"{config.intrabar} ") as report:
        return engine.run(config, report, interruption.watch)


def _leave(ending: RunEnding, simulation: Simulation) -> NoReturn:
    """Deliver what there is and end the process from inside a program that cannot be made to come back."""
    simulation.stop(interrupted=True)
    click.echo("\x1b[?25h" * sys.stderr.isatty(), err=True, nl=False)  # the progress bar has hidden it
    try:
        ending.finish(ending.whole or simulation.result())
    except Exception as error:
        tell_failure(click.get_current_context(), error)
    finally:
        os._exit(INTERRUPTED)
