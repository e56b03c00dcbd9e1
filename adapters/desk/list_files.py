"""The list of results, and some side by side, as CSV to take along."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.result import FIGURES, Unit

from .desk_columns import COLUMNS, PARAMETER, value_of

_MOMENTS = {each.key for each in COLUMNS if each.unit is Unit.MOMENT}
#: What makes a spreadsheet take a text as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: What a comparison says of each result before its parameters and figures.
_HEADS = ("label", "program", "exchange", "symbols", "schedule", "start_time", "end_time")


def items_csv(items: Iterable[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Return items of the list, one a row, with some columns under their names: times as ISO text (UTC), lists with
    "; " between their parts, empty where there is nothing.
    """
    return _csv([names, *([_cell(name, value_of(dict(item), name)) for name in names] for item in items)])


def comparison_csv(items: Sequence[Mapping[str, Any]], figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a comparison, a column for each result: what it is, its parameters, and all figures, each a row."""
    parameters = dict.fromkeys(f"{PARAMETER}{name}" for item in items for name in item["parameters"])
    heads = ([name, *(_cell(name, value_of(dict(item), name)) for item in items)] for name in (*_HEADS, *parameters))
    rows = ([name, *(_figure(name, value) for value in found["values"])] for name, found in figures.items())
    return _csv([["id", *(item["id"] for item in items)], *heads, *rows])


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_no_formula, row) for row in rows)
    return text.getvalue()


def _no_formula(cell: Any) -> Any:
    """Return a cell that a spreadsheet takes as text: a name or a note may look like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _iso(time_ms: int) -> str:
    return str(np.datetime_as_string(np.datetime64(time_ms, "ms"), unit="s", timezone="UTC"))


def _figure(name: str, value: Any) -> Any:
    return _iso(value) if FIGURES[name].unit is Unit.MOMENT and value else value


def _cell(name: str, value: Any) -> Any:
    if name in _MOMENTS and value is not None:
        return _iso(value)
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
