"""``perpsim report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import DataError

from .. import journals  # a name of it is imported when it is used
from ..database import open_database
from ..terminal import OUTPUT_OR_DASH, ROW_ID, STANDARD_OUTPUT, database_option, written_to

if TYPE_CHECKING:
    from engine.journal import Journal

    from ..database import Database


@click.command("report")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@database_option
@click.option(
    "--html",
    "html_file",
    type=OUTPUT_OR_DASH,
    metavar="FILE",
    help="The file to write, - for standard output; without it result-ID.html in this folder.",
)
@click.option("--open", "is_shown", is_flag=True, help="Show it in the browser, too.")
@click.option("--explain", is_flag=True, help="Where no journal is stored, make the run again for one, to say what led "
              "to its trades.")  # fmt: skip
@click.option("--trust", is_flag=True, help="With --explain, run its program in this process, not in a sandbox.")
def report(run_id: int, database_url: str, html_file: Path | None, is_shown: bool, explain: bool, trust: bool) -> None:
    """Write the stored result ID as one HTML file with charts and tables, which needs no server and no network.

    Prices are those of the klines in the same database. What led to a trade stands below the table of trades where the
    run has stored its journal.
    """
    from ..report import NotStored, stored_page  # imports numpy, and the tables

    path = html_file or Path(f"result-{run_id}.html")
    if is_shown and path == STANDARD_OUTPUT:
        raise click.UsageError("--open needs a file: leave --html - out")
    database = open_database(database_url, read_only=True)
    try:
        page = stored_page(database, run_id, _journal(database, run_id, trust) if explain else None)
    except NotStored as error:
        raise DataError(f"{database.name}: {error}; perpsim results list tells which there are") from error
    written_to(path, page.save)
    if path != STANDARD_OUTPUT:
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if is_shown:
        say_shown(path)


def _journal(database: Database, run_id: int, trust: bool) -> Journal:
    named = journals.journal_of_stored(database, run_id, trust=trust)
    for remark in named.remarks:
        click.echo(f"Note: {remark}", err=True)
    return named.journal


def say_shown(path: Path) -> None:
    """Show a report in the browser, and say on standard error where it is and whether that could be done."""
    from ..report import show_in_browser

    how = "" if show_in_browser(path) else "; there is no screen with a browser to show it on"
    click.echo(f"The report is {path.resolve()}{how}", err=True)
