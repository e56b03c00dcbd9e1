"""The ``perpsim`` command."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import click

from .command_group import CommandGroup, LazyCommand

COMMANDS = {
    "cache": LazyCommand("cache_command:cache", "Clear the cache of loaded columns."),
    "database": LazyCommand("database_command:database", "Add the tables that a database lacks."),
    "download": LazyCommand("download_command:download", "Download klines or funding rates of a venue."),
    "fields": LazyCommand("fields_command:fields", "List the fields of a configuration, or explain some."),
    "import": LazyCommand("import_command:import_files", "Import data from parquet or CSV files."),
    "inspect": LazyCommand("inspect_command:inspect_klines", "Show what is in a database."),
    "look": LazyCommand("look_command:look_at", "Show what a program would have seen at a time."),
    "report": LazyCommand("report_command:report", "Write a stored result as one HTML file."),
    "results": LazyCommand("results_command:results", "List, show and compare stored results."),
    "run": LazyCommand("run_command:run_backtest", "Back-test a program."),
    "serve": LazyCommand("serve_command:serve", "Serve the HTTP API and the web page."),
    "signals": LazyCommand("signals_command:signals", "List, show, add and preview signals and pools."),
    "synth": LazyCommand("synth_command:synthesize", "Write a seeded synthetic market."),
    "validate": LazyCommand("validate_command:validate", "Say what is wrong with a program."),
}


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    try:
        click.echo(f"perpsim {version('perpsim')}")
    except PackageNotFoundError:
        click.echo("perpsim (not installed)")
    context.exit()


@click.group(
    cls=CommandGroup,
    lazy_commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def main() -> None:
    """Back-test trading programs on perpetual futures.

    A database is named by a URL such as sqlite:///market.db, with --database or in PERPSIM_DATABASE.
    """
