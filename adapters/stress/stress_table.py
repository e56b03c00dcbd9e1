"""A stress test as a table of a terminal, and as a page in the look of a result's."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from rich.console import Console
from rich.table import Table

from engine.result import Unit

from ..report import page_style
from ..results import unit_text
from ..trials import TrialOutcome
from .stress_report import StressReport, told_figures

#: Heads of the columns with the figure below, its unit, and whether it is told with a sign.
_COLUMNS = (
    ("Return", "total_pnl_percent", Unit.PERCENT, True),
    ("Drawdown", "max_drawdown_percent", Unit.PERCENT, False),
    ("Sharpe", "sharpe_ratio", Unit.RATIO, True),
    ("Liq.", "liquidations", Unit.COUNT, False),
    ("Trades", "total_trades", Unit.COUNT, False),
    ("Worst instant", "max_drawdown_at", Unit.MOMENT, False),
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<section class="card"><h1>{title}</h1><p class="soft">Stress test, {period}</p></section>
<section class="card scroll">{table}</section>
<p class="soft small">Written by perpsim. The worst instant is where the drawdown was deepest, UTC.</p>
</main>
</body>
</html>
"""


def _rows(report: StressReport) -> Iterator[list[str]]:
    yield ["none", *_cells(report.plain)]
    for each in report.runs:
        failed = " (failed)" if each.outcome.error is not None else ""
        yield [each.name + failed, *_cells(each.outcome)]


def _cells(outcome: TrialOutcome) -> list[str]:
    figures: dict[str, Any] = told_figures(outcome)
    return [unit_text(unit, figures.get(name), signed) for _, name, unit, signed in _COLUMNS]


def print_stress(report: StressReport, console: Console) -> None:
    """Print a stress test: what was run, a table with a row without a fault and one with each, and what each did."""
    with console.capture() as capture:
        console.print(report.title, style="bold", highlight=False, markup=False, soft_wrap=True)
        console.print(report.period, highlight=False)
        console.print()
        console.print(_table(report), highlight=False)
        console.print()
        for each in report.runs:
            console.print(f"{each.name}: {each.effect}", highlight=False, markup=False, soft_wrap=True)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())  # tables pad their cells with blanks
    console.file.write("".join(f"{line}\n" for line in lines))


def _table(report: StressReport) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Fault", overflow="fold")  # figures are never cut
    for head, *_ in _COLUMNS:
        table.add_column(head, justify="right", no_wrap=True)
    for row in _rows(report):
        table.add_row(*row)
    return table


def html_table(report: StressReport) -> str:
    """Return the same as HTML."""
    heads = ("Fault", *(head for head, *_ in _COLUMNS), "What it did")
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    effects = ["", *(each.effect for each in report.runs)]
    cells = [[*row, effect] for row, effect in zip(_rows(report), effects, strict=True)]
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def stress_page(report: StressReport) -> str:
    """Return a whole page as text."""
    style = page_style()
    title, period = escape(report.title), escape(report.period)
    return _PAGE.format(title=title, style=style, period=period, table=html_table(report))
