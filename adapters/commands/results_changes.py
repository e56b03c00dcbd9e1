"""``perpsim results``: rename, delete, export."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

from ..database import Database, open_database
from ..results import (
    ALL_TRIGGERS,
    ResultStore,
    checked_label,
    delete_results,
    export_equity,
    export_json,
    export_records,
    export_trades,
    read_result,
    remove_hidden,
    rename_result,
    require_results,
)
from ..terminal import OUTPUT_OR_DASH, ROW_ID, require_one_for_standard_output, written_to

_DATABASE = "The database, if it was not named before: perpsim results --database URL, or PERPSIM_DATABASE."


def of_results(function: Callable[..., None]) -> Callable[..., None]:
    """Give a subcommand the database that was named before it or after it; what was lost in it is marked so."""

    @click.option("--database", "database_url", metavar="URL", help=_DATABASE)
    @click.pass_context
    @wraps(function)
    def opened(context: click.Context, /, database_url: str | None, **given: Any) -> None:
        assert context.parent is not None
        function(results_of(database_url or context.parent.params["database_url"]), **given)

    return opened


def results_of(url: str | None) -> Database:
    """Return a database with stored results, those that were lost marked so and those deleted on the page removed."""
    if url is None:
        raise click.UsageError("Missing option '--database' (env var: 'PERPSIM_DATABASE').")
    database = open_database(url)
    require_results(database)
    ResultStore(database)
    remove_hidden(database)
    return database


@click.command("rename")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@click.argument("label", metavar="LABEL")
@of_results
def rename(database: Database, run_id: int, label: str) -> None:
    """Give a stored result another label; an empty LABEL takes it away."""
    try:
        rename_result(database, run_id, checked_label(label) if label else None)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="LABEL") from error


@click.command("delete")
@click.argument("run_ids", type=ROW_ID, nargs=-1, required=True, metavar="ID...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@of_results
def delete(database: Database, run_ids: tuple[int, ...], yes: bool) -> None:
    """Delete stored results with all that is stored of them; asks first where standard input is a terminal.

    All of them are deleted, or none: that of a run that is still under way and one of the platform are refused. An
    SQLite file does not get smaller by it; the next results take the place.
    """
    ids = sorted({*run_ids})
    named = f"result{'s' * (len(ids) > 1)} {', '.join(map(str, ids))}"
    if sys.stdin.isatty() and not yes:
        click.confirm(f"Delete {named} of {database.name}?", abort=True, err=True)
    delete_results(database, ids)
    click.echo(f"Deleted {named}")


@click.command("export")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@click.option("--json", "json_file", type=OUTPUT_OR_DASH, metavar="FILE",
              help="Write the result as JSON; FILE may be - here and below: standard output.")  # fmt: skip
@click.option("--trades", type=OUTPUT_OR_DASH, metavar="FILE", help="Write the closed trades as CSV.")
@click.option("--equity-csv", type=OUTPUT_OR_DASH, metavar="FILE", help="Write the stored equity curve as CSV.")
@click.option("--records", type=OUTPUT_OR_DASH, metavar="FILE", help="Write the recorded series as CSV.")
@click.option("--all-triggers", is_flag=True, help=f"{ALL_TRIGGERS} Where they are stored.")
@click.option("--no-timing", is_flag=True, help="Leave the run time out of the JSON.")
@of_results
def export(
    database: Database,
    run_id: int,
    json_file: Path | None,
    trades: Path | None,
    equity_csv: Path | None,
    records: Path | None,
    all_triggers: bool,
    no_timing: bool,
) -> None:
    """Write a stored result to the files that perpsim run would have written.

    The bytes are the same but for what is not stored, which is told: digits of a long equity curve, values of a long
    recorded series, quiet triggers; and of runs of the platform all that their row does not have.
    """
    found = read_result(database, run_id)
    if not found.figures:
        raise click.UsageError(f"result {run_id} has no figures: its status is {found.status}; nothing can be exported")
    timing = not no_timing
    steps: list[tuple[Path | None, Callable[[Path], list[str]]]] = [
        (json_file, lambda path: export_json(database, found, path, timing, all_triggers)),
        (trades, partial(export_trades, found)),
        (equity_csv, partial(export_equity, database, found)),
        (records, partial(export_records, found)),
    ]
    require_one_for_standard_output([path for path, _ in steps])
    if not any(path for path, _ in steps):
        raise click.UsageError("name what to write: --json, --trades, --equity-csv or --records, each with a FILE")
    for path, write in steps:
        for lack in () if path is None else written_to(path, write):
            click.echo(f"Note: {path}: {lack}", err=True)
