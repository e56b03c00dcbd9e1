"""A robustness card as text, which fits into 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.plain_values import counted

from .card_line import CardLine, Grade
from .robustness_card import RobustnessCard

_STYLES = {Grade.GOOD: "green", Grade.DOUBTFUL: "yellow", Grade.BAD: "red", Grade.NOT_TOLD: "dim"}
_INDENT = (0, 0, 0, 4)


def print_card(card: RobustnessCard, console: Console) -> None:
    """Print a card: its verdict, and of each line value, verdict, reason and meaning."""
    with console.capture() as capture:
        console.print(Group(*_parts(card)), highlight=False)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())  # tables pad their cells with blanks
    console.file.write("".join(f"{line}\n" for line in lines))


def _parts(card: RobustnessCard) -> Iterator[RenderableType]:
    yield Text(card.title, style="bold")
    yield Text(f"{card.period}, {counted(card.runs, 'run')}")
    yield Text()
    yield Text.assemble("Verdict: ", (card.grade.upper(), f"bold {_STYLES[card.grade]}"), f", {card.reason}")
    yield Text()
    for line in card.lines:
        yield _head(line)
        yield Padding(Text(line.reason), _INDENT)
        yield Padding(Text(line.meaning, style="dim"), _INDENT)


def _head(line: CardLine) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=25)
    table.add_column(width=36, overflow="fold")
    table.add_column(no_wrap=True)
    table.add_row(Text(line.title, style="bold"), line.value, Text(line.grade, style=_STYLES[line.grade]))
    return table
