"""``perpsim results``: show, compare; the list and what changes results stand in files of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.result import FIGURES, PARTS, Unit

from .. import certificates  # a name of it is imported when it is used
from ..database import Database
from ..results import (
    Comparison,
    StoredResult,
    code_diff,
    compare_results,
    config_diff,
    list_results,
    print_breakdown,
    print_figures,
    read_result,
    read_trigger,
    result_console,
    trigger_lines,
    unit_text,
)
from ..terminal import ROW_ID, by_option, optional_database_option
from .results_changes import delete, export, of_results, rename, results_of
from .results_listing import list_some, print_list, short_text


@click.group("results", invoke_without_command=True)
@optional_database_option
@click.option("--most", default=20, show_default=True, type=ROW_ID, help="How many results to list.")
@click.pass_context
def results(context: click.Context, database_url: str | None, most: int) -> None:
    """List stored results, show, compare, rename, delete and export them.

    Without a command they are listed, newest first; perpsim results list has filters and sorts.
    """
    if context.invoked_subcommand is None:
        print_list(list_results(results_of(database_url), most))


@results.command("show")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
@click.option("--breakdown", is_flag=True, help="Add the results by symbol, side, exit, pool, month and weekday.")
@click.option("--trigger", type=click.IntRange(0, 2**31 - 1), metavar="INDEX", help="Show this trigger instead: what "
              "the program saw, asked (if run with --queries), decided and logged.")  # fmt: skip
@by_option
@of_results
def show(
    database: Database, run_id: int, as_json: bool, breakdown: bool, by: tuple[str, ...], trigger: int | None
) -> None:
    """Show one stored result, or one of its triggers."""
    found = read_result(database, run_id)
    if trigger is not None:
        entry = read_trigger(database, run_id, trigger)
        if as_json:
            click.echo(json.dumps(entry, indent=2))
        else:
            click.echo("\n".join(trigger_lines(entry, f"Result {run_id}, trigger {trigger}")))
        return
    if as_json:
        about = {"id": run_id, "label": found.label, "status": found.status, "config": found.config}
        proved = {"certificate": found.certificate} if found.certificate else {}
        click.echo(json.dumps({**about, **found.figures, **proved}, indent=2))
        return
    title = _title(found)
    if found.figures:
        print_figures(found.figures, title)
        if breakdown or by:
            print_breakdown(found.figures, by or tuple(PARTS))
        if found.certificate:
            click.echo()
            console = result_console()
            certificates.print_certificate(certificates.Certificate.from_dict(found.certificate), console)
    else:
        click.echo(f"{title}\n{found.triggers_saved:,} triggers were saved")
    if found.error:
        click.echo(f"Error: {found.error}")


@results.command("compare")
@click.argument("first", type=ROW_ID, metavar="ID")
@click.argument("second", type=ROW_ID, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
@of_results
def compare(database: Database, first: int, second: int, as_json: bool) -> None:
    """Compare two stored results: configuration and code line by line, figures, and the first trade that differs."""
    one, other = read_result(database, first), read_result(database, second)
    found = compare_results(one, other)
    if as_json:
        click.echo(json.dumps({**found.__dict__, "code": code_diff(one, other)}, indent=2))
        return
    _print_comparison(one, other, found)


for other in (list_some, rename, delete, export):
    results.add_command(other)


def _title(found: StoredResult) -> str:
    named = f" {found.label!r}" if found.label is not None else ""
    language = " (platform)" * (found.config.get("language") == "platform")
    symbols = ", ".join(found.config.get("symbols") or [])
    program = f"{found.program} on " if found.program else ""
    return f"Result {found.run_id}{named} ({found.status}): {program}{symbols}{language}"


def _print_comparison(first: StoredResult, second: StoredResult, found: Comparison) -> None:
    console = result_console()
    _print_diff(console, "Configuration", config_diff(first, second))
    _print_diff(console, "Code", code_diff(first, second))
    figures = {FIGURES[name].title: _exact(FIGURES[name].unit, pair) for name, pair in found.figures.items()}
    parts: list[tuple[str, Mapping[str, Any]]] = [("Figures", figures)]
    if found.first_trade is not None:
        columns = {column.key: column for column in FIGURES["trades"].columns}
        trade = {
            columns[name].label if name in columns else name: _exact(columns[name].unit, pair)
            if name in columns
            else pair
            for name, pair in found.trade.items()
        }
        parts.append((f"First trade that differs: number {found.first_trade + 1}", trade))
    for title, differences in parts:
        if not differences:
            console.print(f"{title}: the same")
            continue
        table = Table(title=title, title_justify="left", box=box.HORIZONTALS)
        for heading in ("", str(first.run_id), str(second.run_id)):
            table.add_column(heading, overflow="fold")
        for name, pair in differences.items():
            table.add_row(name, *(Text(short_text(value)) for value in pair))
        console.print(table)
    if not (first.has_trades and second.has_trades):
        console.print("Trades: not stored")
    elif found.first_trade is None:
        console.print(f"Trades: the same ({len(first.trades):,})")


def _print_diff(console: Console, what: str, lines: Iterable[str] | None) -> None:
    """Print a unified diff, in colours on a terminal."""
    if not lines:
        console.print(f"{what}: {'not stored' if lines is None else 'the same'}")
        return
    console.print(Text(what, style="italic"))
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for place, line in enumerate(lines):
        style = "bold" if place < 2 else colours.get(line[:1], "")
        console.print(Text(line, style=style), soft_wrap=True)


def _exact(unit: Unit, pair: Sequence[Any]) -> list[Any]:
    """Return both values to their last digit that counts: what differs must be seen to differ."""
    if unit in (Unit.MOMENT, Unit.DURATION):
        texts = [unit_text(unit, value) for value in pair]
        return texts if texts[0] != texts[1] else [*pair]
    ending = " %" if unit is Unit.PERCENT else ""
    return [unit_text(unit, None) if value is None else f"{value:.10g}{ending}" if ending else value for value in pair]
