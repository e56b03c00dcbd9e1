"""``perpsim results list``: the stored results that are wanted, as a table or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.result import FIGURES

from ..database import Database
from ..results import (
    LISTED,
    SORTS,
    PnlSign,
    ResultFilter,
    RunStatus,
    epoch_ms,
    figure_condition,
    list_results,
    result_console,
    unit_text,
)
from ..terminal import ROW_ID, InstantType
from .results_changes import of_results

#: A list that is read by a program has a line for each result, however long.
_PIPE_WIDTH = 1_000
_LONGEST_TEXT = 60
_DATE = len("2024-01-31")
_TIMES = ("start_time", "end_time", "created_at")
#: What has the columns of every row, and nothing in them.
_NO_ROW: Mapping[str, Any] = {**dict.fromkeys(("label", "program", "status", *_TIMES)), "params": {}, "symbols": ()}


def _conditions(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[Any, ...]:
    try:
        return tuple(map(figure_condition, texts))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("list")
@click.option("--program", metavar="TEXT", help="A part of the name of the program's class.")
@click.option("--symbol", metavar="NAME", help="One of the symbols of the run.")
@click.option("--label", metavar="TEXT", help="A part of the label.")
@click.option("--exchange", metavar="NAME", help="The exchange.")
@click.option("--status", type=click.Choice([each.value for each in RunStatus]), help="How it ended.")
@click.option("--since", "since_ms", type=InstantType(), help="Begun at this time or later.")
@click.option("--until", "until_ms", type=InstantType(), help="Begun at this time or before.")
@click.option("--pnl", type=click.Choice([each.value for each in PnlSign]), help="The sign of the net PnL.")
@click.option("--where", multiple=True, callback=_conditions, metavar="FIGURE>NUMBER",
              help="A figure that can be sorted by, with <, <=, >, >= or =; repeatable: all must be so.")  # fmt: skip
@click.option("--search", "text", metavar="TEXT", help="A text in the program or in the configuration.")
@click.option("--sort", type=click.Choice(SORTS), default="id", show_default=True, metavar="NAME",
              help=f"Sort by it, the greatest first: {', '.join(SORTS)}.")  # fmt: skip
@click.option("--ascending", is_flag=True, help="The least first.")
@click.option("--limit", default=20, show_default=True, type=ROW_ID, help="How many to list.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
@of_results
def list_some(database: Database, sort: str, ascending: bool, limit: int, as_json: bool, **wanted: Any) -> None:
    """List stored results: those that all filters want, sorted.

    TEXT may be a part, and its case does not matter; in --search that of A to Z does not.
    """
    sign = wanted.pop("pnl")
    chosen = ResultFilter(**wanted, pnl=None if sign is None else next(each for each in PnlSign if each == sign))
    rows = list_results(database, limit, chosen, sort, ascending)
    if as_json:
        click.echo(json.dumps([{**row, **{name: epoch_ms(row[name]) for name in _TIMES}} for row in rows], indent=2))
    else:
        print_list(rows)


def print_list(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table: on a terminal what belongs together in one column, else a line for each result."""
    console = result_console()
    if console.is_terminal:
        console.print(_list_table(rows, _stacked))
    else:
        Console(width=_PIPE_WIDTH).print(_list_table(rows, _side_by_side))


def _list_table(rows: Sequence[Mapping[str, Any]], cells_of: Callable[[Mapping[str, Any]], dict[str, str]]) -> Table:
    table = Table(title="Stored results", title_justify="left", box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    table.add_column("ID", justify="right", no_wrap=True)
    for name in cells_of(_NO_ROW):
        table.add_column(name, overflow="fold")
    for name in LISTED:
        table.add_column(FIGURES[name].title.replace(" ", "\n"), justify="right", no_wrap=True)
    for row in rows:
        figures = (unit_text(FIGURES[name].unit, row[name], bool(FIGURES[name].sign)) for name in LISTED)
        table.add_row(str(row["id"]), *map(Text, cells_of(row).values()), *figures)
    return table


def _stacked(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a row for a terminal, several lines in each."""
    cells = _side_by_side(row)
    status = "" if row["status"] == RunStatus.COMPLETED else cells["Status"]
    return {
        name: "\n".join(filter(None, lines))
        for name, lines in {
            "Run": (cells["Label"], cells["Program"], *cells["Parameters"].split(", ")),
            "Symbols": cells["Symbols"].split(", "),
            "Range": (cells["From"][:_DATE], cells["To"][:_DATE]),
            "Created": (*cells["Created"].split(" "), status),
        }.items()
    }


def _side_by_side(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of a row, a line in each."""
    params = ", ".join(f"{name}={short_text(value, _LONGEST_TEXT)}" for name, value in row["params"].items())
    start, end, created = (str(row[name] or "")[: len("2024-01-31 00:00")] for name in _TIMES)
    return {
        "Label": short_text(row["label"] or "", _LONGEST_TEXT),
        "Program": short_text(row["program"] or "", _LONGEST_TEXT),
        "Parameters": short_text(params, 2 * _LONGEST_TEXT),
        "Symbols": short_text(", ".join(row["symbols"]), _LONGEST_TEXT),
        "From": start.removesuffix(" 00:00"),
        "To": end.removesuffix(" 00:00"),
        "Created": created,
        "Status": str(row["status"]),
    }


def short_text(value: Any, most: int = 200) -> str:
    """Return a value as a text that is cut where it is long."""
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= most else f"{text[:most]}..."
