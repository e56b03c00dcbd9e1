"""``perpsim report``."""

from __future__ import annotations

from pathlib import Path

import click

from engine import ConfigurationError

from ..database import open_database
from ..runs import signals_waiting
from ..terminal import OUTPUT_FILE, ROW_ID, database_option


@click.command("report")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@database_option
@click.option("--html", "html_file", required=True, type=OUTPUT_FILE, metavar="FILE", help="The file to write.")
def report(run_id: int, database_url: str, html_file: Path) -> None:
    """Write the stored result ID as one HTML file with charts and tables, which needs no server and no network."""
    try:
        with signals_waiting():  # what is built on import takes an interruption for an error of its own
            from ..web import write_report
    except ModuleNotFoundError as error:
        raise ConfigurationError([f"reports need {error.name}: pip install 'perpsim[web]'"]) from error
    write_report(open_database(database_url, read_only=True), run_id, html_file)
    click.echo(f"{html_file}: {html_file.stat().st_size / 1e6:.1f} MB")
