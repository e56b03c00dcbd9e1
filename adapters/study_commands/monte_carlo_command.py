"""``perpsim monte-carlo``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from engine import ConfigurationError

from .. import ensembles, results  # a name of them is imported when it is used
from ..database import open_database
from ..runs import no_bars
from ..terminal import OUTPUT_FILE, STANDARD_OUTPUT, DurationType, IdOrFileType, picture_file, written_to
from ..trials import stored_job
from ..workers import open_workers
from .study_options import StudyRequest, begin_study, with_study_options


@click.command("monte-carlo")
@click.argument("target", type=IdOrFileType(), metavar="ID|CONFIG.toml")
@click.option("--trades", type=int, metavar="N", help="N other orders of the closed trades, and N draws of them.")
@click.option("--klines", type=int, metavar="N", help="Run on N markets of recorded minutes in another order.")
@click.option("--start-shift", type=int, metavar="N", help="Run N times, begun 1 to N intervals later.")
@click.option("--costs", is_flag=True, help="Raise fee, slippage and latency, each up to break-even.")
@click.option(
    "--mean-block",
    "mean_block_ms",
    type=DurationType(),
    metavar="LENGTH",
    help="How long a block of --klines lasts on average, as in 4h or 2d; default: a day, a tenth of the range at most.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What chance is drawn with.")
@click.option(
    "--plot",
    type=OUTPUT_FILE,
    callback=picture_file,
    metavar="FILE",
    help="Draw it (svg, or with matplotlib png or pdf).",
)
@click.option("--results", "results_url", metavar="URL", help="The database that holds the result ID, if another.")
@with_study_options("config", "param", "vary", "metric", "save", "results", "label", "plot")
def run_monte_carlo(request: StudyRequest, target: int | Path, **asked: Any) -> None:
    """Say what luck would have done to the run of the stored result ID, or of CONFIG.toml, which is run for it.

    --trades puts its closed trades into other orders and draws them anew; --klines runs the program on markets of
    recorded minutes in another order; --start-shift begins later; --costs looks for what it bears. The same seed gives
    the same answer, whatever the number of workers.
    """
    try:
        wanted = ensembles.EnsembleRequest(**asked)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    if isinstance(target, int) and request.overrides:
        raise click.UsageError("--set and --profile are of a file: the result ID keeps its own configuration")
    if isinstance(target, Path) and request.results_url is not None:
        raise click.UsageError(
            "--results is where a result ID is: of a file nothing is looked up there, so leave it out"
        )
    with no_bars() if request.quiet else nullcontext():
        made = _of_file(wanted, request, target) if isinstance(target, Path) else _of_stored(wanted, request, target)
    if not request.quiet:
        click.echo(repr(made), err=STANDARD_OUTPUT in (request.json, request.csv, request.report))
    writers: tuple[tuple[Path | None, Callable[[Path], object]], ...] = (
        (request.json, made.to_json),
        (request.csv, made.to_csv),
        (request.plot, made.plot),
        (request.report, made.report),
    )
    for path, write in writers:
        if path is not None:
            written_to(path, write)


def _of_file(wanted: ensembles.EnsembleRequest, request: StudyRequest, path: Path) -> ensembles.Ensemble:
    job = begin_study(replace(request, config=path)).job
    with open_workers(request.workers, request.cluster) as workers:
        return wanted.of_job(job, workers)


def _of_stored(wanted: ensembles.EnsembleRequest, request: StudyRequest, run_id: int) -> ensembles.Ensemble:
    market = open_database(request.database_url, read_only=True)
    kept = market if request.results_url is None else open_database(request.results_url, read_only=True)
    if wanted.trades is not None:
        return wanted.of_trades(ensembles.stored_trades_of(kept, run_id))
    job = stored_job(market, ensembles.stored_config_of(kept, run_id), trust=request.trust)
    with open_workers(request.workers, request.cluster) as workers:
        return wanted.of_job(job, workers, results.read_result(kept, run_id).figures, f"result {run_id}")
