"""A stress test as a table of a terminal, and as a page in the look of a result's."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from rich.table import Table

from engine.result import Unit

from ..report import STATIC
from ..results import unit_text
from ..trials import TrialOutcome
from .stress_report import StressReport, told_figures

#: Heads of the columns with the figure below, its unit, and whether it is told with a sign.
_COLUMNS = (
    ("Return", "total_pnl_percent", Unit.PERCENT, True),
    ("Drawdown", "max_drawdown_percent", Unit.PERCENT, False),
    ("Sharpe", "sharpe_ratio", Unit.RATIO, True),
    ("Liquidated", "liquidations", Unit.COUNT, False),
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
    yield ["none", *_cells(report.plain), ""]
    for each in report.runs:
        told = each.outcome.error or each.effect
        yield [each.name, *_cells(each.outcome), told]


def _cells(outcome: TrialOutcome) -> list[str]:
    figures: dict[str, Any] = told_figures(outcome)
    return [unit_text(unit, figures.get(name), signed) for _, name, unit, signed in _COLUMNS]


def stress_table(report: StressReport) -> Table:
    """Return the table: a row without a fault, and one with each."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Fault", no_wrap=True)
    for head, *_ in _COLUMNS:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("What it did", overflow="fold")
    for row in _rows(report):
        table.add_row(*row)
    return table


def html_table(report: StressReport) -> str:
    """Return the same as HTML."""
    heads = ("Fault", *(head for head, *_ in _COLUMNS), "What it did")
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in _rows(report))
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def stress_page(report: StressReport) -> str:
    """Return a whole page as text."""
    style = (STATIC / "style.css").read_text("utf-8")
    title, period = escape(report.title), escape(report.period)
    return _PAGE.format(title=title, style=style, period=period, table=html_table(report))
