"""The columns that the list of results can have, and be sorted by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from engine.result import FIGURES, Column, Unit

from ..results import FIGURE_COLUMNS, LISTED

#: In front of the name of a parameter of the program.
PARAMETER = "params."

COLUMNS = (
    Column("id", "Id", Unit.COUNT),
    Column("state", "Status", words="states"),
    Column("label", "Name", wraps=True),
    *(Column(name, FIGURES[name].title, FIGURES[name].unit, FIGURES[name].sign > 0) for name in FIGURE_COLUMNS),
    Column("program", "Program", wraps=True),
    Column("symbols", "Symbols", wraps=True),
    Column("start_time", "From", Unit.MOMENT),
    Column("end_time", "To", Unit.MOMENT),
    Column("created_at", "Started", Unit.MOMENT),
    Column("tags", "Tags", wraps=True),
    Column("exchange", "Exchange"),
    Column("took_ms", "Duration", Unit.DURATION),
    Column("schedule", "Schedule"),
    Column("starred", "Star", Unit.FLAG),
    Column("error", "Error", wraps=True),
    Column("note", "Note", wraps=True),
)
#: Those that it has where nobody has chosen others.
SHOWN = ("id", "state", "label", *LISTED, "program", "symbols", "start_time", "end_time", "created_at", "tags")

NAMES = tuple(column.key for column in COLUMNS)
#: What can be compared with numbers, by what people may call it: by its name, or by its title with its unit.
COMPARED = {
    **{
        f"{FIGURES[name].title.partition(',')[0].lower().replace(' ', '_')}"
        + ("_percent" if FIGURES[name].unit is Unit.PERCENT else ""): name
        for name in FIGURE_COLUMNS
    },
    **{name: name for name in (*FIGURE_COLUMNS, "took_ms")},
}


def columns_told() -> list[dict[str, Any]]:
    """Return the columns as plain values."""
    return [
        {**asdict(column), "is_shown": column.key in SHOWN, "is_compared": column.key in COMPARED} for column in COLUMNS
    ]


def is_column(name: str) -> bool:
    """Tell whether there is such a column."""
    return name in NAMES or name.startswith(PARAMETER)


def value_of(item: dict[str, Any], name: str) -> Any:
    """Return what stands in a column of an item."""
    return item["parameters"].get(name.removeprefix(PARAMETER)) if name.startswith(PARAMETER) else item[name]


def in_order(items: Iterable[dict[str, Any]], name: str, descending: bool) -> list[dict[str, Any]]:
    """Return items in the order of a column: those without a value come last, texts after numbers; of equal ones the
    order stays.
    """
    valued, others = [], []
    for item in items:
        key = _key(value_of(item, name))
        if key is None:
            others.append(item)
        else:
            valued.append((key, item))
    valued.sort(key=lambda pair: pair[0], reverse=descending)
    return [*(item for _, item in valued), *others]


def _key(value: Any) -> tuple[int, float, str] | None:
    if value is None or value in ("", [], ()):
        return None
    if isinstance(value, (bool, int, float)):
        return 0, float(value), ""
    return 1, 0.0, (", ".join(map(str, value)) if isinstance(value, list) else str(value)).casefold()
