"""``perpsim results``: list, show, compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich import box
from rich.table import Table

from engine.result import FIGURES, PARTS, Unit

from ..database import Database, open_database
from ..results import (
    LISTED,
    Comparison,
    ResultStore,
    StoredResult,
    compare_results,
    list_results,
    print_breakdown,
    print_figures,
    read_result,
    require_results,
    result_console,
    unit_text,
)
from ..terminal import ROW_ID, by_option, database_option


@click.group("results", invoke_without_command=True)
@database_option
@click.option("--most", default=20, show_default=True, type=ROW_ID, help="How many results to list.")
@click.pass_context
def results(context: click.Context, database_url: str, most: int) -> None:
    """List stored results, show one, or compare two: perpsim results show ID, perpsim results compare ID ID."""
    database = open_database(database_url)
    require_results(database)
    ResultStore(database)  # marks the runs that were lost
    context.obj = database
    if context.invoked_subcommand is None:
        result_console().print(_list_table(list_results(database, most)))


@results.command("show")
@click.argument("run_id", type=ROW_ID, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
@click.option("--breakdown", is_flag=True, help="Add the results by symbol, side, exit, pool, month and weekday.")
@by_option
@click.pass_obj
def show(database: Database, run_id: int, as_json: bool, breakdown: bool, by: tuple[str, ...]) -> None:
    """Show one stored result."""
    found = read_result(database, run_id)
    if as_json:
        click.echo(
            json.dumps({"id": run_id, "status": found.status, "config": found.config, **found.figures}, indent=2)
        )
        return
    language = " (platform)" * (found.config.get("language") == "platform")
    title = f"Result {run_id} ({found.status}): {', '.join(found.config.get('symbols', []))}{language}"
    if found.figures:
        print_figures(found.figures, title)
        if breakdown or by:
            print_breakdown(found.figures, by or tuple(PARTS))
    else:
        click.echo(f"{title}\n{found.triggers_saved:,} triggers were saved")
    if found.error:
        click.echo(f"Error: {found.error}")


@results.command("compare")
@click.argument("first", type=ROW_ID, metavar="ID")
@click.argument("second", type=ROW_ID, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
@click.pass_obj
def compare(database: Database, first: int, second: int, as_json: bool) -> None:
    """Compare two stored results: configuration, figures, and the first trade that differs."""
    one, other = read_result(database, first), read_result(database, second)
    found = compare_results(one, other)
    if as_json:
        click.echo(json.dumps(found.__dict__, indent=2))
        return
    _print_comparison(one, other, found)


def _list_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Stored results", title_justify="left", box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("ID", justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    for name in ("Symbols", "From", "To"):
        table.add_column(name)
    for name in LISTED:
        table.add_column(FIGURES[name].title.replace(" ", "\n"), justify="right", no_wrap=True)
    for row in rows:
        times = (str(row[name])[:16] for name in ("start_time", "end_time"))
        figures = (unit_text(FIGURES[name].unit, row[name], bool(FIGURES[name].sign)) for name in LISTED)
        table.add_row(str(row["id"]), str(row["status"]), ", ".join(row["symbols"]), *times, *figures)
    return table


def _print_comparison(first: StoredResult, second: StoredResult, found: Comparison) -> None:
    console = result_console()
    figures = {FIGURES[name].title: _exact(FIGURES[name].unit, pair) for name, pair in found.figures.items()}
    parts: list[tuple[str, Mapping[str, Any]]] = [("Configuration", found.config), ("Figures", figures)]
    if found.first_trade is not None:
        columns = {column.key: column for column in FIGURES["trades"].columns}
        trade = {columns[name].label if name in columns else name: pair for name, pair in found.trade.items()}
        parts.append((f"First trade that differs: number {found.first_trade + 1}", trade))
    for title, differences in parts:
        if not differences:
            console.print(f"{title}: the same")
            continue
        table = Table(title=title, title_justify="left", box=box.HORIZONTALS)
        for heading in ("", str(first.run_id), str(second.run_id)):
            table.add_column(heading, overflow="fold")
        for name, pair in differences.items():
            table.add_row(name, *(_short(value) for value in pair))
        console.print(table)
    if found.first_trade is None:
        console.print(f"Trades: the same ({len(first.trades):,})")


def _exact(unit: Unit, pair: Sequence[Any]) -> list[Any]:
    """Return both values to their last digit that counts: what differs must be seen to differ."""
    return [f"{value:.10g} %" if unit is Unit.PERCENT and value is not None else value for value in pair]


def _short(value: Any) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
