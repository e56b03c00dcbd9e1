"""Reads stored studies for the page."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from threading import Lock
from typing import Any

from sqlalchemy import Select, Table, select

from engine import BacktestConfig, ConfigurationError, DataError
from engine.instants import instant_ms
from engine.plain_values import plain
from engine.result import FIGURES

from ...database import Database, backtest_details, backtest_results, perp_studies, stored_json
from ...results import RunStatus, epoch_ms
from ...studies import (
    Study,
    StudyTrial,
    UnknownStudy,
    count_studies,
    figure_value,
    list_studies,
    pictured_table,
    quick_selection,
    read_head,
    read_study,
    remarks_on,
    results_of_trials,
    selection_rows,
    trial_of_result,
    values_text,
)
from ...study_pictures import CellAxis, Of, TrialTable, cell_axis, grid_of_cells
from ...trials import KEPT_FIGURES, Job
from ...walking import joined_days, stored_windows, walk_figures
from ..forms import KINDS, asked_again, stored_config
from ..safety import Refused

#: The trials of so many studies are kept: some MB each, where they are many.
_MOST_KEPT = 3
#: So many stored runs are looked at for one that tells how long a run takes.
_MOST_LOOKED_AT = 50
#: How a study has ended that is not whole.
_ENDED_EARLY = ("interrupted", "error")
_TIMES = ("start_time", "end_time", "created_at")

Read = tuple[Study, dict[str, Any]]


class StudyReader:
    """Reads stored studies; the trials of the last few are kept, as long as no more are stored of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[int, int, str, Any], Read] = OrderedDict()
        self._lock = Lock()

    def page(self, offset: int, limit: int, kind: str | None) -> dict[str, Any]:
        """Return one page of the stored studies, newest first, and how many there are."""
        total = count_studies(self._database, kind)
        rows = list_studies(self._database, limit, offset=offset, kind=kind) if total else []
        return {"total": total, "offset": offset, "items": [_item(each) for each in rows]}

    def head(self, study_id: int) -> tuple[Study, dict[str, Any]]:
        """Return a study without its trials, and what a list tells of it; refuses an unknown id."""
        try:
            if count_studies(self._database):
                study, row = read_head(self._database, study_id)
                return study, _item(row)
        except UnknownStudy:
            pass
        raise Refused(404, f"there is no study {study_id}")

    def summary(self, study_id: int) -> dict[str, Any]:
        """Return everything of a study but its trials."""
        study, item = self.head(study_id)
        results = results_of_trials(self._database, study_id)
        return {
            **item,
            "config": plain(dict(study.config)),
            "parameters": [
                {"name": each.name, "is_field": each.is_field, "values": plain(each.values)}
                for each in study.parameters
            ],
            "metrics": [asdict(each) for each in study.metrics],
            "result": results.get(0) if study.kind == "certificate" else None,
            "can_go_on": item["status"] in _ENDED_EARLY and study.kind in KINDS,
        }

    def read(self, study_id: int) -> Read:
        """Return a study with its trials, and its plan."""
        _, item = self.head(study_id)
        key = study_id, item["done"], item["status"], item["created_at"]
        with self._lock:  # who asks for the same waits for the same reading
            if key not in self._kept:
                self._kept[key] = read_study(self._database, study_id)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def trials(
        self, study_id: int, offset: int, limit: int, sort: str, descending: bool, state: str | None, text: str | None
    ) -> dict[str, Any]:
        """Return one page of the trials, sorted by a figure, a parameter or what else a trial has."""
        study, _ = self.read(study_id)
        found = [each for each in study if state in (None, each.state)]
        if text is not None:
            found = [each for each in found if text.lower() in values_text(each.values).lower()]
        value = _sorted_by(study, sort)
        known = sorted((each for each in found if value(each) is not None), key=value, reverse=descending)
        ordered = [*known, *(each for each in found if value(each) is None)]
        shown = ordered[offset : offset + limit]
        results = self._results(study_id, shown)
        items = [{**trial_entry(each), "result": results.get(each.number)} for each in shown]
        return {"total": len(ordered), "all": len(study), "offset": offset, "items": items}

    def trial(self, study_id: int, number: int) -> StudyTrial:
        """Return a trial; refuses one that is not there."""
        study, _ = self.read(study_id)
        if number not in study.trials:
            raise Refused(404, f"study {study_id} has no trial {number}: it has {len(study):,} trials")
        return study.trials[number]

    def grid(self, study_id: int, x: str, y: str | None, figure: str | None, of: Of) -> dict[str, Any]:
        """Return a figure over two parameters, or with no `y` over one: a row for each place of y."""
        study, _ = self.read(study_id)
        try:
            table = pictured_table(study, figure)
            return _line(table, x) if y is None else _cells(table, x, y, of)
        except (DataError, ValueError) as error:
            raise Refused(422, str(error)) from error

    def walk(self, study_id: int) -> dict[str, Any]:
        """Return the windows of a walk-forward, and the curve of all tests."""
        study, plan = self.read(study_id)
        if not study.is_walk:
            raise Refused(409, f"study {study_id} is no walk-forward: it has no windows")
        windows = stored_windows(study, plan)
        times, equity = joined_days(windows, float(study.config["initial_balance"]))
        rows = [{**each.row(), "is_tested": each.tested is not None} for each in windows]
        for row in rows:
            del row["missing_klines"]  # that is not stored
        return {
            "windows": _finite(rows),
            "figures": {**walk_figures(windows), "tests_return_percent": study.tests_return_percent},
            "account": plan["of_kind"].get("account"),
            "timestamp": times,
            "equity": equity,
        }

    def judgement(self, study_id: int) -> dict[str, Any]:
        """Return whether the best trial is more than luck, remarks, and the card of a study that is one."""
        study, _ = self.read(study_id)
        report, text = (None, "") if study.is_proof else quick_selection(study)
        first = study.trials.get(0)
        return {
            "verdict": text,
            "rows": [] if report is None else [each._asdict() for each in selection_rows(report)],
            "remarks": remarks_on(study),
            "card": _finite(first.notes.get("card")) if first is not None else None,
        }

    def config_of(self, study_id: int, number: int) -> BacktestConfig:
        """Return the configuration of a trial, to be run again; refuses where its program is not stored."""
        trial = self.trial(study_id, number).trial
        study, plan = self.read(study_id)
        try:
            config = Job(stored_config(study, plan), {}, programs=plan.get("programs", {})).config_of(trial)
        except (ConfigurationError, KeyError) as error:
            raise Refused(409, f"trial {number} cannot be run again: {error}") from error
        if config.code is None:
            raise Refused(409, f"trial {number} is of a program whose source text is not stored")
        return config

    def require_unfinished(self, study_id: int) -> None:
        """Refuse a study that cannot be gone on with: one that is complete or under way, or of which what ran is not
        stored.
        """
        _, item = self.head(study_id)
        if item["status"] not in _ENDED_EARLY:
            raise Refused(409, f"study {study_id} is {item['status']}: there is nothing to go on with")
        try:
            asked_again(*self.read(study_id)).planned()
        except ConfigurationError as error:
            raise Refused(409, f"study {study_id} cannot be gone on with: {'; '.join(error.problems)}") from error

    def result_of(self, study_id: int, number: int) -> int | None:
        """Return the id of the stored result of a trial; None where there is none that is worth looking at."""
        found = self._results(study_id, [self.trial(study_id, number)]).get(number)
        return None if found is None or found["status"] == RunStatus.FAILED else int(found["id"])

    def of_result(self, run_id: int) -> dict[str, Any] | None:
        """Return of which study a stored result is a trial, and whether it came to the same; None where of none."""
        found = trial_of_result(self._database, run_id)
        if found is None:
            return None
        study_id, number = found
        try:
            trial = self.trial(study_id, number)
        except Refused:  # the study was deleted
            return None
        entry = self._results(study_id, [trial]).get(number) or {}
        return {"id": study_id, "number": number, "is_same": entry.get("is_same")}

    def measured(self, config: BacktestConfig) -> tuple[str, float] | None:
        """Return by what a run of a configuration is measured, and about how many seconds it takes: the newest sweep
        or search, or else the newest back-test, of the same program on the same symbols; None where there is none.
        """
        return self._measured_study(config) or self._measured_result(config)

    def _measured_study(self, config: BacktestConfig) -> tuple[str, float] | None:
        s, is_grid = perp_studies.c, perp_studies.c.kind.in_(("sweep", "search"))
        newest = select(s.id, s.config, (s.duration_s / s.done).label("took"))
        newest = newest.where(is_grid, s.done > 0).order_by(s.id.desc()).limit(_MOST_LOOKED_AT)
        found = self._first_alike(perp_studies, newest, config)
        if found is None:
            return None
        study_id, share, took_s = found
        return f"study {study_id}", took_s * share

    def _measured_result(self, config: BacktestConfig) -> tuple[str, float] | None:
        r, d = backtest_results.c, backtest_details.c
        newest = select(r.id, r.config, r.id.label("again")).where(r.status == RunStatus.COMPLETED)
        found = self._first_alike(backtest_results, newest.order_by(r.id.desc()).limit(_MOST_LOOKED_AT), config)
        if found is None:
            return None
        run_id, share, _ = found
        with self._database.reading() as connection:
            there = self._database.has_table(connection, backtest_details)
            text = connection.execute(select(d.result).where(d.backtest_id == run_id)).scalar() if there else None
        took_ms = (stored_json(text) or {}).get("execution_time_ms")
        return None if took_ms is None else (f"back-test {run_id}", took_ms / 1_000.0 * share)

    def _first_alike(
        self, table: Table, newest: Select[Any], config: BacktestConfig
    ) -> tuple[int, float, float] | None:
        """Return of the rows (id, configuration, measure) the first one of the same program on the same symbols: its
        id, how much longer the range of `config` is, and its measure.
        """
        with self._database.reading() as connection:
            rows = connection.execute(newest).all() if self._database.has_table(connection, table) else []
        for key, text, measure in rows:
            stored = stored_json(text) or {}
            if _is_alike(stored, config):
                span = instant_ms(stored["end_time"]) - instant_ms(stored["start_time"])
                return key, (config.end_ms - config.start_ms) / span, measure
        return None

    def _results(self, study_id: int, trials: Sequence[StudyTrial]) -> dict[int, dict[str, Any]]:
        """Return the stored results of some trials by their numbers, and whether each came to what the trial did."""
        known = results_of_trials(self._database, study_id)
        wanted = {known[each.number]: each for each in trials if each.number in known}
        if not wanted:
            return {}
        r, d = backtest_results.c, backtest_details.c
        found = select(r.id, r.status, d.result).outerjoin_from(
            backtest_results, backtest_details, d.backtest_id == r.id
        )
        with self._database.reading() as connection:
            rows = connection.execute(found.where(r.id.in_([*wanted]))).all()
        entries = {}
        for run_id, status, text in rows:
            trial = wanted[run_id]
            digest = (stored_json(text) or {}).get("digest")
            is_same = None if digest is None or trial.outcome.digest is None else digest == trial.outcome.digest
            entries[trial.number] = {"id": run_id, "status": status, "is_same": is_same}
        return entries


def trial_entry(each: StudyTrial) -> dict[str, Any]:
    """Return a trial as plain values."""
    figures = {
        name: figure_value(name, each.figures) if FIGURES[name].unit.is_number else each.figures[name]
        for name in KEPT_FIGURES
        if name in each.figures
    }
    return {
        "number": each.number,
        "state": each.state,
        "values": _finite(plain(each.values)),
        "figures": figures,
        "error": each.outcome.error,
        "duration_ms": each.outcome.duration_ms,
        "digest": each.outcome.digest,
        "notes": {name: value for name, value in _finite(plain(dict(each.notes))).items() if name != "card"},
    }


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    symbols = [each for each in (row["symbols"] or "").split(", ") if each]
    return {**_finite(dict(row)), **{name: epoch_ms(row[name]) for name in _TIMES}, "symbols": symbols}


def _sorted_by(study: Study, name: str) -> Callable[[StudyTrial], Any]:
    """Return what trials are sorted by; refuses a name that nothing of them has."""
    plain_ones: dict[str, Callable[[StudyTrial], Any]] = {
        "number": lambda each: each.number,
        "state": lambda each: each.state,
        "duration_ms": lambda each: each.outcome.duration_ms,
    }
    if name in plain_ones:
        return plain_ones[name]
    if any(name == each.name for each in study.parameters):
        return _value_of(study, name)
    if name in KEPT_FIGURES and FIGURES[name].unit.is_number:
        return lambda each: figure_value(name, each.figures)
    raise Refused(422, f"sort: {name} is neither a parameter of the study nor a figure that is a number")


def _value_of(study: Study, name: str) -> Callable[[StudyTrial], Any]:
    values = [each.values.get(name) for each in study]
    if all(type(each) in (int, float) for each in values if each is not None):
        return lambda each: each.values.get(name)
    return lambda each: str(each.values.get(name))


def _is_alike(stored: Mapping[str, Any], config: BacktestConfig) -> bool:
    given = config.to_dict()
    return all(stored.get(name) == given[name] for name in ("code", "symbols", "scheduled_interval"))


def _axis(axis: CellAxis) -> dict[str, Any]:
    return {"name": axis.name, "labels": list(axis.labels), "is_number": axis.is_number}


def _cells(table: TrialTable, x: str, y: str, of: Of) -> dict[str, Any]:
    cells = grid_of_cells(table, x, y, of)
    numbers = [[None if place < 0 else table.numbers[place] for place in row] for row in cells.shown.tolist()]
    best = cells.best
    return {
        **_of_table(table),
        "x": _axis(cells.x),
        "y": _axis(cells.y),
        "values": _finite(cells.values.tolist()),
        "numbers": numbers,
        "trials": cells.trials.tolist(),
        "failed": cells.failed.tolist(),
        "best": None if best is None else [int(each) for each in best],
    }


def _line(table: TrialTable, x: str) -> dict[str, Any]:
    """Return the best at each value of a parameter, as a grid of one row."""
    axis, places = cell_axis(table.parameter(x))
    values: list[float | None] = [None] * len(axis)
    numbers: list[int | None] = [None] * len(axis)
    trials, failed = [0] * len(axis), [0] * len(axis)
    for place, (column, value, error) in enumerate(
        zip(places.tolist(), table.metric_values.tolist(), table.errors, strict=True)
    ):
        trials[column] += 1
        failed[column] += error is not None
        before = values[column]
        if math.isfinite(value) and (before is None or (value < before if table.is_least else value > before)):
            values[column], numbers[column] = value, table.numbers[place]
    best = None if table.best is None else [0, int(places[table.best])]
    grid = {"values": [values], "numbers": [numbers], "trials": [trials], "failed": [failed], "best": best}
    return {**_of_table(table), "x": _axis(axis), "y": None, **grid}


def _of_table(table: TrialTable) -> dict[str, Any]:
    return {"figure": table.metric, "is_least": table.is_least}


def _finite(value: Any) -> Any:
    """Return plain values without numbers that JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, (list, tuple)) else value
