"""``perpsim results``: list, show, compare."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import click
from rich import box
from rich.table import Table

from engine import BacktestResult

from ..database import Database, open_database
from ..results import (
    Comparison,
    ResultStore,
    StoredResult,
    compare_results,
    list_results,
    print_result,
    read_result,
    result_console,
)
from .options import database_option


@click.group("results", invoke_without_command=True)
@database_option
@click.option("--most", default=20, show_default=True, help="How many results to list.")
@click.pass_context
def results(context: click.Context, database_url: str, most: int) -> None:
    """List stored results, show one, or compare two: perpsim results show ID, perpsim results compare ID ID."""
    database = open_database(database_url)
    ResultStore(database)  # marks the runs that were lost
    context.obj = database
    if context.invoked_subcommand is None:
        result_console().print(_list_table(list_results(database, most)))


@results.command("show")
@click.argument("run_id", type=int, metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
@click.pass_obj
def show(database: Database, run_id: int, as_json: bool) -> None:
    """Show one stored result."""
    found = read_result(database, run_id)
    if as_json:
        click.echo(
            json.dumps({"id": run_id, "status": found.status, "config": found.config, **found.details}, indent=2)
        )
        return
    title = f"Result {run_id} ({found.status}): {', '.join(found.config.get('symbols', []))}"
    if found.details:
        # the table reads figures by their names only, and these are all of them
        print_result(cast(BacktestResult, SimpleNamespace(**found.details)), title)
    else:
        click.echo(f"{title}\n{found.triggers_saved:,} triggers were saved")
    if found.error:
        click.echo(f"Error: {found.error}")


@results.command("compare")
@click.argument("first", type=int, metavar="ID")
@click.argument("second", type=int, metavar="ID")
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
    table = Table(title="Stored results", title_justify="left", box=box.HORIZONTALS)
    for name, side in (("ID", "right"), ("Status", "left"), ("Symbols", "left"), ("From", "left"), ("To", "left")):
        table.add_column(name, justify="right" if side == "right" else "left")
    for name in ("Net %", "Trades", "Sharpe"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(
            str(row["id"]),
            str(row["status"]),
            ", ".join(row["symbols"]),
            str(row["start_time"])[:16],
            str(row["end_time"])[:16],
            _number(row["total_pnl_percent"], "+.2f"),
            _number(row["total_trades"], ","),
            _number(row["sharpe_ratio"], ".2f"),
        )
    return table


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _print_comparison(first: StoredResult, second: StoredResult, found: Comparison) -> None:
    console = result_console()
    parts = [("Configuration", found.config), ("Figures", found.figures)]
    if found.first_trade is not None:
        parts.append((f"First trade that differs: number {found.first_trade + 1}", found.trade))
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


def _short(value: Any) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
