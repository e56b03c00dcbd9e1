"""A walk-forward as a table for the terminal; it fits into 80 columns."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ..results import result_console
from .walk_result import WalkForward
from .walk_text import stability_lines, summary, window_rows

#: So many windows are printed: the first ones.
_MOST_ROWS = 60
#: The places of those columns that a narrow terminal has no room for, and of the one that may be folded.
_LEFT_OUT, _FOLDED = 2, 3


def print_walk(walked: WalkForward, console: Console | None = None) -> None:
    """Print what came of a walk-forward, its windows, how its parameters moved, and its notes; to standard output by
    default.
    """
    out = console if console is not None else result_console()
    with out.capture() as capture:
        out.print(Group(_summary(walked), Text(), _windows(walked), Text(), _lines(walked)), highlight=False)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())  # tables pad their cells with blanks
    out.file.write("".join(f"{line}\n" for line in lines))


def _summary(walked: WalkForward) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    for name, text in summary(walked):
        table.add_row(Text(name or "windows", style="bold"), Text(text))
    return table


def _windows(walked: WalkForward) -> Table:
    head, *rows = window_rows(walked)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    for place, name in enumerate(head):
        if place != _LEFT_OUT:
            table.add_column(name, no_wrap=place != _FOLDED, justify="left" if place == _FOLDED else "right")
    for row in rows[:_MOST_ROWS]:
        table.add_row(*(Text(cell) for place, cell in enumerate(row) if place != _LEFT_OUT))
    if len(rows) > _MOST_ROWS:
        table.add_row("", f"+{len(rows) - _MOST_ROWS:,} more")
    return table


def _lines(walked: WalkForward) -> Table:
    table = Table.grid(padding=(0, 1))
    for line in (*stability_lines(walked), *walked.notes):
        table.add_row("-", Text(line))
    return table
