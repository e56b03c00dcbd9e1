"""``perpsim monte-carlo``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from engine import ConfigurationError

from .. import ensembles, results, trials  # a name of them is imported when it is used
from ..configuration import read_config_file
from ..database import Database, open_database
from ..output import FORMATS, require_matplotlib
from ..runs import no_bars
from ..terminal import (
    OUTPUT_FILE,
    OUTPUT_OR_DASH,
    STANDARD_OUTPUT,
    database_option,
    require_one_for_standard_output,
    written_to,
)
from ..workers import ThisProcess, Workers


class TargetType(click.ParamType[int | Path]):
    """The id of a stored result, or the file of a configuration."""

    name = "target"

    def convert(self, value: str | int | Path, param: click.Parameter | None, ctx: click.Context | None) -> int | Path:
        """Return the id or the file, or fail with what is wrong."""
        if isinstance(value, (int, Path)):
            return value
        if value.isdecimal():
            return int(value)
        if not Path(value).is_file():
            self.fail(f"{value} is neither the id of a stored result nor a file", param, ctx)
        return Path(value)


class BlockType(click.ParamType[int]):
    """A length of time, as in 90m, 4h or 2d; gives ms."""

    name = "length"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return ms, or fail with what is wrong."""
        try:
            return value if isinstance(value, int) else ensembles.block_ms(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _picture(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() not in [f".{ending}" for ending in FORMATS]:
        raise click.BadParameter(f"{path} must end in .{', .'.join(FORMATS)}")
    return path


@click.command("monte-carlo")
@click.argument("target", type=TargetType(), metavar="ID|CONFIG.toml")
@database_option
@click.option("--results", "results_url", metavar="URL", help="The database that holds the result ID, if another.")
@click.option("--trades", type=int, metavar="N", help="N other orders of the closed trades, and N draws of them.")
@click.option("--klines", type=int, metavar="N", help="Run on N markets of recorded minutes in another order.")
@click.option("--start-shift", type=int, metavar="N", help="Run N times, begun 1 to N intervals later.")
@click.option("--costs", is_flag=True, help="Raise fee, slippage and latency, each up to break-even.")
@click.option(
    "--mean-block",
    "mean_block_ms",
    type=BlockType(),
    metavar="LENGTH",
    help="How long a block of --klines lasts on average, as in 4h or 2d; default: a day, a tenth of the range at most.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What chance is drawn with.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Override a key of the file; repeatable.")
@click.option("--json", type=OUTPUT_OR_DASH, metavar="FILE", help="Write all of it as JSON; - is standard output.")
@click.option("--csv", type=OUTPUT_OR_DASH, metavar="FILE", help="Write each path or run as CSV; - is standard output.")
@click.option("--plot", type=OUTPUT_FILE, callback=_picture, metavar="FILE", help="Draw it (png, svg or pdf).")
@click.option("--quiet", is_flag=True, help="No table and no progress bar.")
def monte_carlo(
    target: int | Path,
    database_url: str,
    results_url: str | None,
    overrides: tuple[str, ...],
    json: Path | None,
    csv: Path | None,
    plot: Path | None,
    quiet: bool,
    **asked: Any,
) -> None:
    """Say what luck would have done to the run of the stored result ID, or of CONFIG.toml, which is run for it.

    --trades puts its closed trades into other orders and draws them anew; --klines runs the program on markets of
    recorded minutes in another order; --start-shift begins later; --costs looks for what it bears. The same seed gives
    the same answer, whatever the number of workers.
    """
    try:
        request = ensembles.EnsembleRequest(**asked)
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from error
    if isinstance(target, int) and overrides:
        raise click.UsageError("--set is of a file: the result ID keeps its own configuration")
    if plot is not None:
        require_matplotlib()
    require_one_for_standard_output((json, csv))
    market = open_database(database_url, read_only=True)
    kept = market if results_url is None else open_database(results_url, read_only=True)
    with no_bars() if quiet else nullcontext(), ThisProcess() as workers:
        if isinstance(target, int):
            made = _of_stored(request, market, kept, target, workers)
        else:
            made = request.of_job(trials.stored_job(market, read_config_file(target, overrides).config), workers)
    if not quiet:
        click.echo(repr(made), err=STANDARD_OUTPUT in (json, csv))
    writers: tuple[tuple[Path | None, Callable[[Path], None]], ...] = (
        (json, made.to_json),
        (csv, made.to_csv),
        (plot, made.plot),
    )
    for path, write in writers:
        if path is not None:
            written_to(path, write)


def _of_stored(
    request: ensembles.EnsembleRequest, market: Database, kept: Database, run_id: int, workers: Workers
) -> ensembles.Ensemble:
    if request.trades is not None:
        return request.of_trades(ensembles.stored_trades_of(kept, run_id))
    job = trials.stored_job(market, ensembles.stored_config_of(kept, run_id))
    return request.of_job(job, workers, results.read_result(kept, run_id).figures, f"result {run_id}")
