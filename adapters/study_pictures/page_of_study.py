"""The page of a study: one file with its pictures and all its trials, which needs neither a server nor a network."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.config import SETTINGS
from engine.instants import utc_text
from engine.market.series import FloatColumn
from engine.plain_values import plain, plain_text

from ..report import FramedPage, bundled, deflated_json, file_page
from .page_pictures import drawn_pictures
from .parallel_lines import parallel_axes
from .shapes import Shades, brief
from .study_description import MeaningRow, StudyDescription
from .trial_table import Places, TrialTable, value_text

_STATIC = Path(__file__).with_name("static")
#: So many colours the lines of trials have, and so many numbers of failed trials are listed each.
_COLOURS, _MOST_NUMBERS = 33, 20


def study_page(study: StudyDescription) -> FramedPage:
    """Return the page of a study: the last expression of a notebook's cell shows it, `.save(path)` writes it, `.open()`
    shows it in the browser.
    """
    return FramedPage(study.title, partial(_html, study))


def _html(study: StudyDescription) -> str:
    table = study.table if study.table is not None and len(study.table) else None
    blocks = {"study": deflated_json(_described(study, table)), "pictures": deflated_json(drawn_pictures(study))}
    if table is not None:
        blocks["trials"] = deflated_json(_trials(table))
    script, style = bundled("study.js", _STATIC), (_STATIC / "study.css").read_text("utf-8")
    return file_page(study.title, blocks, ["Written by perpsim."], script, style=style)


def _described(study: StudyDescription, table: TrialTable | None) -> dict[str, Any]:
    given = {name: value for name, value in study.configuration.items() if value is not None}
    program = given.pop("code", "")
    rows = [*([] if study.table is None else _figures(study.table, study.planned)), *study.figures]
    return {
        "title": study.title,
        "lines": list(study.lines),
        "warnings": list(study.warnings),
        "tiles": _rows(rows),
        "statistics": _rows(study.statistics),
        "tables": [each._asdict() for each in study.tables],
        "has_trials": table is not None,
        "failures": [] if table is None else _failures(table),
        "configuration": [_field(name, value) for name, value in given.items()],
        "program": program,
    }


def _field(name: str, value: Any) -> tuple[str, Any]:
    """Return a field of the configuration as it is called, and its value; times as UTC."""
    setting = SETTINGS.get(name)
    if setting is None:
        return name, plain(value)
    is_time = setting.kind == "time" and isinstance(value, int)
    label = f"{setting.label}, {setting.unit}" if setting.unit else setting.label
    return label, utc_text(value) if is_time else plain(value)


def _rows(rows: Sequence[MeaningRow]) -> list[dict[str, str]]:
    return [{"label": row.label, "shown": row.value, "meaning": row.meaning} for row in rows]


def _figures(table: TrialTable, planned: int | None) -> list[MeaningRow]:
    many = f"{len(table):,}" + (f" of {planned:,}" if planned is not None and planned != len(table) else "")
    rows = [
        MeaningRow("Trials", many, "How many trials are done"),
        MeaningRow("Failed", f"{table.failed:,}", "Trials that ended with an error"),
    ]
    undefined = len(table) - table.failed - int(np.isfinite(table.metric_values).sum())
    if undefined > 0:
        meaning = f"Trials whose result has no {table.label}, or which do not count: pruned, or outside a constraint"
        rows.append(MeaningRow("Without the metric", f"{undefined:,}", meaning))
    if table.best is None:
        return [*rows, MeaningRow(f"Best {table.label}", "-", "It is defined for no trial")]
    known = table.metric_values[np.isfinite(table.metric_values)]
    number = table.numbers[table.best]
    best = brief(float(table.metric_values[table.best]))
    rows.append(MeaningRow(f"Best {table.label}", best, f"Of trial {number}: {table.described(table.best)}"))
    rows.append(MeaningRow(f"Median {table.label}", brief(float(np.median(known))), "Half of the trials are better"))
    rows += [
        MeaningRow(each.name, value_text(each.values[table.best]), "Of the best trial") for each in table.parameters
    ]
    return rows


def _failures(table: TrialTable) -> list[dict[str, Any]]:
    by_error: dict[str, list[int]] = defaultdict(list)
    for number, error in zip(table.numbers, table.errors, strict=True):
        if error is not None:
            by_error[error].append(number)
    return [
        {
            "error": error,
            "trials": len(numbers),
            "numbers": ", ".join(map(str, numbers[:_MOST_NUMBERS])) + ", ..." * (len(numbers) > _MOST_NUMBERS),
        }
        for error, numbers in sorted(by_error.items(), key=lambda item: (-len(item[1]), item[1]))
    ]


def _trials(table: TrialTable) -> dict[str, Any]:
    """Return the trials as columns; all is by the place of a trial, from 0."""
    columns = [_column("#", True, table.numbers)]
    columns += [_column(each.name, each.is_number, each.values) for each in table.parameters]
    columns.append(_column(table.label, True, table.metric_values.tolist()))
    columns += [_column(label, True, values) for label, values in table.figures.items()]
    if len(set(table.states)) > 1:
        columns.append(_column("State", False, table.states))
    if table.failed:
        columns.append(_column("Error", False, table.errors))
    known = np.flatnonzero(np.isfinite(table.metric_values))
    order = known[np.lexsort((-known, table.ranks[known]))]
    others = np.flatnonzero(~np.isfinite(table.metric_values)).tolist()
    return {
        "columns": columns,
        "ranked": [*order[::-1].tolist(), *others],
        "parallel": _parallel(table, order) if table.parameters and len(order) else None,
    }


def _column(title: str, is_number: bool, values: Sequence[Any]) -> dict[str, Any]:
    shown = [_cell(value, is_number) for value in values]
    return {"title": title, "is_number": is_number, "values": shown}


def _cell(value: Any, is_number: bool) -> Any:
    if value is None:
        return None
    if not is_number:
        return plain_text(value_text(value))
    return None if isinstance(value, float) and not math.isfinite(value) else plain(value)


def _parallel(table: TrialTable, order: Places) -> dict[str, Any]:
    shades = Shades.of(table.metric_values, table.is_least)
    shares = np.nan_to_num(shades.shares(table.metric_values), nan=0.0)
    return {
        "axes": [
            {"name": axis.name, "shares": _rounded(axis.shares), "marks": axis.marks} for axis in parallel_axes(table)
        ],
        "order": order.tolist(),
        "colour": np.rint(shares * (_COLOURS - 1)).astype(int).tolist(),
        "colours": shades.line_palette(_COLOURS),
    }


def _rounded(shares: FloatColumn) -> list[float | None]:
    return [round(share, 4) if math.isfinite(share) else None for share in shares.tolist()]
