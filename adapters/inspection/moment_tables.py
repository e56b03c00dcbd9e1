"""What a program would have seen, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from engine import utc_text

NOTHING = "-"


def look_tables(entry: Mapping[str, Any]) -> RenderableType:
    """Return one table for the instant and one for each period that was looked at."""
    periods = [name for name, value in entry.items() if isinstance(value, dict) and "flow" in value]
    title = f"{entry['symbol']} as known at {utc_text(entry['t'])} ({entry['t']})"
    return Group(
        _table(title, [("price", _text(entry["price"])), *_pairs(entry["market"], skip=("symbol", "price"))]),
        *(_period_table(period, entry[period]) for period in periods),
    )


def _period_table(period: str, answers: Mapping[str, Any]) -> Table:
    rows = [
        *((f"flow {name}", _line(values)) for name, values in answers["flow"].items()),
        *((name, _line(values)) for name, values in answers["indicator"].items()),
        ("regime", _line(answers["regime"])),
        ("price change", _line(answers["change"])),
        *(
            (f"kline {utc_text(each['timestamp'] * 1000)[:-7]}", _line(each, ("timestamp",)))
            for each in answers["klines"]
        ),
    ]
    return _table(f"Period {period}", rows)


def _table(title: str, rows: list[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", box=box.HORIZONTALS, show_header=False, min_width=72)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return table


def _pairs(values: Mapping[str, Any], skip: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((name, _text(value)) for name, value in values.items() if name not in skip)


def _line(values: Mapping[str, Any], skip: tuple[str, ...] = ("period",)) -> str:
    return "  ".join(f"{name} {_text(value)}" for name, value in values.items() if name not in skip) or NOTHING


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_text(each) for each in value) + "]"
    if isinstance(value, Mapping):
        return "{" + _line(value) + "}"
    return str(value)
