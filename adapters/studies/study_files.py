"""Studies in files: JSON, and a CSV file of trials. Each appears complete."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.plain_values import plain

from ..output import atomic_file
from ..results import write_json_entry
from ..trials import KEPT_FIGURES
from .study import Study, StudyTrial

#: What is told of a trial beside its values and figures, by the names of columns.
OUTCOMES = ("state", "error", "digest", "duration_ms")


def write_study_json(study: Study, path: str | Path) -> None:
    """Write a study as strict JSON: what it is about, and its trials with all figures and their daily equity."""
    best = study.best
    entry = {
        "study_id": study.study_id,
        "kind": study.kind,
        "label": study.label,
        "status": study.status,
        "planned": study.planned,
        "duration_s": study.duration_s,
        "config": study.config,
        "parameters": [asdict(each) for each in study.parameters],
        "metrics": [asdict(each) for each in study.metrics],
        "best": None if best is None else best.number,
        "trials": [_entry(each) for each in study],
    }
    write_json_entry(plain(entry), path)


def _entry(done: StudyTrial) -> dict[str, Any]:
    outcome = done.outcome
    return {
        "number": done.number,
        "fields": done.trial.fields,
        "params": done.trial.params,
        "state": done.state,
        "error": outcome.error,
        "digest": outcome.digest,
        "duration_ms": outcome.duration_ms,
        "notes": done.notes,
        "figures": outcome.figures,
        "daily_ms": outcome.daily_ms,
        "daily_equity": outcome.daily_equity,
    }


def write_trials_csv(study: Study, path: str | Path, trials: Iterable[StudyTrial] | None = None) -> None:
    """Write the trials of a study, or some of them, one a row: number, values, state, error, digest, duration and all
    figures; moments in epoch ms, empty where there is none.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = value_columns(study)
    names = [*columns.values()]
    figures = [name for name in KEPT_FIGURES if name != "error" and name not in columns]
    writer.writerow(["number", *columns, *OUTCOMES, *figures])
    writer.writerows(_cells(each, names, figures) for each in (study if trials is None else trials))
    with atomic_file(path) as file:
        file.write(text.getvalue().encode(errors="backslashreplace"))


def value_columns(study: Study) -> dict[str, str]:
    """Return the names of the columns that hold what was varied, and what each holds: ``params.NAME`` for a parameter
    of the program that has the name of another column.
    """
    others = {"number", *OUTCOMES, *KEPT_FIGURES}
    return {
        f"params.{each.name}" if each.name in others and not each.is_field else each.name: each.name
        for each in study.parameters
    }


def _cells(done: StudyTrial, names: list[str], figures: list[str]) -> Iterator[Any]:
    values, outcome = done.values, done.outcome
    yield done.number
    yield from (_cell(values.get(name)) for name in names)
    yield from (done.state, outcome.error, outcome.digest, outcome.duration_ms)
    yield from (outcome.figures.get(name) for name in figures)


def _cell(value: Any) -> Any:
    return json.dumps(plain(value)) if isinstance(value, (list, tuple, dict)) else value


def write_equity_frame(study: Study, path: str | Path) -> None:
    """Write the daily equity of a study in USD: a time a row, and a column for each trial with a result."""
    text = study.equity.to_csv(date_format="%Y-%m-%dT%H:%M:%SZ", lineterminator="\n")
    with atomic_file(path) as file:
        file.write(text.encode())
