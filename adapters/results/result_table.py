"""A result as tables for the terminal; they fit into 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import BacktestResult, utc_text
from engine.result import FIGURES, PARTS, Column, Figure, Place, Unit, parts_by
from engine.result import Group as About

from ..output import share_text
from .figure_texts import NONE, figure_text, period_text, unit_text
from .funnel import ends_of_orders

#: The width where standard output is no terminal.
PIPE_WIDTH = 80
_MOST_ROWS = 20
#: Wider than any table.
_WIDEST = 10_000

Figures = Mapping[str, Any]
Lines = list[tuple[str, str]]


def print_result(result: BacktestResult, title: str, console: Console | None = None) -> None:
    """Print a result: what it was, its figures, its symbols, and the warnings; to standard output by default."""
    print_figures(result.figures(), title, console)


def print_figures(figures: Figures, title: str, console: Console | None = None) -> None:
    """Print the figures of a result, by their names."""
    _print(_parts(figures, title), console)


def print_breakdown(figures: Figures, by: Sequence[str] = tuple(PARTS), console: Console | None = None) -> None:
    """Print what the trades of each symbol, side and so on brought, as `by` names them: the columns that fit."""
    out = console if console is not None else result_console()
    _print(_breakdown(figures["breakdown"], by, out), out)


def _print(parts: Iterable[RenderableType], console: Console | None) -> None:
    out = console if console is not None else result_console()
    with out.capture() as capture:
        out.print(Group(*parts), highlight=False)
    lines = (line.rstrip() for line in capture.get().rstrip().splitlines())  # tables pad their cells with blanks
    out.file.write("".join(f"{line}\n" for line in lines))


def result_console(on_error: bool = False) -> Console:
    """Return the console of standard output, or of standard error: as wide as the terminal, or of a fixed width where
    there is none.
    """
    console = Console(stderr=on_error)
    return console if console.is_terminal else Console(width=PIPE_WIDTH, stderr=on_error)


def _parts(figures: Figures, title: str) -> Iterator[RenderableType]:
    state = "" if figures["success"] else "  INTERRUPTED" if figures["interrupted"] else "  FAILED"
    yield Text(title, style="bold")
    yield Text(period_text(figures["start_time"], figures["end_time"]) + state)
    yield Text()
    yield _side_by_side(
        _block("Money, USD", _lines(figures, About.MONEY)), _block("Trades", _lines(figures, About.TRADES))
    )
    yield _side_by_side(
        _block("Risk", _lines(figures, About.RISK)), _block("Activity", _lines(figures, About.ACTIVITY, About.VENUE))
    )
    for ended, counts in ends_of_orders(figures):
        if counts:
            yield _block(f"Orders {ended}", [(reason, f"{count:,}") for reason, count in counts.items()])
    if figures["data_coverage"]:
        yield _symbols(figures)
    for name, figure in FIGURES.items():
        if Place.TABLE in figure.places and figures[name]:
            yield Text()
            yield _rows(figure, figures[name])
    if figures["warnings"]:
        yield Text()
        yield Text("Warnings", style="bold yellow")
        yield _bullets(figures["warnings"])


def _lines(figures: Figures, *groups: About) -> Lines:
    """Return (name, value) of the lines of some groups."""
    lines: Lines = []
    for name, figure in FIGURES.items():
        if figure.group not in groups:
            continue
        label, value = figure.label if figure.line is None else figure.line, figure_text(name, figures)
        if Place.LINE in figure.places or (Place.IF_ANY in figure.places and figure.amount(figures[name])):
            lines.append((label, value))
        elif Place.BESIDE in figure.places and not (name in figures["undefined"] and lines[-1][1] == value):
            lines[-1] = lines[-1][0], f"{lines[-1][1]} / {value}"
        elif Place.PARTS in figure.places:
            lines.append((label, "" if figures[name] else figures["undefined"].get(name, NONE)))
            lines.extend((f"  {part}", f"{count:,}") for part, count in figures[name].items())
    return lines


def _block(title: str, lines: Lines) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(Text(title, style="bold"), "")
    for name, value in lines:
        table.add_row(f"  {name}", _coloured(value))
    table.add_row()
    return table


def _side_by_side(left: RenderableType, right: RenderableType) -> Table:
    table = Table.grid(expand=False, padding=(0, 2))
    table.add_column(min_width=36)
    table.add_column(min_width=36)
    table.add_row(left, right)
    return table


def _symbols(figures: Figures) -> Table:
    """Return the symbols: what holding each would have brought, and how well its data covers the run."""
    table = _grid("Symbol", "Buy and hold", "Data", "Rows", "Missing", "Longest hole")
    shown = set()
    for covered in figures["data_coverage"]:
        symbol, hole = covered["symbol"], covered["longest_hole"]
        held = unit_text(Unit.PERCENT, figures["buy_and_hold_percent"].get(symbol), signed=True)
        table.add_row(
            *(("", "") if symbol in shown else (symbol, _coloured(held))),
            covered["series"],
            f"{covered['present']:,}",
            _missing(covered),
            f"{hole:,} on {utc_text(covered['longest_hole_ms'])[:10]}" if hole else "none",
        )
        shown.add(symbol)
    return table


def _missing(covered: Mapping[str, Any]) -> str:
    if not covered["missing"]:
        return "none"
    return f"{covered['missing']:,} ({share_text(covered['missing'], covered['expected'])})"


def _rows(figure: Figure, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the first rows of what a figure lists: symbol and side of each stand together, under its title."""
    of = [column for column in figure.columns if column.words in ("symbols", "sides")]
    others = [column for column in figure.columns if column not in of]
    table = _grid(figure.title, *(column.label for column in others))
    for row in rows[:_MOST_ROWS]:
        texts = [(unit_text(column.unit, row[column.key], column.signed), column.signed) for column in others]
        table.add_row(
            " ".join(row[column.key] for column in of), *(_coloured(text) if signed else text for text, signed in texts)
        )
    if len(rows) > _MOST_ROWS:
        table.add_row(f"and {len(rows) - _MOST_ROWS:,} more")
    return table


def _breakdown(rows: Sequence[Mapping[str, Any]], by: Iterable[str], console: Console) -> Iterator[RenderableType]:
    _, _, *columns = FIGURES["breakdown"].columns
    for word in by:
        parts, count = parts_by(rows, word), len(columns)
        table = _parts_table(word, parts, columns)
        whole = console.options.update(max_width=_WIDEST)
        while count > 1 and console.measure(table, options=whole).maximum > console.width:
            count -= 1
            table = _parts_table(word, parts, columns[:count])
        yield Text()
        yield table if parts else Text(f"By {PARTS[word]}: no trades")


def _parts_table(word: str, parts: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> Table:
    table = _grid(f"By {PARTS[word]}", *(column.label for column in columns))
    for part in parts:
        # a result of an earlier version has not all of them
        texts = (unit_text(each.unit, part.get(each.key), each.signed) for each in columns)
        table.add_row(part["part"], *texts)
    return table


def _bullets(lines: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1))
    for line in lines:
        table.add_row("  -", Text(line))
    return table


def _grid(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), collapse_padding=True, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _coloured(value: str) -> Text:
    colours = {"+": "green", "-": "red"} if value != NONE else {}
    return Text(value, style=colours.get(value[:1], ""))
