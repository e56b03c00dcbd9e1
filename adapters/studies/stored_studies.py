"""Stored studies: the list, one of them with its trials; what they are called, and that they are no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from engine import DataError
from engine.result import FIGURES

from ..database import STUDY_TABLES, Database, perp_studies, perp_trial_results, perp_trials, stored_json
from ..results import Runner
from .metric import Metric
from .study import Study, StudyTrial, compounded_percent
from .study_plan import stored_study
from .trial_rows import LISTED_FIGURES, json_text, trial_of_row

#: What a list tells of a study, beside the values of its best trial.
LISTED = (
    "id", "kind", "status", "label", "program", "symbols", "exchange", "start_time", "end_time", "metric", "planned",
    "done", "failed", "best_number", "best_value", "duration_s", "created_at",
)  # fmt: skip
#: What a list tells of a trial: `trial` are its values as JSON.
TRIAL_COLUMNS = ("number", "state", "trial", "metric", *LISTED_FIGURES, "duration_ms", "digest", "error")


class UnknownStudy(DataError, KeyError):
    """There is no such study; its text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


def is_running(row: Mapping[Any, Any]) -> bool:
    """Tell whether a process still runs a study, as far as can be told from here."""
    if row["status"] != "running":
        return False
    runner = Runner.parse(row["error_message"])
    return runner is not None and not runner.is_gone()


def status_of(row: Mapping[Any, Any]) -> str:
    """Return how a study ended; one whose process ended before it was interrupted."""
    return "interrupted" if row["status"] == "running" and not is_running(row) else str(row["status"])


def study_row(database: Database, connection: Connection, study_id: int) -> Mapping[Any, Any]:
    """Return the row of a study; `UnknownStudy` for an unknown id."""
    database.require_table(connection, perp_studies)
    c = perp_studies.c
    row = connection.execute(select(perp_studies).where(c.id == study_id)).mappings().first()
    if row is None:
        first, last = connection.execute(select(func.min(c.id), func.max(c.id))).one()
        there = "there is none yet" if first is None else f"stored: {first} to {last}"
        raise UnknownStudy(f"{database.name} has no study {study_id}; {there}")
    return row


def count_studies(database: Database, kind: str | None = None) -> int:
    """Return how many studies are stored, all or those of a kind; 0 where none ever was."""
    found = select(func.count()).select_from(perp_studies)
    with database.reading() as connection:
        if not database.has_table(connection, perp_studies):
            return 0
        return connection.execute(found if kind is None else found.where(perp_studies.c.kind == kind)).scalar_one()


def list_studies(
    database: Database, most: int | None = None, *, offset: int = 0, kind: str | None = None
) -> list[dict[str, Any]]:
    """Return stored studies as plain values, the newest first, without the `offset` newest, all or those of a kind:
    `LISTED`, and `best`, the values of the best trial; of a walk-forward, which has none, `tests` is how many there are
    and `tests_return_percent` what these came to.
    """
    c = perp_studies.c
    found = select(*(c[name] for name in LISTED), c.error_message, perp_trials.c.trial)
    best = (perp_trials.c.study_id == c.id) & (perp_trials.c.number == c.best_number)
    statement = found.outerjoin_from(perp_studies, perp_trials, best).order_by(c.id.desc()).limit(most)
    statement = statement.offset(offset) if kind is None else statement.where(c.kind == kind).offset(offset)
    with database.reading() as connection:
        database.require_table(connection, perp_studies)
        rows = [_told(row) for row in connection.execute(statement).mappings()]
        for row in rows:
            row |= _tests_of(connection, row)
        return rows


def _is_test() -> ColumnElement[bool]:
    """Return the condition that a trial is a test of a walk-forward: its notes say so."""
    return perp_trials.c.notes.contains(json_text({"run": "test"})[1:-1], autoescape=True)


def _tests_of(connection: Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many tests a walk-forward has, and what they came to; None and None of another study."""
    if row["kind"] != "walk-forward":
        return {"tests": None, "tests_return_percent": None}
    c = perp_trials.c
    found = select(c.total_pnl_percent).where(c.study_id == row["id"], _is_test()).order_by(c.number)
    returns = connection.execute(found).scalars().all()
    return {"tests": len(returns), "tests_return_percent": compounded_percent(returns)}


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in LISTED},
        "status": status_of(row),
        "error": None if row["status"] == "running" else row["error_message"],
        "best": trial_values(row["trial"]),
    }


def trial_values(stored: str | None) -> dict[str, Any]:
    """Return the values of a trial from the JSON that its row has."""
    entry = stored_json(stored) or {"fields": {}, "params": {}}
    return {**entry["params"], **entry["fields"]}


def read_study(database: Database, study_id: int) -> tuple[Study, dict[str, Any]]:
    """Return a stored study with all its trials, and its plan; `UnknownStudy` for an unknown id."""
    with database.reading() as connection:
        row = study_row(database, connection, study_id)
        study, plan = _bare(row)
        found = select(perp_trials).where(perp_trials.c.study_id == study_id).order_by(perp_trials.c.number)
        for each in connection.execute(found).mappings():
            done = trial_of_row(each)
            study.trials[done.number] = done
    return study, plan


def read_trials(database: Database, study_id: int, numbers: Sequence[int]) -> list[StudyTrial]:
    """Return some trials of a study, in the order of the numbers that are given."""
    c = perp_trials.c
    with database.reading() as connection:
        found = select(perp_trials).where(c.study_id == study_id, c.number.in_(numbers))
        trials = {each["number"]: trial_of_row(each) for each in connection.execute(found).mappings()}
    return [trials[number] for number in numbers]


def failures(database: Database, study_id: int) -> list[tuple[str, int]]:
    """Return the errors of the trials of a study with how often each came, the most frequent first."""
    c = perp_trials.c
    found = select(c.error, func.count()).where(c.study_id == study_id, c.error.is_not(None)).group_by(c.error)
    with database.reading() as connection:
        counted = [(error, count) for error, count in connection.execute(found)]
    return sorted(counted, key=lambda each: (-each[1], each[0]))


def read_head(database: Database, study_id: int) -> tuple[Study, dict[str, Any]]:
    """Return a stored study without its trials, and what a list tells of it."""
    with database.reading() as connection:
        row = study_row(database, connection, study_id)
        study, _ = _bare(row)
        c = perp_trials.c
        best = select(c.trial).where(c.study_id == study_id, c.number == row["best_number"])
        head = _told({**row, "trial": connection.execute(best).scalar()})
        return study, {**head, **_tests_of(connection, head)}


def _bare(row: Mapping[Any, Any]) -> tuple[Study, dict[str, Any]]:
    plan = stored_json(row["plan"])
    study = stored_study(row["kind"], stored_json(row["config"]), plan, row["planned"])
    study.status, study.study_id, study.label = status_of(row), row["id"], row["label"]
    study.duration_s = row["duration_s"]
    return study, plan


def list_trials(
    database: Database,
    study_id: int,
    metric: Metric | None = None,
    most: int | None = None,
    *,
    tests_only: bool = False,
) -> list[dict[str, Any]]:
    """Return what lists tell of the trials of a study, in order of their numbers, or the best by a metric first: those
    of which it is not defined, and those that failed, come last. `tests_only` are the tests of a walk-forward.
    """
    c = perp_trials.c
    columns = [c[name] for name in TRIAL_COLUMNS]
    found = select(*columns).where(c.study_id == study_id, *([_is_test()] if tests_only else []))
    with database.reading() as connection:
        row = study_row(database, connection, study_id)
        if metric is None:
            return _rows(connection, found.order_by(c.number).limit(most))
        column = next((each for each in _columns_of(row, metric)), None)
        if column is None:
            rows = _rows(connection, found.add_columns(c.figures))
            return _ranked(rows, metric)[:most]
        by = column.asc() if metric.is_least else column.desc()
        return _rows(connection, found.order_by(c.state != "done", column.is_(None), by, c.number).limit(most))


def _columns_of(row: Mapping[Any, Any], metric: Metric) -> list[Any]:
    """Return the columns that hold a metric."""
    names = [name for name in LISTED_FIGURES if name == metric.name]
    return [perp_trials.c[name] for name in ([*names, "metric"] if row["metric"] == metric.name else names)]


def _rows(connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _ranked(rows: list[dict[str, Any]], metric: Metric) -> list[dict[str, Any]]:
    names = [name for name in (metric.name, FIGURES[metric.name].of) if name]

    def key(row: Mapping[str, Any]) -> tuple[bool, float, int]:
        return row["state"] != "done", -metric.rank(_numbers_in(row["figures"], names)), row["number"]

    return sorted(rows, key=key)


def _numbers_in(stored: str, names: Iterable[str]) -> dict[str, float | None]:
    """Return some numbers of stored figures, None for one that is not there. Their JSON is searched: to read all of it
    for ten thousand trials takes long. In a text of it each quote stands behind a backslash, so a name is never one.
    """
    found = {name: re.search(f'"{name}":([^,}}]*)', stored) for name in names}
    return {name: None if match is None else float(match[1]) for name, match in found.items()}


def rename_study(database: Database, study_id: int, label: str | None) -> None:
    """Give a stored study a label, or none; `UnknownStudy` for an unknown id."""
    with database.writing() as connection:
        study_row(database, connection, study_id)
        connection.execute(update(perp_studies).where(perp_studies.c.id == study_id).values(label=label))


def delete_studies(database: Database, study_ids: Sequence[int]) -> None:
    """Delete stored studies with their trials, in one transaction. Raises `DataError`, and deletes none, for an unknown
    id and for one that is still being run.
    """
    with database.writing() as connection:
        for study_id in study_ids:
            row = study_row(database, connection, study_id)
            if is_running(row):
                runner = Runner.parse(row["error_message"])
                assert runner is not None
                raise DataError(
                    f"{database.name}: study {study_id} is still being run by process {runner.pid} on {runner.host}; "
                    "end that first, then delete it"
                )
        if database.has_table(connection, perp_trial_results):
            connection.execute(delete(perp_trial_results).where(perp_trial_results.c.study_id.in_(study_ids)))
        for table in reversed(STUDY_TABLES):
            key = table.c.id if table is perp_studies else table.c.study_id
            connection.execute(delete(table).where(key.in_(study_ids)))
